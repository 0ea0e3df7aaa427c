package contract

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"rongxin/internal/credit"
	"rongxin/internal/strictyaml"
)

var (
	datasetPattern = regexp.MustCompile(`^[a-z][a-z0-9_]*/[a-z][a-z0-9_]*$`)
	columnPattern  = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)
	// A delimiter is one ASCII sign; quotes have a meaning of their own in CSV.
	delimiterPattern = regexp.MustCompile(`^[!#-/:-@\[-` + "`" + `{-~]$`)
	itemPattern      = regexp.MustCompile(`^[A-Z][A-Z0-9]*$`)
)

// check notes what a contract says that cannot be meant.
func check(doc *strictyaml.Document, c *Contract) {
	checkHead(doc, c)
	checkSource(doc, &c.Source)
	checkTable(doc, c)
	checkNames(doc, c)
	for i := range c.Fields {
		checkField(doc, c, i)
	}
	checkKey(doc, c)
	checkWithdrawal(doc, c)
	if c.Clock != nil {
		checkClockField(doc, c, "clock.from", c.Clock.From)
		if c.Clock.To != "" {
			checkClockField(doc, c, "clock.to", c.Clock.To)
		}
	}
	checkExpect(doc, c)
}

func checkExpect(doc *strictyaml.Document, c *Contract) {
	e := &c.Expect
	if e.MinRows < 0 {
		doc.Fault("expect.min_rows", "is negative")
	}
	if e.WarnAbovePPM > 0 && e.WarnAbovePPM < whole {
		doc.Fault("expect.warn_above_share", "want 100%% or more, or 0%% for no bound")
	}
	if e.WarnChangesPPM > 0 && doc.Has("expect.warn_changes") && c.Source.Delivery != "snapshot" {
		doc.Fault("expect.warn_changes", "is for a snapshot: a delta holds changes only")
	}
	most, known := mostDays(e.Every)
	switch {
	case e.Every == "" && doc.Has("expect.within"):
		doc.Fault("expect.within", "wants expect.every beside it")
	case e.Every == "":
	case !known:
		doc.Fault("expect.every", "want daily, month, quarter, half-year or year")
	case !doc.Has("expect.within"):
		doc.Fault("expect.within", "is missing: the days after the close of the period, such as 10 days")
	case e.Within > most:
		doc.Fault("expect.within", "a delivery belongs to the period whose close it is nearest to: at most %d days for every %s", most, e.Every)
	}
}

// mostDays is half a period, beyond which a delivery is nearer to the close of
// the next one; what is due daily is due on the day itself.
func mostDays(every string) (days int, known bool) {
	days, known = map[string]int{"daily": 0, "month": 14, "quarter": 45, "half-year": 90, "year": 182}[every]
	return days, known
}

func checkHead(doc *strictyaml.Document, c *Contract) {
	if !datasetPattern.MatchString(c.Dataset) {
		doc.Fault("dataset", "want department/dataset in small letters, digits and _, such as samr/penalties")
	}
	if c.Version < 1 {
		doc.Fault("version", "want 1 or more")
	}
	for _, text := range []struct{ key, value string }{
		{"title", c.Title}, {"department", c.Department}, {"basis", c.Basis},
	} {
		if strings.TrimSpace(text.value) == "" {
			doc.Fault(text.key, "%s is missing", text.key)
		}
	}
	if rangeRank(c.Range) == 0 {
		doc.Fault("range", "want public, government or authorised")
	}
	since, known := classSince(c.Catalogue.Class)
	switch {
	case !known:
		doc.Fault("catalogue.class", "%q is no class of the national catalogue: %s", c.Catalogue.Class, strings.Join(classNames(), ", "))
	case !slices.Contains(knownEditions, c.Catalogue.Edition):
		doc.Fault("catalogue.edition", "want an edition of the national catalogue: 2021, 2022 or 2024")
	case c.Catalogue.Edition < since:
		doc.Fault("catalogue.edition", "%s is a class since the edition of %d", c.Catalogue.Class, since)
	}
	if !itemPattern.MatchString(c.Catalogue.Item) {
		doc.Fault("catalogue.item", "want the identifier of the item in capitals, such as XZCF")
	}
}

// checkSubject asks for the columns that datasets of a catalogue share. One that is
// about no enterprise, such as a list of inspectors, has neither.
func checkSubject(doc *strictyaml.Document, c *Contract) {
	has := func(column string) bool {
		return slices.ContainsFunc(c.Fields, func(f Field) bool { return f.As == column })
	}
	if !has(ColumnSubjectID) && !has(ColumnSubjectName) {
		return
	}
	for _, want := range []struct {
		column string
		kind   Type
	}{{ColumnSubjectID, USCC}, {ColumnSubjectName, Text}} {
		if !slices.ContainsFunc(c.Fields, func(f Field) bool { return f.As == want.column && f.Type == want.kind }) {
			doc.Fault("fields", "a dataset of the catalogue needs a field as %s of type %s", want.column, want.kind)
		}
	}
}

