package sandbox

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
)

// fault is why a record, or a whole batch, is refused: a code of the table in
// docs/platform.md, and what is wrong, in Chinese as a platform says it.
type fault struct{ code, message string }

// longestMessage is in characters: a receiver's column for it is not endless.
const longestMessage = 300

func faultf(code, format string, args ...any) *fault {
	message := []rune(fmt.Sprintf(format, args...))
	if len(message) > longestMessage {
		message = append(message[:longestMessage-1], '…')
	}
	return &fault{code, string(message)}
}

// check returns the first fault of the row by itself, nil if there is none.
func (t *table) check(r *row, b *batch) *fault {
	if f := checkExchange(r, b); f != nil {
		return f
	}
	if r.operation == "D" {
		if len(r.content) > 0 {
			return faultf("CONTENT", "删除（D）的记录不得带内容字段")
		}
		return nil
	}
	for _, m := range r.content {
		if t.byName[m.name] == nil {
			return faultf("UNKNOWN_FIELD", "%s：本表没有这个字段", m.name)
		}
	}
	for i := range t.Fields {
		if f := t.Fields[i].check(r); f != nil {
			return f
		}
	}
	for _, rule := range t.Rules {
		if f := rule.check(t, r); f != nil {
			return f
		}
	}
	return t.checkKey(r)
}

func checkExchange(r *row, b *batch) *fault {
	switch {
	case r.odd != "":
		return faultf("EXCHANGE", "%s：不是交换字段，或不是文本；应有 cd_operation、cd_batch、cd_id、cd_time、cd_source", r.odd)
	case r.batch != b.number:
		return faultf("EXCHANGE", "cd_batch：与批次号 %s 不一致", b.number)
	case r.source != b.source:
		return faultf("EXCHANGE", "cd_source：与数据来源 %s 不一致", b.source)
	case !isTime(r.time):
		return faultf("EXCHANGE", "cd_time：%q 不是 YYYY-MM-DD hh:mm:ss 格式的时间", r.time)
	case r.operation != "I" && r.operation != "U" && r.operation != "D":
		return faultf("OPERATION", "cd_operation：%q 不是 I、U、D 之一", r.operation)
	}
	return nil
}

// checkKey compares cd_id with the fields it is made of.
func (t *table) checkKey(r *row) *fault {
	if len(t.Key) == 0 {
		return nil
	}
	parts := make([]string, len(t.Key))
	for i, name := range t.Key {
		parts[i] = r.find(name).text
	}
	if strings.Join(parts, "/") != r.key {
		return faultf("KEY", "cd_id：应等于 %s", strings.Join(t.Key, "/"))
	}
	return nil
}

func (f *field) label() string { return f.Name + "（" + f.Title + "）" }

func (f *field) check(r *row) *fault {
	m := r.find(f.Name)
	if fault := f.checkType(m); fault != nil {
		return fault
	}
	if m.empty() {
		switch {
		case f.Required:
			return faultf("REQUIRED", "%s：必填", f.label())
		case f.When != nil && f.When.holds(r):
			return faultf("REQUIRED", "%s：%s为 %s 时必填", f.label(), f.When.Field, r.find(f.When.Field).text)
		}
		return nil
	}
	if len(m.items) > 0 {
		for _, item := range m.items {
			if fault := f.checkText(item); fault != nil {
				return fault
			}
		}
		return nil
	}
	return f.checkText(m.text)
}

func (m member) empty() bool { return m.text == "" && len(m.items) == 0 }

func (f *field) checkType(m member) *fault {
	ok, want := m.kind == isText, "文本"
	switch f.Type {
	case integer:
		ok, want = m.kind == isNumber || m.kind == isText && m.text == "", "整数"
	case texts:
		ok, want = m.kind == isText || m.kind == isTexts, "文本或文本列表"
	}
	if ok || m.kind == isNull {
		return nil
	}
	return faultf("TYPE", "%s：类型不符，应为%s", f.label(), want)
}

var (
	amountForm  = regexp.MustCompile(`^(0|[1-9][0-9]{0,11})(?:\.([0-9]{1,6}))?$`)
	percentForm = regexp.MustCompile(`^(100|[0-9]{1,2})(\.[0-9]{1,2})?%$`)
	integerForm = regexp.MustCompile(`^(0|-?[1-9][0-9]{0,17})$`)
)

