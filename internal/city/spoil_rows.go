package city

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"rongxin/internal/credit"
)

func lateReport(in *injector, r *row) (fault, bool) {
	i, ok := cell(r, "SJC")
	if !ok {
		return fault{}, false
	}
	decided := r.x.index("CF_JDRQ")
	if decided < 0 {
		decided = r.x.index("XK_JDRQ")
	}
	on, err := credit.ParseDate(r.cells[decided])
	if err != nil {
		return fault{}, false
	}
	late, err := in.w.calendar.AddWorkingDays(on, in.d.between(8, 30))
	if err != nil || late > r.to.sent {
		return fault{}, false
	}
	return put(r, i, r.x.date(late))
}

func amountInYuan(_ *injector, r *row) (fault, bool) {
	i, ok := cell(r, "CF_NR_FK")
	if !ok {
		return fault{}, false
	}
	amount, err := strconv.ParseFloat(r.cells[i], 64)
	if err != nil {
		return fault{}, false
	}
	return put(r, i, strconv.FormatFloat(amount*10000, 'f', 0, 64))
}

func isDate(c column, value string) bool {
	return (c.role == pastDate || c.role == openDate) && value != ""
}

func dateImpossible(in *injector, r *row) (fault, bool) {
	i, ok := in.some(r, func(c column, value string) bool { return isDate(c, value) && c.required })
	if !ok {
		return fault{}, false
	}
	year := r.cells[i][:4]
	wrong := year + "-02-30"
	if r.x.slashes {
		wrong = year + "/02/30"
	}
	return put(r, i, wrong)
}

func dateFuture(in *injector, r *row) (fault, bool) {
	i, ok := in.some(r, func(c column, value string) bool { return c.role == pastDate && isDate(c, value) })
	if !ok {
		return fault{}, false
	}
	return put(r, i, r.x.date(in.w.asOf.AddDays(in.d.between(20, 400))))
}

func categoryUnknown(in *injector, r *row) (fault, bool) {
	i, ok := in.some(r, func(c column, value string) bool { return c.role == category && value != "" })
	if !ok {
		return fault{}, false
	}
	return put(r, i, r.x.columns[i].wrong)
}

// rowRagged loses the last field or gains one, and tells the numbers of fields.
func rowRagged(in *injector, r *row) (fault, bool) {
	if !r.x.format.csv() {
		return fault{}, false
	}
	n := len(r.cells)
	f := fault{field: -1, right: strconv.Itoa(n)}
	if in.d.chance(0.5) {
		r.cells = r.cells[:n-1]
	} else {
		r.cells = append(r.cells, "见附件")
	}
	f.wrong = strconv.Itoa(len(r.cells))
	return f, true
}

func bytesUndecodable(in *injector, r *row) (fault, bool) {
	if r.x.format != gb18030CSV && r.x.format != bomCSV {
		return fault{}, false
	}
	i, ok := in.some(r, func(c column, value string) bool {
		return c.role == text && utf8.RuneCountInString(value) >= 3
	})
	if !ok {
		return fault{}, false
	}
	_, first := utf8.DecodeRuneInString(r.cells[i])
	return put(r, i, r.cells[i][:first]+string(brokenByte)+r.cells[i][first:])
}

func requiredMissing(in *injector, r *row) (fault, bool) {
	i, ok := in.some(r, func(c column, value string) bool {
		return c.required && value != "" && (c.role == text || c.role == pastDate || c.role == name)
	})
	if !ok {
		return fault{}, false
	}
	return put(r, i, "")
}

// duplicateRow leaves the cells alone; the desk writes the row twice. A serial
// number of its own would make two rows of an XLSX list different.
func duplicateRow(_ *injector, r *row) (fault, bool) {
	return fault{field: -1, wrong: r.hint}, !r.x.numbered
}

func permitDatesReversed(in *injector, r *row) (fault, bool) {
	i, ok := cell(r, "XK_YXQZI")
	if !ok {
		return fault{}, false
	}
	from, err := credit.ParseDate(r.cells[r.x.index("XK_YXQZ")])
	if err != nil {
		return fault{}, false
	}
	return put(r, i, r.x.date(from.AddDays(-in.d.between(1, 1500))))
}

func gradeScoreConflict(_ *injector, r *row) (fault, bool) {
	switch r.x.dataset {
	case "tax/grades":
		if r.cells[r.x.index("纳税信用级别")] == "A" {
			return put(r, r.x.index("评价得分"), "65.00")
		}
	case "ecology/grades":
		if strings.HasPrefix(r.cells[r.x.index("评价等级")], "绿") {
			return put(r, r.x.index("评价得分"), "62.00")
		}
	}
	return fault{}, false
}