var (
	formats   = []string{"csv", "xlsx", "ndjson", "json", "xml", tableFormat}
	encodings = []string{"auto", "utf-8", "gb18030", "utf-16", "utf-16le", "utf-16be"}
)

func checkSource(doc *strictyaml.Document, s *Source) {
	if !slices.Contains(formats, s.Format) {
		doc.Fault("source.format", "unknown format %q: want one of %s", s.Format, strings.Join(formats, ", "))
	}
	if !slices.Contains(encodings, s.Encoding) {
		doc.Fault("source.encoding", "unknown encoding %q: want one of %s", s.Encoding, strings.Join(encodings, ", "))
	}
	if doc.Has("source.delimiter") {
		checkDelimiter(doc, s)
	}
	checkRecordPath(doc, s)
	if _, err := path.Match(s.Member, ""); err != nil {
		doc.Fault("source.member", "want the name of a file, in which * stands for any signs, such as *.csv")
	}
	if s.Delivery != "delta" && s.Delivery != "snapshot" {
		doc.Fault("source.delivery", "want delta (each file adds) or snapshot (each file is the whole)")
	}
	isSheet := s.Format == "xlsx"
	if isSheet && s.Sheet == "" {
		doc.Fault("source.sheet", "an xlsx source needs the name of its worksheet")
	}
	if pattern, ok := SheetPattern(s.Sheet); ok {
		if _, err := regexp.Compile(pattern); err != nil {
			doc.Fault("source.sheet", "is no regular expression: %v", err)
		}
	} else if strings.ContainsAny(s.Sheet, `/\?*[]:`) {
		doc.Fault("source.sheet", "no sheet can be called so; want a name, first, or a pattern such as /^名单/")
	}
	if _, ok := SheetPattern(s.Sheet); s.EverySheet && !ok {
		doc.Fault("source.every_sheet", "wants a pattern between slashes in source.sheet")
	}
	if !isSheet && (doc.Has("source.sheet") || doc.Has("source.header_row") || doc.Has("source.header_rows")) {
		doc.Fault("source", "sheet, header_row and header_rows are for xlsx only")
	}
	if s.HeaderRows > 10 {
		doc.Fault("source.header_rows", "want 1 to 10 rows")
	}
	if isSheet && doc.Has("source.encoding") {
		doc.Fault("source.encoding", "an xlsx file says itself how it is encoded")
	}
}

func checkRecordPath(doc *strictyaml.Document, s *Source) {
	switch {
	case s.Format == "xml" && len(s.RecordPath) == 0:
		doc.Fault("source.record_path", "an xml source needs the path of its records, such as /root/records/record")
	case s.Format != "xml" && s.Format != "json" && doc.Has("source.record_path"):
		doc.Fault("source.record_path", "is for json and xml only")
	case slices.ContainsFunc(s.RecordPath, func(name string) bool { return strings.TrimSpace(name) != name || name == "" }):
		doc.Fault("source.record_path", "has an empty name: want data.records in json, /root/records/record in xml")
	}
}

func checkDelimiter(doc *strictyaml.Document, s *Source) {
	if s.Format != "csv" {
		doc.Fault("source.delimiter", "is for csv only")
	}
	if d := s.Delimiter; d != "" && d != "\t" && !delimiterPattern.MatchString(d) {
		doc.Fault("source.delimiter", "want auto, tab, or one ASCII sign that is no letter, digit, blank or quote, such as \";\"")
	}
}

// checkNames finds names that stand twice, in the extract or in the warehouse.
func checkNames(doc *strictyaml.Document, c *Contract) {
	if len(c.Fields) == 0 {
		doc.Fault("fields", "a contract needs fields")
	}
	source, columns := map[string]bool{}, map[string]bool{}
	for _, column := range []string{ColumnRecordID, ColumnMatchID, ColumnBatchID, ColumnLine, ColumnFlags, ColumnClockDays, ColumnIsWithdrawal} {
		columns[column] = true
	}
	for i := range c.Fields {
		f, path := &c.Fields[i], fmt.Sprintf("fields[%d]", i)
		switch {
		case f.Name == "" || strings.TrimSpace(f.Name) != f.Name:
			doc.Fault(path+".name", "want the column name as the department writes it, without blanks around it")
		case source[f.Name]:
			doc.Fault(path+".name", "%s stands twice", f.Name)
		}
		source[f.Name] = true
		for _, column := range f.Columns() {
			if columns[column.Name] {
				doc.Fault(path+".as", "the column %s stands twice, or is one that landing adds", column.Name)
			}
			columns[column.Name] = true
		}
		if !columnPattern.MatchString(f.As) {
			doc.Fault(path+".as", "want a column name in small letters, digits and _")
		}
	}
	for i, name := range c.Ignore {
		if source[name] {
			doc.Fault(fmt.Sprintf("ignore[%d]", i), "%s is a field, or stands twice", name)
		}
		source[name] = true
	}
}