func (f *field) checkText(s string) *fault {
	switch n := length(s); {
	case f.Length > 0 && n != f.Length:
		return faultf("LENGTH", "%s：%d 个字符，应为 %d 个", f.label(), n, f.Length)
	case f.Max > 0 && n > f.Max:
		return faultf("LENGTH", "%s：%d 个字符，最多 %d 个", f.label(), n, f.Max)
	case strings.ContainsFunc(s, f.isStrange):
		return faultf("CHARACTER", "%s：含有控制字符、空白或乱码", f.label())
	case f.Type == date && !isDate(s):
		return faultf("FORMAT", "%s：%q 不是 YYYY-MM-DD 格式的日期", f.label(), s)
	case f.Type == instant && !isDate(s) && !isTime(s):
		return faultf("FORMAT", "%s：%q 不是 YYYY-MM-DD 或 YYYY-MM-DD hh:mm:ss 格式的时间", f.label(), s)
	case f.Type == amount && !f.isAmount(s):
		return faultf("FORMAT", "%s：%q 不是非负、最多 %d 位小数的金额", f.label(), s, f.Places)
	case f.Type == percent && !percentForm.MatchString(s):
		return faultf("FORMAT", "%s：%q 不是百分比", f.label(), s)
	case f.Type == integer && !integerForm.MatchString(s):
		return faultf("FORMAT", "%s：%q 不是整数", f.label(), s)
	case len(f.In) > 0 && !slices.Contains(f.In, s):
		return faultf("CODE_LIST", "%s：%s 不在代码表内（%s）", f.label(), s, strings.Join(f.In, "、"))
	case f.form != nil && !f.form.MatchString(s):
		return faultf("FORMAT", "%s：%q 格式不符（%s）", f.label(), s, f.Means)
	case f.Least > 0 && len(itemsOf(s)) < f.Least:
		return faultf("FORMAT", "%s：至少 %d 项，以分号分隔", f.label(), f.Least)
	}
	return nil
}

func (f *field) isAmount(s string) bool {
	parts := amountForm.FindStringSubmatch(s)
	return parts != nil && len(parts[2]) <= f.Places
}

// isStrange tells characters that no field of its kind may hold.
func (f *field) isStrange(c rune) bool {
	switch {
	case c == '\n' || c == '\t' || c == '\r':
		return f.Type != text && f.Type != texts
	case c == '\u2028' || c == '\u2029': // of the platform's older texts
		return false
	case c == unicode.ReplacementChar || unicode.IsControl(c):
		return true
	}
	return f.Type == code && unicode.IsSpace(c)
}

// itemsOf are the items of a list parted by semicolons; empty ones do not count.
func itemsOf(s string) (items []string) {
	for item := range strings.SplitSeq(s, ";") {
		if item = strings.TrimSpace(item); item != "" {
			items = append(items, item)
		}
	}
	return items
}

func (c *condition) holds(r *row) bool { return slices.Contains(c.In, r.find(c.Field).text) }

func (c crossRule) check(t *table, r *row) *fault {
	names := c.fields()
	first, second := r.find(names[0]).text, r.find(names[1]).text
	if first == "" || second == "" {
		return nil
	}
	firstLabel, secondLabel := t.byName[names[0]].label(), t.byName[names[1]].label()
	switch {
	case c.Later != "" && !isAfter(first, second):
		return faultf("CROSS_FIELD", "%s 应晚于 %s", firstLabel, secondLabel)
	case c.Begins != "" && !strings.HasPrefix(first, second):
		return faultf("CROSS_FIELD", "%s 应以 %s 开头", firstLabel, secondLabel)
	case len(c.Paired) == 2 && len(itemsOf(first)) != len(itemsOf(second)):
		return faultf("CROSS_FIELD", "%s 与 %s 项数不同", firstLabel, secondLabel)
	}
	return nil
}

// isAfter compares times of which one may be a whole day.
func isAfter(a, b string) bool {
	if len(a) != len(b) {
		a, b = a[:len(time.DateOnly)], b[:len(time.DateOnly)]
	}
	return a > b
}
