package contract

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"rongxin/internal/credit"
)

// Verdict sums up what a new version of a contract does to the old one.
type Verdict string

// A change is additive when what was accepted is still accepted, apart from new
// columns, and every column keeps its name, its type and what it promises.
const (
	Same     Verdict = "same"
	Additive Verdict = "additive"
	Breaking Verdict = "breaking"
)

// Difference is what changed from one contract to another.
type Difference struct {
	Old     int      `json:"old_version"`
	New     int      `json:"new_version"`
	Verdict Verdict  `json:"verdict"`
	Changes []Change `json:"changes"`
}

// Change is one difference: a field that came or went, or a key with another
// value.
type Change struct {
	Kind     string `json:"kind"`            // added, removed, changed
	Field    string `json:"field,omitempty"` // source name; empty for a key of the dataset
	Key      string `json:"key,omitempty"`   // such as max_length; empty for a whole field
	Old      string `json:"old,omitempty"`
	New      string `json:"new,omitempty"`
	Breaking bool   `json:"breaking"`
}

// Diff compares two contracts. Fields are matched by the name the department
// writes; their order means nothing. A field that is required for every file
// from now on breaks, an optional one adds.
func Diff(old, new *Contract) Difference {
	var d differ
	d.head(old, new)
	d.source(&old.Source, &new.Source)
	d.expect(&old.Expect, &new.Expect)
	for i := range old.Fields {
		f := &old.Fields[i]
		d.name = f.Name
		if at := new.FieldIndex(f.Name); at >= 0 {
			d.field(f, &new.Fields[at])
		} else {
			d.changes = append(d.changes, Change{Kind: "removed", Field: f.Name, Old: f.As, Breaking: true})
		}
	}
	for i := range new.Fields {
		if f := &new.Fields[i]; old.FieldIndex(f.Name) < 0 {
			demanded := f.Required.Chinese() != ""
			d.changes = append(d.changes, Change{Kind: "added", Field: f.Name, New: f.As, Breaking: demanded})
		}
	}
	return Difference{Old: old.Version, New: new.Version, Verdict: d.verdict(), Changes: d.changes}
}

// differ gathers changes; name is the field it is at, empty above the fields.
type differ struct {
	name    string
	changes []Change
}

func (d *differ) verdict() Verdict {
	switch {
	case len(d.changes) == 0:
		return Same
	case slices.ContainsFunc(d.changes, func(c Change) bool { return c.Breaking }):
		return Breaking
	}
	return Additive
}

// text notes a key whose value differs.
func (d *differ) text(key, old, new string, breaking bool) {
	if old != new {
		d.changes = append(d.changes, Change{Kind: "changed", Field: d.name, Key: key, Old: old, New: new, Breaking: breaking})
	}
}

// list notes what a set of values lost, which breaks, and won.
func (d *differ) list(key string, old, new []string) {
	missing := func(from, in []string) string {
		return strings.Join(slices.DeleteFunc(slices.Clone(from), func(v string) bool { return slices.Contains(in, v) }), "；")
	}
	lost, won := missing(old, new), missing(new, old)
	d.text(key, lost, won, lost != "")
}

// bound notes a limit that moved: outwards adds, inwards breaks. No limit is
// the widest. sign is +1 where a larger limit allows more.
func (d *differ) bound(key string, old, new *int64, oldText, newText string, sign int64) {
	tighter := new != nil && (old == nil || sign*(*new-*old) < 0)
	d.text(key, oldText, newText, tighter)
}

func (d *differ) head(old, new *Contract) {
	d.text("dataset", old.Dataset, new.Dataset, true)
	d.text("title", old.Title, new.Title, false)
	d.text("effective_to", dayOrNone(old.EffectiveTo), dayOrNone(new.EffectiveTo), new.EffectiveTo != 0)
	d.text("department", old.Department, new.Department, false)
	d.text("catalogue", old.Catalogue.words(), new.Catalogue.words(), false)
	d.text("basis", old.Basis, new.Basis, false)
	d.text("range", string(old.Range), string(new.Range), true)
	d.text("key", strings.Join(old.Key, "、"), strings.Join(new.Key, "、"), true) // record_id is made of it
	d.text("clock", old.Clock.chinese(), new.Clock.chinese(), old.Clock != nil)
	d.list("ignore", old.Ignore, new.Ignore)
}

func dayOrNone(d credit.Date) string {
	if d == 0 {
		return ""
	}
	return d.String()
}