func checkField(doc *strictyaml.Document, c *Contract, i int) {
	f, path := &c.Fields[i], fmt.Sprintf("fields[%d]", i)
	only := func(key string, types ...Type) {
		if doc.Has(path+"."+key) && f.Type != "" && !slices.Contains(types, f.Type) {
			doc.Fault(path+"."+key, "is not for type %s", f.Type)
		}
	}
	only("codes", Code)
	only("unit", Money)
	only("edition", Industry)
	only("not_after", Date)
	only("max_length", Text)
	only("min", Integer, Decimal, Money)
	only("max", Integer, Decimal, Money)
	only("warn_above", Money)
	only("mask", Text, PersonID)
	only("mask_when", Text)
	only("free_text", Text)
	only("vault", Text, PersonID)
	only("hash_of", Text)
	only("several", Code)
	checkAnswer(doc, c, f, path)
	for n, name := range f.HashOf {
		if at := c.FieldIndex(name); at < 0 || at == i || c.Fields[at].Mask != nil || c.Fields[at].FreeText {
			doc.Fault(fmt.Sprintf("%s.hash_of[%d]", path, n), "%s is not another field that is kept as it is sent", name)
		}
	}

	if f.Type == Code {
		checkCodes(doc, path+".codes", f.Codes)
	}
	if f.Type == Industry && f.Edition != credit.Industry2011 && f.Edition != credit.Industry2017 {
		doc.Fault(path+".edition", "an industry code needs its edition of GB/T 4754: 2011 or 2017")
	}
	if doc.Has(path+".not_after") && f.NotAfter != "received" {
		doc.Fault(path+".not_after", "want received")
	}
	if f.MaxLength < 0 || doc.Has(path+".max_length") && f.MaxLength == 0 {
		doc.Fault(path+".max_length", "want 1 or more characters")
	}
	if f.Min != nil && f.Max != nil && *f.Min > *f.Max {
		doc.Fault(path+".min", "is above max")
	}
	checkRange(doc, c, f, path)
	checkVault(doc, f, path)
	checkWhen(doc, c, f.Required, path+".required")
	checkWhen(doc, c, f.MaskWhen, path+".mask_when")
}

// checkAnswer: a field of several codes says nothing that a condition or a key
// could hold, and an answer is what a row cannot be without.
func checkAnswer(doc *strictyaml.Document, c *Contract, f *Field, path string) {
	if f.Several && slices.Contains(c.Key, f.Name) {
		doc.Fault(path+".several", "is not for a field of the key")
	}
	for _, code := range f.Codes {
		if f.Several && strings.ContainsFunc(code.Source+code.Value, PartsCodes) {
			doc.Fault(path+".codes", "%s holds a sign that parts codes", code.Source)
		}
	}
	if f.Answer && !f.Required.Always {
		doc.Fault(path+".answer", "wants required: true")
	}
}

// PartsCodes says that a sign parts the codes of a field that holds several:
// blanks and , ; / with the Chinese signs that stand for them.
func PartsCodes(r rune) bool {
	return strings.ContainsRune(" \t\n\r\u3000,;/，；、／", r)
}

func checkCodes(doc *strictyaml.Document, path string, codes []CodeValue) {
	if len(codes) == 0 {
		doc.Fault(path, "a field of type code needs its list of codes")
	}
	seen := map[string]bool{}
	for _, code := range codes {
		if code.Source == "" || code.Value == "" || strings.TrimSpace(code.Source) != code.Source {
			doc.Fault(path, "a code is empty or has blanks around it")
		}
		if seen[code.Source] {
			doc.Fault(path, "%s stands twice", code.Source)
		}
		seen[code.Source] = true
	}
}

