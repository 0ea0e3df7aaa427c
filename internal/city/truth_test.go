package city_test

import (
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"rongxin/internal/city"
	"rongxin/internal/credit"
)

type defect struct {
	id, file, dataset  string
	line               int
	field              string
	kind               city.Kind
	wrong, right, hint string
}

func (m made) defects(t *testing.T) (all []defect) {
	t.Helper()
	f, err := os.Open(filepath.Join(m.dir, "truth", "defects.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows[1:] {
		n, err := strconv.Atoi(r[3])
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, defect{r[0], r[1], r[2], n, r[4], city.Kind(r[5]), strings.ReplaceAll(r[6], `\xFF`, "\ufffd"), r[7], r[8]})
	}
	return all
}

// The truth is true: at each place stands the wrong value, and it is wrong in
// the way that its kind says.
func TestTruthPointsAtFaults(t *testing.T) {
	m := read(t, city.Config{Enterprises: 6000, Seed: 5})
	places := m.byPlace()
	codes := map[string]bool{}
	m.of("samr/registrations", func(one table, l line) { codes[one.cell(l, "统一社会信用代码")] = true })
	seen := map[string]bool{}
	for _, d := range m.defects(t) {
		at := fmt.Sprintf("%s:%d", d.file, d.line)
		if seen[at] {
			t.Errorf("%s %s: a second defect on one row", d.id, at)
		}
		seen[at] = true
		p, ok := places[at]
		if !ok {
			t.Errorf("%s: no row at %s", d.id, at)
			continue
		}
		if got := p.one.cell(p.l, d.field); d.field != "" && got != d.wrong {
			t.Errorf("%s %s: %s: %s holds %q, truth says %q", d.id, d.kind, at, d.field, got, d.wrong)
		}
		if d.wrong == d.right {
			t.Errorf("%s %s: wrong and right are both %q", d.id, d.kind, d.wrong)
		}
		if why := notAsSaid(d, p, places, codes); why != "" {
			t.Errorf("%s %s: %s: %s", d.id, d.kind, at, why)
		}
	}
}

type spot struct {
	one table
	l   line
}

func (m made) byPlace() map[string]spot {
	places := map[string]spot{}
	for _, one := range m.tables {
		for _, l := range one.rows {
			places[fmt.Sprintf("%s:%d", one.file, l.number)] = spot{one, l}
		}
	}
	return places
}

func notAsSaid(d defect, p spot, places map[string]spot, codes map[string]bool) string {
	holds := true
	switch status := credit.ClassifyCode(d.wrong); d.kind {
	case city.CodeWrongCharacter, city.CodeSwapped:
		holds = status != credit.CodeValid && credit.ClassifyCode(d.right) == credit.CodeValid
	case city.CodeConfusable, city.CodePlaceholder:
		holds = status == credit.CodeInvalid
	case city.CodeFullWidth:
		holds = credit.NormalizeCode(d.wrong) == d.right
	case city.CodeDuplicateName:
		holds = status == credit.CodeValid && codes[d.wrong]
	case city.CodeUnregistered:
		holds = status == credit.CodeValid && !codes[d.wrong]
	case city.LateReport:
		from, _ := credit.ParseDate(p.one.cell(p.l, "CF_JDRQ") + p.one.cell(p.l, "XK_JDRQ"))
		to, _ := credit.ParseDate(d.wrong)
		due, _ := credit.WorkCalendar().AddWorkingDays(from, 7)
		holds = to > due
	case city.AmountInYuan:
		wrong, _ := strconv.ParseFloat(d.wrong, 64)
		right, _ := strconv.ParseFloat(d.right, 64)
		holds = wrong == float64(int(right*10000+0.5)) && wrong > 100
	case city.DateImpossible:
		_, err := credit.ParseDate(d.wrong)
		holds = err != nil
	case city.DateFuture:
		on, err := credit.ParseDate(d.wrong)
		holds = err == nil && on > city.DefaultAsOf()
	case city.RowRagged:
		holds = strconv.Itoa(len(p.l.cells)) == d.wrong && strconv.Itoa(len(p.one.header)) == d.right
	case city.DuplicateRow:
		before := p.one.rows[slices.IndexFunc(p.one.rows, func(l line) bool { return l.number == p.l.number })-1]
		holds = slices.Equal(before.cells, p.l.cells)
	case city.PersonIDInvalid:
		_, err := credit.ParsePersonID(d.wrong)
		holds = err != nil
	case city.RegisterNoInvalid:
		holds = !credit.ValidRegistrationNo(d.wrong) && credit.ValidRegistrationNo(d.right)
	case city.PermitDatesReversed:
		from, _ := credit.ParseDate(p.one.cell(p.l, "XK_YXQZ"))
		to, err := credit.ParseDate(d.wrong)
		holds = err == nil && to < from
	case city.BytesUndecodable:
		holds = strings.Replace(d.wrong, "\ufffd", "", 1) == d.right
	case city.RequiredMissing:
		holds = d.wrong == "" && d.right != ""
	}
	if holds {
		return ""
	}
	return fmt.Sprintf("%q for %q is no such fault", d.wrong, d.right)
}

func TestEveryKindOccurs(t *testing.T) {
	for _, n := range []int{2000, 3000} {
		for seed := range uint64(2) {
			m := generate(t, city.Config{Enterprises: n, Seed: seed})
			count := map[city.Kind]int{}
			for _, d := range m.defects(t) {
				count[d.kind]++
			}
			for kind := range city.DefaultRates() {
				if count[kind] < 3 {
					t.Errorf("%d enterprises, seed %d: %s occurs %d times", n, seed, kind, count[kind])
				}
				if count[kind] != m.summary.Defects[kind] {
					t.Errorf("%s: %d in defects.csv, %d in the summary", kind, count[kind], m.summary.Defects[kind])
				}
			}
		}
	}
}

// No file has so many faults that landing would refuse the batch.
func TestFaultsStayRare(t *testing.T) {
	m := generate(t, city.Config{Enterprises: 3000, Seed: 9})
	count := map[string]int{}
	for _, d := range m.defects(t) {
		if d.kind != city.WithdrawnStillSent { // not seen at landing
			count[d.file]++
		}
	}
	for _, f := range m.summary.Files {
		if 30*count[f.Path] > f.Rows {
			t.Errorf("%s: %d faulty rows of %d", f.Path, count[f.Path], f.Rows)
		}
	}
}
