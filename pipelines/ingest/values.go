package ingest

import (
	"errors"
	"slices"
	"strings"
	"unicode/utf8"

	"rongxin/internal/credit"
	"rongxin/pipelines/contract"
	"rongxin/warehouse/secret"
)

// judgements judge one value that is there, by its type, and put it into the
// record. Those of codes are chosen by their contract.
var judgements = map[contract.Type]func(j *judge, f *fieldPlan, i int, v []byte, r *row){
	contract.Text:           (*judge).text,
	contract.Date:           (*judge).date,
	contract.Integer:        (*judge).number,
	contract.Decimal:        (*judge).number,
	contract.Money:          (*judge).number,
	contract.USCC:           (*judge).uscc,
	contract.PersonID:       (*judge).personID,
	contract.RegistrationNo: (*judge).registrationNo,
	contract.Division:       (*judge).division,
	contract.Industry:       (*judge).industry,
}

func (j *judge) code(f *fieldPlan, i int, v []byte, r *row) {
	code, known := f.codes[string(v)]
	if !known {
		r.fault(i, f.Name, UnknownCategory, "应为 %s 之一", strings.Join(codeSources(f), "、"))
	}
	j.values[f.column] = textCell(code)
}

func (j *judge) division(f *fieldPlan, i int, v []byte, r *row) {
	if _, known := credit.FindDivision(string(v)); !known {
		r.fault(i, f.Name, UnknownDivision, "GB/T 2260 没有此代码")
	}
	j.values[f.column] = textCell(v)
}

func (j *judge) industry(f *fieldPlan, i int, v []byte, r *row) {
	if _, known := credit.FindIndustry(f.Edition, string(v)); !known {
		r.fault(i, f.Name, UnknownIndustry, "GB/T 4754-%d 没有此代码", f.Edition)
	}
	j.values[f.column] = textCell(v)
}

// codes judges a field that holds several codes. They are kept in the order of
// the contract, each once, so that the order of writing says nothing.
func (j *judge) codes(f *fieldPlan, i int, v []byte, r *row) {
	sent := map[string]bool{}
	for _, code := range strings.FieldsFunc(string(v), contract.PartsCodes) {
		if sent[code] = true; f.codes[code] == nil {
			r.fault(i, f.Name, UnknownCategory, "应为 %s 之一或几项，用顿号隔开", strings.Join(codeSources(f), "、"))
			return
		}
	}
	if len(sent) == 0 {
		r.fault(i, f.Name, UnknownCategory, "没有代码")
		return
	}
	var kept []byte
	for _, code := range f.Codes {
		if sent[code.Source] {
			kept = append(append(kept, code.Value...), ';')
		}
	}
	j.values[f.column] = textCell(j.arena.copyOf(kept[:len(kept)-1]))
}

func codeSources(f *fieldPlan) []string {
	var sources []string
	for _, code := range f.Codes {
		sources = append(sources, code.Source)
	}
	return sources
}

func (j *judge) text(f *fieldPlan, i int, v []byte, r *row) {
	if f.MaxLength > 0 && len(v) > f.MaxLength {
		if n := utf8.RuneCount(v); n > f.MaxLength {
			r.fault(i, f.Name, TooLong, "%d 字，上限 %d 字", n, f.MaxLength)
		}
	}
	if f.guards != nil && string(v) != rowCheck(f, r) {
		r.fault(i, f.Name, RowAltered, "%s 与校验码不符", strings.Join(f.HashOf, "、"))
	}
	switch {
	case f.masks(r):
		v = j.mask(f, v)
	case f.FreeText:
		v = maskPersonal(v)
	default:
		v = j.misplaced(f, v)
	}
	j.values[f.column] = textCell(v)
}

// maskPersonal is credit.MaskPersonal, which most texts need not be copied for.
func maskPersonal(v []byte) []byte {
	if credit.CountDigits(v) < credit.LeastPersonal {
		return v
	}
	if masked := credit.MaskPersonal(string(v)); masked != string(v) {
		return []byte(masked)
	}
	return v
}

// misplaced masks a person's number in a field that is not for one, and flags
// the row. In a key eight digits of its token follow, so that the rows of two
// persons stay two.
func (j *judge) misplaced(f *fieldPlan, v []byte) []byte {
	if len(v) < 15 || credit.CountDigits(v) < 15 {
		return v
	}
	masked := credit.MaskWholeIDs(string(v))
	if masked == string(v) {
		return v
	}
	j.flags |= flagMisplaced
	if f.isKey {
		masked += "#" + string(j.tokens.Append(nil, misplacedKind, string(v))[:8])
	}
	return []byte(masked)
}