func checkRange(doc *strictyaml.Document, c *Contract, f *Field, path string) {
	switch {
	case rangeRank(f.Range) == 0:
		if doc.Has(path + ".range") {
			doc.Fault(path+".range", "want public, government or authorised")
		}
	case rangeRank(f.Range) < rangeRank(c.Range):
		doc.Fault(path+".range", "is wider than that of the dataset, %s", c.Range)
	}
	always := f.MaskWhen.Field == ""
	if f.Mask != nil && always && f.Range != Authorised {
		doc.Fault(path+".mask", "a masked field has range: authorised")
	}
	if doc.Has(path+".mask_when") && (f.Mask == nil || always) {
		doc.Fault(path+".mask_when", "wants a mask beside it, and when FIELD in [value, value]")
	}
	if f.Type == PersonID && f.Mask == nil && !doc.Has(path+".mask") {
		doc.Fault(path+".mask", "a person_id needs a mask, such as [1, 1], and range: authorised")
	}
	if f.Type == PersonID && f.Mask != nil && (f.Mask.Left > 6 || f.Mask.Right > 4) {
		doc.Fault(path+".mask", "shows more of an id number than [6, 4]")
	}
}

// checkVault allows clear values only of what is always masked and shown to
// nobody without authorisation, and on a stated basis.
func checkVault(doc *strictyaml.Document, f *Field, path string) {
	switch {
	case !f.Vault:
		if doc.Has(path + ".basis") {
			doc.Fault(path+".basis", "is the basis of a vault: true beside it")
		}
	case f.Mask == nil || f.MaskWhen.Field != "" || f.Range != Authorised:
		doc.Fault(path+".vault", "keeps the clear values of a field that is always masked, with mask and range: authorised")
	case strings.TrimSpace(f.VaultBasis) == "":
		doc.Fault(path+".vault", "wants basis beside it: the law that allows clear values to be kept")
	}
}

func checkWhen(doc *strictyaml.Document, c *Contract, when Requirement, path string) {
	if when.Field == "" {
		return
	}
	i := c.FieldIndex(when.Field)
	if i < 0 {
		doc.Fault(path, "there is no field %s", when.Field)
		return
	}
	if c.Fields[i].Mask != nil {
		doc.Fault(path, "%s is masked, and a reject would tell its value", when.Field)
	}
	if c.Fields[i].Several {
		doc.Fault(path, "%s holds several codes, and no single one decides", when.Field)
	}
	if c.Fields[i].Type != Code {
		return
	}
	for _, value := range when.In {
		if !slices.ContainsFunc(c.Fields[i].Codes, func(v CodeValue) bool { return v.Source == value }) {
			doc.Fault(path, "%s is no code of %s", value, when.Field)
		}
	}
}

func checkKey(doc *strictyaml.Document, c *Contract) {
	if len(c.Key) == 0 {
		doc.Fault("key", "name the fields that identify a record")
	}
	for i, name := range c.Key {
		path := fmt.Sprintf("key[%d]", i)
		at := c.FieldIndex(name)
		switch {
		case at < 0:
			doc.Fault(path, "there is no field %s", name)
		case c.Fields[at].Mask != nil && c.Fields[at].MaskWhen.Field == "" || c.Fields[at].Type == PersonID:
			doc.Fault(path, "%s is masked and cannot identify a record", name)
		case slices.Contains(c.Key[:i], name):
			doc.Fault(path, "%s stands twice", name)
		}
	}
}

func checkWithdrawal(doc *strictyaml.Document, c *Contract) {
	w := &c.Source.Withdrawal
	if !doc.Has("source.withdrawal") {
		return
	}
	if c.Source.Delivery != "delta" {
		doc.Fault("source.withdrawal", "is for a delta: a snapshot withdraws what it leaves out")
	}
	if w.Field == "" {
		doc.Fault("source.withdrawal", "want the column and its values, such as {field: CZBS, values: [D]}")
		return
	}
	if len(w.Values) == 0 {
		doc.Fault("source.withdrawal", "name the values that withdraw a record, such as values: [D, 撤销]")
	}
	for i, value := range w.Values {
		if value == "" || strings.TrimSpace(value) != value || slices.Contains(w.Values[:i], value) {
			doc.Fault(fmt.Sprintf("source.withdrawal.values[%d]", i), "is empty, has blanks around it, or stands twice")
		}
	}
	f := c.Fields[c.FieldIndex(w.Field)]
	switch {
	case slices.Contains(c.Key, w.Field):
		doc.Fault("source.withdrawal.field", "%s is part of the key, so a withdrawal would be of another record", w.Field)
	case slices.Contains(c.Ignore, w.Field):
		doc.Fault("source.withdrawal.field", "%s is ignored", w.Field)
	case f.Type != Code && f.Type != Text || f.Mask != nil:
		doc.Fault("source.withdrawal.field", "want a field of type code or text that is not masked")
	}
}

func checkClockField(doc *strictyaml.Document, c *Contract, path, name string) {
	if i := c.FieldIndex(name); i < 0 {
		doc.Fault(path, "there is no field %q", name)
	} else if c.Fields[i].Type != Date {
		doc.Fault(path, "%s is not a date", name)
	}
}

func rangeRank(r Range) int {
	return 1 + slices.Index([]Range{Public, Government, Authorised}, r)
}
