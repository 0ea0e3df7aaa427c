package credit

import "strings"

// RegistrationCheckDigit returns digit 15 of a business registration number
// (工商注册号: authority 6, serial 8, check 1) for the first 14, by ISO 7064
// MOD 11,10 as GS 15-2006 prescribes. It reports false for anything but 14
// digits.
func RegistrationCheckDigit(first14 string) (byte, bool) {
	if len(first14) != 14 {
		return 0, false
	}
	p := 10
	for i := range len(first14) {
		if !isDigit(first14[i]) {
			return 0, false
		}
		s := (p + int(first14[i]-'0')) % 10
		if s == 0 {
			s = 10
		}
		p = 2 * s % 11
	}
	return byte('0' + (11-p)%10), true
}

// ValidRegistrationNo reports whether s, in normal form, is a 15-digit
// registration number whose check digit holds. One digit repeated is none.
func ValidRegistrationNo(s string) bool {
	if len(s) != 15 || strings.Trim(s, s[:1]) == "" {
		return false
	}
	digit, ok := RegistrationCheckDigit(s[:14])
	return ok && digit == s[14]
}

// ValidOrgCode reports whether s is an organisation code (GB 11714) of nine
// signs, written XXXXXXXX-X or without the hyphen, whose check holds. One sign
// repeated is a placeholder and no code.
func ValidOrgCode(s string) bool {
	if len(s) == 10 && s[8] == '-' {
		s = s[:8] + s[9:]
	}
	if len(s) != 9 || strings.Trim(s, s[:1]) == "" {
		return false
	}
	digit, ok := OrgCheckDigit(s[:8])
	return ok && digit == s[8]
}