// misplacedKind parts the tokens of texts from those of numbers.
const misplacedKind = "文本"

func rowCheck(f *fieldPlan, r *row) string {
	values := make([]string, len(f.guards))
	for n, i := range f.guards {
		values[n] = string(r.values[i])
	}
	return contract.RowCheck(values...)
}

// masks reports whether the field's value in this row is to be masked.
func (f *fieldPlan) masks(r *row) bool {
	return f.Mask != nil && (f.masksBy < 0 || f.maskWhen[string(r.values[f.masksBy])])
}

// mask is credit.Mask, with a quick path for numbers.
func (j *judge) mask(f *fieldPlan, v []byte) []byte {
	left, right := f.Mask.Left, f.Mask.Right
	if left < 0 || right < 0 || left+right >= len(v) || leadingASCII(v) < len(v) {
		return []byte(credit.Mask(string(v), left, right))
	}
	masked := j.arena.copyOf(v)
	for i := left; i < len(v)-right; i++ {
		masked[i] = '*'
	}
	return masked
}

func (j *judge) date(f *fieldPlan, i int, v []byte, r *row) {
	day, ok := isoDate(v)
	if !ok {
		var err error
		if day, err = credit.ParseDate(string(v)); err != nil {
			r.fault(i, f.Name, DateImpossible, "不是存在的日期，应如 2026-01-31")
			return
		}
	}
	if f.NotAfter != "" && day > j.day {
		r.fault(i, f.Name, DateInFuture, "晚于接收日 %s", j.day)
	}
	j.values[f.column] = numberCell(int64(day))
}

// isoDate is the quick path for the form 2006-01-02.
func isoDate(v []byte) (credit.Date, bool) {
	if len(v) != 10 || v[4] != '-' || v[7] != '-' {
		return 0, false
	}
	wrong := byte(0)
	digit := func(i int) int {
		d := v[i] - '0'
		if d > 9 {
			wrong = 1
		}
		return int(d)
	}
	year := digit(0)*1000 + digit(1)*100 + digit(2)*10 + digit(3)
	month, day := digit(5)*10+digit(6), digit(8)*10+digit(9)
	if wrong != 0 {
		return 0, false
	}
	return credit.DayOf(year, month, day)
}

func (j *judge) number(f *fieldPlan, i int, v []byte, r *row) {
	n, err := contract.ParseScaled(v, f.Scale, j.exponents)
	switch {
	case errors.Is(err, contract.ErrDecimals) && f.Type == contract.Money:
		r.fault(i, f.Name, NumberMalformed, "金额应精确到分")
		return
	case errors.Is(err, contract.ErrDecimals):
		r.fault(i, f.Name, NumberMalformed, "最多 %d 位小数", f.Scale)
		return
	case errors.Is(err, contract.ErrOverflow):
		r.fault(i, f.Name, OutOfRange, "数值过大")
		return
	case len(v) >= 15 && credit.MaskIDs(string(v)) != string(v):
		r.fault(i, f.Name, OutOfRange, "数值像是身份证件号码")
		return
	case err != nil:
		r.fault(i, f.Name, NumberMalformed, "不是数字")
		return
	}
	bound := func(b *int64) string { return string(contract.FormatScaled(nil, *b, f.Scale)) + f.Unit }
	switch {
	case f.Min != nil && n < *f.Min:
		r.fault(i, f.Name, OutOfRange, "小于下限 %s", bound(f.Min))
	case f.Max != nil && n > *f.Max:
		r.fault(i, f.Name, OutOfRange, "大于上限 %s", bound(f.Max))
	case f.Type == contract.Decimal && (n >= pow10(f.Precision) || n <= -pow10(f.Precision)):
		r.fault(i, f.Name, OutOfRange, "超过 %d 位", f.Precision)
	}
	if f.WarnAbove != nil && n > *f.WarnAbove {
		j.flags |= flagAmount
	}
	j.values[f.column] = numberCell(n)
}

func pow10(n int) int64 {
	p := int64(1)
	for range n {
		p *= 10
	}
	return p
}

