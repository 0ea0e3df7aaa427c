package credit

// A unified social credit code (统一社会信用代码, GB 32100-2015) has 18 signs:
//
//	1      registration authority
//	2      category of organisation
//	3–8    division of the registering authority (GB/T 2260)
//	9–17   organisation code (GB 11714), its own check in 17: the inner check
//	18     check over all before it: the outer check
//
// The outer check is linear over 31 signs, a prime, with weights that differ
// between neighbours and are never zero: it finds every single wrong sign and
// every swap of two neighbours.
const (
	codeLength = 18
	usccSigns  = "0123456789ABCDEFGHJKLMNPQRTUWXY" // no I O S V Z
	orgSigns   = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
)

// Weights 3^i mod 31 (GB 32100-2015) and those of GB 11714.
var (
	usccWeights = [17]uint32{1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28}
	orgWeights  = [8]uint32{3, 7, 9, 10, 5, 8, 4, 2}
)

// usccTerm[i][c] is what sign c adds to the outer sum at place i, sign 18 with
// weight 1; orgTerm is the same for the inner sum. A sign outside the alphabet
// adds wrongSign, more than a whole sum of good signs, so that one comparison
// after the sum finds it.
var (
	usccTerm = terms(usccSigns, append(usccWeights[:], 1))
	orgTerm  = terms(orgSigns, orgWeights[:])
)

const wrongSign = 1 << 14

func terms(signs string, weights []uint32) [codeLength][256]uint16 {
	var table [codeLength][256]uint16
	for place, weight := range weights {
		for c := range table[place] {
			table[place][c] = wrongSign
		}
		for value := range len(signs) {
			table[place][signs[value]] = uint16(weight) * uint16(value)
		}
	}
	return table
}

// isCodeSign reports whether c is in the GB 32100 alphabet.
func isCodeSign(c byte) bool { return usccTerm[0][c] < wrongSign }

// CodeStatus is the verdict on a unified social credit code.
type CodeStatus string

// A suspect code is well formed and fails exactly one of the two checks. Codes
// like that are registered and in use (an early pilot in Fujian issued some),
// so they are kept and counted, never dropped. An invalid code fails both, or
// is not well formed, or is a placeholder.
const (
	CodeValid   CodeStatus = "valid"
	CodeSuspect CodeStatus = "suspect"
	CodeInvalid CodeStatus = "invalid"
)

// CheckResult is the outcome of one check.
type CheckResult string

// CheckNotApplicable means that the check could not be computed, because of
// the length of the text or a sign outside the alphabet of the check.
const (
	CheckPass          CheckResult = "pass"
	CheckFail          CheckResult = "fail"
	CheckNotApplicable CheckResult = "n/a"
)

// ClassifyCode returns the verdict on a code that is already in normal form
// (see [NormalizeCode]). It is the quick path for whole extracts and allocates
// nothing; [CheckCode] gives the same verdict with its reasons.
func ClassifyCode[T string | []byte](code T) CodeStatus {
	if len(code) != codeLength {
		return CodeInvalid
	}
	var sum uint32
	for i := range codeLength {
		sum += uint32(usccTerm[i][code[i]])
	}
	if sum >= wrongSign {
		return CodeInvalid
	}
	outer := sum%31 == 0
	inner := orgCheck(code[8:16]) == code[16]
	switch {
	case outer == inner && !outer, isPlaceholder(code):
		return CodeInvalid
	case outer && inner:
		return CodeValid
	}
	return CodeSuspect
}

// OuterCheck recomputes sign 18 of a code in normal form (GB 32100-2015).
func OuterCheck(code string) CheckResult {
	if len(code) != codeLength || !isCodeSign(code[17]) {
		return CheckNotApplicable
	}
	digit, ok := USCCCheckDigit(code[:17])
	return checkResult(digit == code[17], ok)
}

// InnerCheck recomputes sign 17 from signs 9 to 16 of a code in normal form
// (GB 11714). Some registered codes fail it, so on its own it is advisory.
func InnerCheck(code string) CheckResult {
	if len(code) != codeLength || orgTerm[0][code[16]] >= wrongSign {
		return CheckNotApplicable
	}
	digit, ok := OrgCheckDigit(code[8:16])
	return checkResult(digit == code[16], ok)
}

func checkResult(pass, computed bool) CheckResult {
	switch {
	case !computed:
		return CheckNotApplicable
	case pass:
		return CheckPass
	}
	return CheckFail
}

// USCCCheckDigit returns sign 18 for the first 17, or false when they are not
// 17 signs of the GB 32100 alphabet.
func USCCCheckDigit(first17 string) (byte, bool) {
	if len(first17) != len(usccWeights) {
		return 0, false
	}
	var sum uint32
	for i := range len(first17) {
		sum += uint32(usccTerm[i][first17[i]])
	}
	if sum >= wrongSign {
		return 0, false
	}
	return usccSigns[(31-sum%31)%31], true
}

// OrgCheckDigit returns the ninth sign of an organisation code for its first
// eight (GB 11714), or false when they are not eight signs of 0–9 and A–Z.
func OrgCheckDigit(first8 string) (byte, bool) {
	if len(first8) != len(orgWeights) {
		return 0, false
	}
	digit := orgCheck(first8)
	return digit, digit != 0
}

// orgCheck is OrgCheckDigit for eight signs; 0 stands for a sign outside the
// alphabet.
func orgCheck[T string | []byte](first8 T) byte {
	var sum uint32
	for i := range len(orgWeights) {
		sum += uint32(orgTerm[i][first8[i]])
	}
	if sum >= wrongSign {
		return 0
	}
	return "0X987654321"[sum%11]
}

// NewCode composes a code from authority, category and division (first8) and
// the body of an organisation code (org8), adding both check signs. It reports
// false when a part is not eight signs of the GB 32100 alphabet.
func NewCode(first8, org8 string) (string, bool) {
	if len(first8) != 8 {
		return "", false
	}
	inner, ok := OrgCheckDigit(org8)
	if !ok {
		return "", false
	}
	first17 := first8 + org8 + string(inner)
	outer, ok := USCCCheckDigit(first17)
	if !ok {
		return "", false
	}
	return first17 + string(outer), true
}

// isPlaceholder reports whether a text of 18 signs only fills the field: one
// sign repeated up to the check, the digits counted up, or an organisation
// code of zeros. All zeros pass both checks.
func isPlaceholder[T string | []byte](code T) bool {
	if string(code[8:16]) == "00000000" || string(code[:17]) == "12345678901234567" {
		return true
	}
	for i := 1; i < 17; i++ {
		if code[i] != code[0] {
			return false
		}
	}
	return true
}
