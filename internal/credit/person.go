package credit

import "errors"

// PersonID is what an 18-character resident id number (公民身份号码,
// GB 11643-1999) says about its holder. It does not keep the number.
type PersonID struct {
	Division string // county of first registration, six digits, possibly abolished
	Born     Date
	Male     bool
}

// ParsePersonID reads an 18-character id number after [NormalizeCode]: its
// province must exist, the birth date must be a day of the years 1850 to 2099,
// and the check character must hold. The division is not looked up, because
// ids keep counties that were abolished decades ago. A 15-digit number of the
// first generation is refused: it has no check and no century, and must be
// upgraded at its source. Errors never repeat the number.
func ParsePersonID(s string) (PersonID, error) {
	id := NormalizeCode(s)
	switch {
	case len(id) == 15 && allDigits(id):
		return PersonID{}, errors.New("person id: 15-digit form of the first generation")
	case len(id) != 18 || !allDigits(id[:17]) || !isDigit(id[17]) && id[17] != 'X':
		return PersonID{}, errors.New("person id: not 17 digits and a check character")
	case !isProvince(id[:2]):
		return PersonID{}, errors.New("person id: unknown province")
	}
	born, ok := digitDate(id[6:14])
	switch {
	case !ok, born.Year() < 1850, born.Year() > 2099:
		return PersonID{}, errors.New("person id: no such birth date")
	case personCheck(id[:17]) != id[17]:
		return PersonID{}, errors.New("person id: check character does not hold")
	}
	return PersonID{Division: id[:6], Born: born, Male: (id[16]-'0')%2 == 1}, nil
}

// PersonIDKind says what kind of certificate a number is from, as far as its
// form tells.
type PersonIDKind string

// The kinds of numbers. Passports, permits and all else are other.
const (
	ResidentID    PersonIDKind = "居民身份证"
	OtherPersonID PersonIDKind = "其他证件"
)

// NormalizePersonID brings the number of a person into the one form by which
// two numbers are compared: [NormalizeCode], and a resident number of the first
// generation (15 digits, GB 11643-1989) in its form of 18, with the century 19
// and the check character that follow from it. A resident number that fails its
// check keeps its kind: it is a mistake, not another certificate.
func NormalizePersonID(s string) (PersonIDKind, string) {
	id := NormalizeCode(s)
	switch {
	case len(id) == 15 && looksLikePersonID(id):
		id = id[:6] + "19" + id[6:]
		return ResidentID, id + string(personCheck(id))
	case len(id) == 18 && allDigits(id[:17]) && (isDigit(id[17]) || id[17] == 'X'):
		return ResidentID, id
	}
	return OtherPersonID, id
}

// IsPersonID reports whether [ParsePersonID] reads the number.
func IsPersonID(s string) bool {
	_, err := ParsePersonID(s)
	return err == nil
}

// personCheck computes character 18 by ISO 7064 MOD 11-2 from 17 digits.
func personCheck(first17 string) byte {
	weights := [17]int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2}
	sum := 0
	for i, w := range weights {
		sum += w * int(first17[i]-'0')
	}
	return "10X98765432"[sum%11]
}

// isProvince knows the first two digits of GB/T 2260, and 83, which residence
// permits of Taiwan residents carry.
func isProvince(two string) bool {
	switch two {
	case "11", "12", "13", "14", "15", "21", "22", "23",
		"31", "32", "33", "34", "35", "36", "37", "41", "42", "43", "44", "45", "46",
		"50", "51", "52", "53", "54", "61", "62", "63", "64", "65", "71", "81", "82", "83":
		return true
	}
	return false
}

// digitDate reads the eight digits YYYYMMDD.
func digitDate(s string) (Date, bool) {
	y, m, d, ok := scanDate(s)
	return civilDays(y, max(m, 1), d), ok && validDay(y, m, d)
}

func allDigits(s string) bool {
	for i := range len(s) {
		if !isDigit(s[i]) {
			return false
		}
	}
	return true
}