func (j *judge) uscc(f *fieldPlan, i int, v []byte, r *row) {
	if credit.ClassifyCode(v) == credit.CodeValid { // as nearly all are: no need to normalise
		j.values[f.column] = textCell(v)
		j.values[f.column+1] = j.valid
		return
	}
	if j.again != nil && f.As == contract.ColumnSubjectID && j.corrected(f, v, r) {
		return
	}
	if isScientific(v) {
		r.fault(i, f.Name, ScientificCode, "代码被改成了科学计数法，原值已丢失")
		return
	}
	code := v
	normal := credit.NormalizeCode(string(v))
	if normal != string(v) {
		j.flags |= flagCleaned
		code = j.arena.copyOf([]byte(normal))
	}
	status := j.exceptions.Classify(normal)
	switch status {
	case credit.CodeInvalid:
		r.fault(i, f.Name, CodeInvalid, "%s", codeDetail(normal))
		return
	case credit.CodeSuspect:
		if credit.IsPersonID(normal) {
			r.fault(i, f.Name, CodeInvalid, "%s", codeReasons[credit.ReasonPersonID])
			return
		}
		j.flags |= flagSuspect
	}
	j.values[f.column] = textCell(code)
	j.values[f.column+1] = j.statuses[status]
}

// codeDetail says what is wrong with a code and what it may have been. It never
// repeats the code itself, which may be somebody's id number.
func codeDetail(code string) string {
	check := credit.CheckCode(code)
	detail := strings.Join(inChinese(check.Reasons), "、")
	if len(check.Suggestions) > 0 && !slices.Contains(check.Reasons, credit.ReasonPersonID) {
		detail += "，建议 " + strings.Join(check.Suggestions, " 或 ")
	}
	return detail
}

// codeReasons says to officials what is wrong with a code.
var codeReasons = map[string]string{
	credit.ReasonEmpty:          "为空",
	credit.ReasonLength:         "不是18位",
	credit.ReasonLetter:         "含有代码中不用的字符",
	credit.ReasonPlaceholder:    "是占位内容而不是代码",
	credit.ReasonOuterCheck:     "第18位校验码不符",
	credit.ReasonInnerCheck:     "第17位校验码不符",
	credit.ReasonRegistrationNo: "是15位工商注册号",
	credit.ReasonOrgCode:        "是9位组织机构代码",
	credit.ReasonPersonID:       "是居民身份证号码",
	credit.ReasonCategory:       "第1至2位类别不存在",
	credit.ReasonDivision:       "第3至8位区划不存在",
	credit.ReasonException:      "在例外名单上",
}

func inChinese(reasons []string) []string {
	list := make([]string, len(reasons))
	for i, reason := range reasons {
		list[i] = codeReasons[reason]
	}
	return list
}

// personID masks a number and puts its token beside it. Whether it passes its
// check is judged before, and only flagged: other kinds of certificate have
// other forms.
func (j *judge) personID(f *fieldPlan, i int, v []byte, r *row) {
	if isScientific(v) {
		r.fault(i, f.Name, ScientificCode, "证件号码被改成了科学计数法，原值已丢失")
		return
	}
	if _, err := credit.ParsePersonID(string(v)); err != nil {
		j.flags |= flagPersonID
	}
	kind, number := credit.NormalizePersonID(string(v))
	j.values[f.column] = textCell(j.mask(f, v))
	j.values[f.column+1] = textCell(j.tokens.Append(j.arena.take(secret.TokenLength)[:0], string(kind), number))
}

func (j *judge) registrationNo(f *fieldPlan, i int, v []byte, r *row) {
	if isScientific(v) {
		r.fault(i, f.Name, ScientificCode, "注册号被改成了科学计数法，原值已丢失")
		return
	}
	if !credit.ValidRegistrationNo(string(v)) {
		if len(v) == 15 {
			j.flags |= flagRegistration
		}
		v = j.misplaced(f, v)
	}
	j.values[f.column] = textCell(v)
}

// isScientific recognises a code that a spreadsheet turned into a number, such
// as 9.13501E+17. No code has a sign or a point.
func isScientific(v []byte) bool {
	if len(v) < 4 {
		return false
	}
	exponent := slices.IndexFunc(v, func(c byte) bool { return c == 'E' || c == 'e' })
	if exponent < 1 || exponent+2 > len(v) {
		return false
	}
	for i, c := range v[:exponent] {
		if (c < '0' || c > '9') && (c != '.' || i != 1) {
			return false
		}
	}
	rest := v[exponent+1:]
	if rest[0] != '+' && (v[1] != '.' || exponent == 1) {
		return false
	}
	for _, c := range rest[1:] {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}
