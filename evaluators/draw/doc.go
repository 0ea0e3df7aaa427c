// Package draw is the draw of enterprises to check, 双随机 (objects), that
// anyone can repeat by hand from published files. Before the seed is known the
// ordered roster with its quotas is fixed and its digest published; the seed
// then comes from outside, such as dice or a published lottery number; both
// together decide who is drawn, and nobody else can.
//
// Legal frame: 国办发〔2015〕58号, 国发〔2019〕5号. The package reads and writes
// nothing and knows no day.
//
// # Algorithm rongxin-draw-1
//
// All text is UTF-8 without control characters, so that 0x1f (US) and 0x0a
// (LF) separate without escapes; all numbers are decimal digits.
//
// Order. Candidates are ordered by class (as a number), division_code and
// subject_id (byte by byte). Candidates of one class and one division are a
// stratum. No subject stands twice, and a stratum has one ratio.
//
// Quota. Of a stratum of n candidates with the ratio r in basis points,
// ⌊(n × r + 9999) / 10000⌋ are drawn: n × r / 10000 rounded up, so at least
// one when r is above 0, and never more than n.
//
// Roster text. One line for the algorithm, then one for each candidate in
// order, then one for each stratum in order. Each ends with LF; fields are
// separated by US, written here as │:
//
//	rongxin-draw-1
//	candidate│class│division_code│subject_id│subject_name│ratio_bp│max_checks
//	stratum│class│division_code│candidates│ratio_bp│quota
//
// Roster digest. SHA-256 of the roster text, as 64 lower-case hexadecimal
// digits. This is what is published first.
//
// Draw. The key of a candidate is SHA-256 over the bytes of
//
//	seed │ roster digest (the 64 digits) │ subject_id
//
// Each stratum is ordered by key ascending (equal keys, if ever, by
// subject_id) and as many as its quota are taken from the front; place counts
// them from 1.
//
// # Worked vector
//
// Roster text, 206 bytes:
//
//	rongxin-draw-1
//	candidate│3│350102│91350102MA0000001A│示例甲│5000│2
//	candidate│3│350102│91350102MA0000002B│示例乙│5000│2
//	candidate│3│350102│91350102MA0000003C│示例丙│5000│2
//	stratum│3│350102│3│5000│2
//
// Roster digest:
//
//	97eec75ba0a48ec2153870f4bca88531c0832835565883135ef6f52e99d9ad53
//
// With the seed 1635241362514336 (sixteen throws of a die) the keys are
//
//	91350102MA0000001A  8d7dd4678b51f70428aefcbdad5a5578676723bfb4b5a4670723d34951d3c4e5
//	91350102MA0000002B  5c1f10d1e941b3ed96d502c73c0ffbfea785e1f89f365790bb70ae32301305bb
//	91350102MA0000003C  fc0393169d7da26dc70cc85698fcbb71521f4daebcc4f499a605d3d06cabb833
//
// and 91350102MA0000002B and 91350102MA0000001A are drawn, in this order.
package draw
