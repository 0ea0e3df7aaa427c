package city

import (
	"strings"

	"rongxin/internal/credit"
)

// subjectCode is the column of the subject's code, unless it is blank.
func subjectCode(r *row) (int, bool) {
	i := r.x.first(code)
	return i, i >= 0 && r.cells[i] != ""
}

// wrongCharacter leaves the category alone. In the division or the last sign a
// slip fails the outer check only, elsewhere mostly both.
func wrongCharacter(in *injector, r *row) (fault, bool) {
	i, ok := subjectCode(r)
	if !ok {
		return fault{}, false
	}
	signs, from := []byte(r.cells[i]), codeSigns
	at := in.d.between(2, len(signs)-1)
	if at < 8 {
		from = codeSigns[:10]
	}
	for old := signs[at]; signs[at] == old; {
		signs[at] = from[in.d.intn(len(from))]
	}
	return put(r, i, string(signs))
}

func swapped(in *injector, r *row) (fault, bool) {
	i, ok := subjectCode(r)
	if !ok {
		return fault{}, false
	}
	signs := []byte(r.cells[i])
	for range 40 {
		at := in.d.between(2, len(signs)-2)
		if signs[at] != signs[at+1] {
			signs[at], signs[at+1] = signs[at+1], signs[at]
			return put(r, i, string(signs))
		}
	}
	return fault{}, false
}

func confusable(in *injector, r *row) (fault, bool) {
	i, ok := subjectCode(r)
	if !ok {
		return fault{}, false
	}
	signs := []byte(r.cells[i])
	at := in.d.between(2, len(signs)-1)
	for n := range signs {
		if like := strings.IndexByte("0125", signs[(at+n)%len(signs)]); like >= 0 {
			signs[(at+n)%len(signs)] = "OIZS"[like]
			return put(r, i, string(signs))
		}
	}
	return fault{}, false
}

func placeholder(_ *injector, r *row) (fault, bool) {
	i, ok := subjectCode(r)
	if !ok {
		return fault{}, false
	}
	return put(r, i, strings.Repeat("0", 18))
}

func fullWidth(_ *injector, r *row) (fault, bool) {
	i, ok := subjectCode(r)
	if !ok {
		return fault{}, false
	}
	wide := strings.Map(func(sign rune) rune { return sign - '!' + '！' }, r.cells[i])
	return put(r, i, wide)
}

func duplicateName(in *injector, r *row) (fault, bool) {
	if r.x.dataset != "samr/registrations" || in.last == nil || in.last == r.e || in.last.name == r.e.name {
		return fault{}, false
	}
	return put(r, r.x.first(code), in.last.code)
}

// unregistered spoils records only: in the register itself such a code would
// simply be the enterprise's.
func unregistered(in *injector, r *row) (fault, bool) {
	i, ok := subjectCode(r)
	if !ok || r.x.dataset == "samr/registrations" {
		return fault{}, false
	}
	strange, ok := credit.NewCode(r.e.code[:8], in.w.codes.stranger(in.stranger))
	if !ok {
		return fault{}, false
	}
	in.stranger++
	return put(r, i, strange)
}

func nameMismatch(in *injector, r *row) (fault, bool) {
	i := r.x.first(name)
	if _, ok := subjectCode(r); !ok || r.x.dataset == "samr/registrations" {
		return fault{}, false
	}
	return put(r, i, enterpriseName(in.d, r.e))
}

// kindMismatch contradicts the category of the code.
func kindMismatch(_ *injector, r *row) (fault, bool) {
	companyWord := kindLimited
	i, ok := cell(r, "企业类型")
	for _, column := range []string{"CF_XDR_LB", "XK_XDR_LB"} {
		if !ok {
			companyWord = "法人及非法人组织"
			i, ok = cell(r, column)
		}
	}
	switch {
	case !ok || r.cells[i] == "自然人" || r.e.kind == kindCooperative:
		return fault{}, false
	case r.e.company():
		return put(r, i, kindShop)
	}
	return put(r, i, companyWord)
}

// personIDInvalid changes the check sign, or puts the birth on 29 February 1900
// with a check sign that holds.
func personIDInvalid(in *injector, r *row) (fault, bool) {
	for _, column := range []string{"法定代表人证件号码", "CF_FR_ZJHM", "XK_FR_ZJHM"} {
		i, ok := cell(r, column)
		if !ok {
			continue
		}
		if in.d.chance(0.3) {
			return put(r, i, "35010019000229001X")
		}
		id := r.cells[i]
		last := id[17]
		for last == id[17] {
			last = "0123456789X"[in.d.intn(11)]
		}
		return put(r, i, id[:17]+string(last))
	}
	return fault{}, false
}

func registerNoInvalid(in *injector, r *row) (fault, bool) {
	i, ok := cell(r, "注册号")
	if !ok {
		return fault{}, false
	}
	digits := []byte(r.cells[i])
	at := in.d.between(6, 14)
	digits[at] = '0' + (digits[at]-'0'+byte(in.d.between(1, 9)))%10
	return put(r, i, string(digits))
}
