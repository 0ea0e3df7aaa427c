// Package draw is the draw of enterprises to check, 双随机 (objects), that
// anyone can repeat from published files. Before the seed is known the ordered
// roster with its exclusions and quotas is fixed and the digest of all this, the
// commitment, is published; the seed then comes from outside, such as dice, a
// published lottery number, or the contributions of several witnesses; both
// together decide who is drawn, and nobody else can.
//
// Legal frame: 国办发〔2015〕58号, 国发〔2019〕5号. The package reads and writes
// no file and knows no day; dossier keeps the public files. docs/draw.md is the
// whole procedure, from which a second program can be written.
//
// # Algorithm rongxin-draw-2
//
// All text is UTF-8 without control characters, so that 0x1f (US, written here
// as │) and 0x0a (LF) separate without escapes.
//
// Order. The roster stands by subject_id, byte by byte, each subject once.
// Candidates of one class, one section of industries, one division and one line
// of the inspection plan are a stratum; strata stand by class as a number, then
// by these three byte by byte.
//
// Quota. Of a stratum of n candidates with the ratio r in basis points the quota
// is ⌊(n × r + 9999) / 10000⌋, n × r / 10000 rounded up; where r is above 0 it is
// raised to the least number of the rule; then it is cut to the most of the
// rule, where that is above 0, and to n. When the quotas of all strata are
// together below the least number of the plan, one is added where n × r /
// (quota + 1) is greatest, the earlier stratum first, again and again, to none
// above its bounds. With N all candidates, the cap t of the plan and the control
// share s in basis points, t below 10000, the quotas may be ⌊⌊N × t / 10000⌋ ×
// 10000 / (10000 + s)⌋ together, so that with control they are within the cap.
// When they are more, all become 0 and one is added as before, again and again
// up to that sum, to none above what it was.
//
// Control. With Q the sum of the quotas, min(N, ⌊(Q × s + 9999) / 10000⌋) are drawn first.
//
// Generator. The key of an id for a purpose is SHA-256 over the bytes of
//
//	seed │ commitment (64 lower-case hexadecimal digits) │ purpose │ id
//
// Draw. All candidates are ordered by their keys for the purpose "control",
// ascending (equal keys, if ever, by subject_id); control is taken from the
// front. The candidates of each stratum that are not in control are ordered by
// their keys for the purpose "stratum", and its quota is taken from the front,
// or all where they are fewer. Place counts from 1 in control and in each
// stratum.
//
// # Vectors of the generator
//
// With the seed 1635241362514336 (sixteen throws of a die) and the commitment
// 97eec75ba0a48ec2153870f4bca88531c0832835565883135ef6f52e99d9ad53:
//
//	control 91350102MA0000001A 2b266da4af7dca7b627bf5aa210e9cdacf7e35f3dde8aab2200c2c762643a849
//	control 91350102MA0000002B 702c656fce8402952f4f72f32da7e26fdb403112399ea0c57bc7ac3b7fda9985
//	stratum 91350102MA0000001A 0823014d6008b230a8e5074a4df398f3db197b1abd1ed81382b1abe37a568694
//	stratum 91350102MA0000002B 72e8263b178b04ca27dd2eb9e7e3a27dd9088a1606486079bdef11cd4fade162
//
// Two witnesses, 甲 with 1635241362514336 and 乙 with 6254163524136251, combine to
// the seed
//
//	a168b78626efbb907c11394a813430878987de8bb101adb4602fab9565dfbfa9
//
// and the pledge of 甲 under that commitment is
//
//	ebce9af70feb29e0ce946bc2ea2a1b8a414db8e29408da307be86521cfe241b8
package draw