func (c Catalogue) words() string { return fmt.Sprintf("%s %s %d", c.Class, c.Item, c.Edition) }

func (d *differ) source(old, new *Source) {
	d.text("source.format", old.Format, new.Format, true)
	d.text("source.encoding", old.Encoding, new.Encoding, new.Encoding != "auto")
	d.text("source.delimiter", old.Delimiter, new.Delimiter, new.Delimiter != "")
	d.text("source.record_path", strings.Join(old.RecordPath, "/"), strings.Join(new.RecordPath, "/"), true)
	d.text("source.member", old.Member, new.Member, true)
	d.text("source.delivery", old.Delivery, new.Delivery, true)
	d.text("source.withdrawal", old.Withdrawal.chinese(), new.Withdrawal.chinese(), old.Withdrawal.Field != "")
	d.text("source.sheet", old.Sheet, new.Sheet, true)
	d.text("source.every_sheet", yes(old.EverySheet), yes(new.EverySheet), true)
	d.text("source.header_row", strconv.Itoa(old.HeaderRow), strconv.Itoa(new.HeaderRow), true)
	d.text("source.header_rows", strconv.Itoa(old.HeaderRows), strconv.Itoa(new.HeaderRows), true)
	d.text("source.table", old.Table.words(), new.Table.words(), true)
	d.text("source.overlap", old.Table.overlap(), new.Table.overlap(), false)
	d.text("source.nulls", strings.Join(old.Nulls, "；"), strings.Join(new.Nulls, "；"), true)
}

func (d *differ) expect(old, new *Expect) {
	count := func(n int64) string { return strconv.FormatInt(n, 10) }
	d.bound("expect.min_rows", &old.MinRows, &new.MinRows, count(old.MinRows), count(new.MinRows), -1)
	share := func(ppm int64) string { return string(FormatScaled(nil, ppm, 4)) + "%" }
	d.bound("expect.max_reject_ratio", &old.MaxRejectPPM, &new.MaxRejectPPM, share(old.MaxRejectPPM), share(new.MaxRejectPPM), 1)
	d.bound("expect.min_share", &old.MinSharePPM, &new.MinSharePPM, share(old.MinSharePPM), share(new.MinSharePPM), -1)
	d.text("expect.warn_above_share", share(old.WarnAbovePPM), share(new.WarnAbovePPM), false)
	d.text("expect.warn_changes", share(old.WarnChangesPPM), share(new.WarnChangesPPM), false)
	d.text("expect.every", old.rhythm(), new.rhythm(), false)
}

// field compares two versions of one field. Its title is for people only;
// anything that changes who may see it is a break, in either direction.
func (d *differ) field(old, new *Field) {
	d.text("title", old.Title, new.Title, false)
	d.text("as", old.As, new.As, true)
	d.text("type", old.chineseType(), new.chineseType(), true)
	d.text("required", old.Required.Chinese(), new.Required.Chinese(), true)
	d.list("codes", codeWords(old), codeWords(new))
	d.text("several", yes(old.Several), yes(new.Several), true)
	d.text("answer", yes(old.Answer), yes(new.Answer), false)
	d.text("range", string(old.Range), string(new.Range), true)
	d.text("mask", old.chineseMask(), new.chineseMask(), true)
	d.text("not_after", old.NotAfter, new.NotAfter, new.NotAfter != "")
	oldLength, newLength := limit(old.MaxLength), limit(new.MaxLength)
	d.bound("max_length", oldLength, newLength, number(oldLength), number(newLength), 1)
	if old.chineseType() != new.chineseType() {
		return // bounds in another unit cannot be compared
	}
	d.bound("min", old.Min, new.Min, old.scaled(old.Min), new.scaled(new.Min), -1)
	d.bound("max", old.Max, new.Max, old.scaled(old.Max), new.scaled(new.Max), 1)
	d.text("warn_above", old.scaled(old.WarnAbove), new.scaled(new.WarnAbove), false)
}

func codeWords(f *Field) []string {
	var words []string
	for _, code := range f.Codes {
		words = append(words, code.String())
	}
	return words
}

func yes(b bool) string {
	if b {
		return "是"
	}
	return "否"
}

// limit is a length as a bound: 0 means none.
func limit(length int) *int64 {
	if length == 0 {
		return nil
	}
	n := int64(length)
	return &n
}

func number(n *int64) string {
	if n == nil {
		return ""
	}
	return strconv.FormatInt(*n, 10)
}
