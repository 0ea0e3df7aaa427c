package contract

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"rongxin/internal/credit"
	"rongxin/internal/strictyaml"
)

// document is the file as written. Its keys, and those of field, are the whole
// language of contracts; docs/contracts.md explains each.
type document struct {
	Dataset       string    `yaml:"dataset"`
	Version       int       `yaml:"version"`
	EffectiveFrom string    `yaml:"effective_from"`
	EffectiveTo   string    `yaml:"effective_to"`
	Title         string    `yaml:"title"`
	Department    string    `yaml:"department"`
	Catalogue     catalogue `yaml:"catalogue"`
	Basis         string    `yaml:"basis"`
	Range         string    `yaml:"range"`
	Source        source    `yaml:"source"`
	Ignore        []string  `yaml:"ignore"`
	Key           []string  `yaml:"key"`
	Clock         *clock    `yaml:"clock"`
	Expect        expect    `yaml:"expect"`
	Fields        []field   `yaml:"fields"`
}

type catalogue struct {
	Class   string `yaml:"class"`
	Item    string `yaml:"item"`
	Edition int    `yaml:"edition"`
}

type source struct {
	Format     string   `yaml:"format"`
	Encoding   string   `yaml:"encoding"`
	Delimiter  string   `yaml:"delimiter"`
	Member     string   `yaml:"member"`
	RecordPath string   `yaml:"record_path"`
	Delivery   string   `yaml:"delivery"`
	Sheet      string   `yaml:"sheet"`
	EverySheet bool     `yaml:"every_sheet"`
	HeaderRow  string   `yaml:"header_row"`
	HeaderRows int      `yaml:"header_rows"`
	Nulls      []string `yaml:"nulls"`
	Database   string   `yaml:"database"`
	Table      string   `yaml:"table"`
	Cursor     string   `yaml:"cursor"`
	Tie        []string `yaml:"tie"`
	Overlap    string   `yaml:"overlap"`

	Withdrawal withdrawal `yaml:"withdrawal"`
}

type withdrawal struct {
	Field  string   `yaml:"field"`
	Values []string `yaml:"values"`
}

type clock struct {
	From   string `yaml:"from"`
	To     string `yaml:"to"`
	Within string `yaml:"within"`
}

type expect struct {
	MinRows        *int64 `yaml:"min_rows"`
	MaxRejectRatio string `yaml:"max_reject_ratio"`
	MinShare       string `yaml:"min_share"`
	WarnAboveShare string `yaml:"warn_above_share"`
	WarnChanges    string `yaml:"warn_changes"`
	Every          string `yaml:"every"`
	Within         string `yaml:"within"`
}

type field struct {
	Name      string    `yaml:"name"`
	Title     string    `yaml:"title"`
	As        string    `yaml:"as"`
	Type      string    `yaml:"type"`
	Required  yaml.Node `yaml:"required"`
	Unit      string    `yaml:"unit"`
	Min       string    `yaml:"min"`
	Max       string    `yaml:"max"`
	WarnAbove string    `yaml:"warn_above"`
	Codes     yaml.Node `yaml:"codes"`
	Edition   int       `yaml:"edition"`
	NotAfter  string    `yaml:"not_after"`
	MaxLength int       `yaml:"max_length"`
	Range     string    `yaml:"range"`
	Mask      []int     `yaml:"mask"`
	MaskWhen  yaml.Node `yaml:"mask_when"`
	FreeText  bool      `yaml:"free_text"`
	HashOf    []string  `yaml:"hash_of"`
	Several   bool      `yaml:"several"`
	Answer    bool      `yaml:"answer"`
	Vault     bool      `yaml:"vault"`
	Basis     string    `yaml:"basis"`
}

// Parse reads one contract. The file name is used in messages only, so a
// contract outside the catalogue may stand anywhere. The error holds every
// fault with its line and column.
func Parse(file string, data []byte) (*Contract, error) { return parse(file, data, "", Items{}) }

// parse is Parse with the dataset that the file's place in the catalogue
// promises, or "".
func parse(file string, data []byte, dataset string, list Items) (*Contract, error) {
	var raw document
	doc := strictyaml.Decode(file, data, &raw)
	if doc.Err() != nil {
		return nil, doc.Err()
	}
	r := reader{doc: doc, raw: &raw}
	c := r.contract()
	if dataset != "" && c.Dataset != dataset {
		doc.Fault("dataset", "is %s, but the file stands at %s", c.Dataset, file)
	}
	if dataset != "" {
		checkSubject(doc, c)
	}
	check(doc, c)
	list.check(doc, c)
	if err := doc.Err(); err != nil {
		return nil, err
	}
	sum := sha256.Sum256(data)
	c.File, c.Hash = file, hex.EncodeToString(sum[:])
	return c, nil
}

// reader turns the written form into a Contract and notes what cannot be read.
// What can be read but contradicts itself is found by check.
type reader struct {
	doc *strictyaml.Document
	raw *document
}

func (r *reader) contract() *Contract {
	raw := r.raw
	c := &Contract{
		Dataset: raw.Dataset, Version: raw.Version, Title: raw.Title, Department: raw.Department,
		Catalogue: Catalogue(raw.Catalogue), Basis: raw.Basis, Range: Range(raw.Range),
		Ignore: raw.Ignore, Key: raw.Key,
		Source: Source{
			Format: raw.Source.Format, Encoding: EncodingName(raw.Source.Encoding), Delimiter: delimiter(raw.Source.Delimiter),
			Member: raw.Source.Member, RecordPath: recordPath(raw.Source.Format, raw.Source.RecordPath),
			Delivery: raw.Source.Delivery, Sheet: raw.Source.Sheet, EverySheet: raw.Source.EverySheet, HeaderRow: r.headerRow(), HeaderRows: max(raw.Source.HeaderRows, 1),
			Nulls:      raw.Source.Nulls,
			Withdrawal: Withdrawal(raw.Source.Withdrawal),
		},
		Clock:  r.clock(),
		Expect: r.expect(),
	}
	r.table(&c.Source)
	from, err := credit.ParseDate(raw.EffectiveFrom)
	if err != nil {
		r.doc.Fault("effective_from", "want a day such as 2026-04-01")
	}
	c.EffectiveFrom = from
	if raw.EffectiveTo != "" {
		if c.EffectiveTo, err = credit.ParseDate(raw.EffectiveTo); err != nil || c.EffectiveTo < from {
			r.doc.Fault("effective_to", "want a day such as 2026-12-31, not before effective_from")
		}
	}
	for i := range raw.Fields {
		c.Fields = append(c.Fields, r.field(fmt.Sprintf("fields[%d]", i), &raw.Fields[i], c.Range))
	}
	c.addWithdrawalField()
	return c
}

func (r *reader) headerRow() int {
	switch text := r.raw.Source.HeaderRow; text {
	case "":
		return 1
	case "auto":
		return AutoHeader
	default:
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > 1000 {
			r.doc.Fault("source.header_row", "want a row of 1 to 1000, or auto")
		}
		return n
	}
}

// EncodingName brings a name of an encoding into the form that contracts have:
// auto for none, and gb18030 for the encodings it contains.
func EncodingName(name string) string {
	switch name = strings.ToLower(name); name {
	case "":
		return "auto"
	case "utf8":
		return "utf-8"
	case "utf16", "utf16le", "utf16be":
		return "utf-" + name[len("utf"):]
	case "gbk", "gb2312", "cp936":
		return "gb18030"
	}
	return name
}

// delimiter is the sign itself where the file names it.
func delimiter(name string) string {
	switch name {
	case "auto":
		return ""
	case "tab":
		return "\t"
	}
	return name
}

// recordPath takes data.records or /root/records/record apart.
func recordPath(format, written string) []string {
	switch {
	case written == "":
		return nil
	case format == "xml":
		return strings.Split(strings.TrimPrefix(written, "/"), "/")
	}
	return strings.Split(written, ".")
}

func (r *reader) clock() *Clock {
	if r.raw.Clock == nil {
		return nil
	}
	c := &Clock{From: r.raw.Clock.From, To: r.raw.Clock.To}
	days, found := strings.CutSuffix(r.raw.Clock.Within, " working days")
	n, err := strconv.Atoi(days)
	if !found || err != nil || n < 1 {
		r.doc.Fault("clock.within", "want a deadline such as 7 working days")
	}
	c.Within = n
	return c
}

// whole is one hundred per cent in millionths.
const whole = 1_000_000

func (r *reader) expect() Expect {
	e := Expect{MaxRejectPPM: whole}
	if min := r.raw.Expect.MinRows; min != nil {
		e.MinRows = *min
	} else if r.raw.Source.Delivery == "snapshot" {
		e.MinRows = 1 // an empty snapshot would withdraw everything
	}
	r.share("expect.max_reject_ratio", r.raw.Expect.MaxRejectRatio, &e.MaxRejectPPM, whole)
	e.WarnAbovePPM = 5 * whole // a delta may well be empty
	if r.raw.Source.Delivery == "snapshot" {
		e.MinSharePPM, e.WarnAbovePPM, e.WarnChangesPPM = whole/2, 2*whole, 3*whole/10
	}
	r.share("expect.min_share", r.raw.Expect.MinShare, &e.MinSharePPM, whole)
	r.share("expect.warn_above_share", r.raw.Expect.WarnAboveShare, &e.WarnAbovePPM, 1000*whole)
	r.share("expect.warn_changes", r.raw.Expect.WarnChanges, &e.WarnChangesPPM, whole)
	e.Every = r.raw.Expect.Every
	if written := r.raw.Expect.Within; written != "" {
		days, found := strings.CutSuffix(written, " days")
		n, err := strconv.Atoi(days)
		if !found || err != nil || n < 0 {
			r.doc.Fault("expect.within", "want days after the close of the period, such as 10 days")
		}
		e.Within = n
	}
	return e
}

// share reads a percentage of at most so many millionths, if there is one.
func (r *reader) share(path, written string, ppm *int64, most int64) {
	if written == "" {
		return
	}
	percent, found := strings.CutSuffix(written, "%")
	n, err := ParseScaled(strings.TrimSpace(percent), 4, false)
	if !found || err != nil || n < 0 || n > most {
		r.doc.Fault(path, "want a share such as 2%% or 0.5%%, at most %d%%", most/10_000)
	}
	*ppm = n
}

func (r *reader) field(path string, raw *field, datasetRange Range) Field {
	f := Field{
		Name: raw.Name, Title: raw.Title, As: raw.As, Unit: raw.Unit,
		Edition: raw.Edition, NotAfter: raw.NotAfter, MaxLength: raw.MaxLength, Range: Range(raw.Range),
		FreeText: raw.FreeText, HashOf: raw.HashOf, Several: raw.Several, Answer: raw.Answer,
	}
	if f.Title == "" {
		f.Title = f.Name
	}
	if f.Range == "" {
		f.Range = datasetRange
	}
	f.Type, f.Precision, f.Scale = r.fieldType(path, raw.Type)
	if f.Type == Money {
		digits, ok := UnitDigits(raw.Unit)
		if !ok {
			r.doc.Fault(path+".unit", "a field of type money needs its unit: 分, 元, 千元, 万元, 百万元 or 亿元")
		}
		f.Scale = digits
	}
	f.Required = r.requirement(path+".required", &raw.Required)
	f.Codes = r.codes(path+".codes", &raw.Codes)
	f.Min = r.bound(path+".min", raw.Min, f.Scale)
	f.Max = r.bound(path+".max", raw.Max, f.Scale)
	f.WarnAbove = r.bound(path+".warn_above", raw.WarnAbove, f.Scale)
	if raw.Mask != nil {
		if len(raw.Mask) != 2 || raw.Mask[0] < 0 || raw.Mask[1] < 0 {
			r.doc.Fault(path+".mask", "want the characters kept at the left and at the right, such as [1, 1]")
		} else {
			f.Mask = &Mask{Left: raw.Mask[0], Right: raw.Mask[1]}
		}
	}
	f.MaskWhen = r.requirement(path+".mask_when", &raw.MaskWhen)
	f.Vault, f.VaultBasis = raw.Vault, raw.Basis
	return f
}

var decimalPattern = regexp.MustCompile(`^decimal\((\d{1,2}),\s*(\d{1,2})\)$`)

func (r *reader) fieldType(path, written string) (Type, int, int) {
	if m := decimalPattern.FindStringSubmatch(written); m != nil {
		precision, _ := strconv.Atoi(m[1])
		scale, _ := strconv.Atoi(m[2])
		if precision < 1 || precision > 18 || scale > precision {
			r.doc.Fault(path+".type", "a decimal has 1 to 18 digits, of which at most all are decimals")
		}
		return Decimal, precision, scale
	}
	switch t := Type(written); t {
	case Text, USCC, Code, Date, Integer, Money, PersonID, RegistrationNo, Division, Industry:
		return t, 0, 0
	}
	r.doc.Fault(path+".type", "unknown type %q: want text, uscc, code, date, integer, decimal(p,s), money, "+
		"person_id, registration_no, division or industry", written)
	return "", 0, 0
}

var whenPattern = regexp.MustCompile(`^when\s+(\S+)\s+in\s+(\[.*\])$`)

func (r *reader) requirement(path string, n *yaml.Node) Requirement {
	req, err := ReadRequirement(n)
	if err != nil {
		r.doc.Fault(path, "%v", err)
	}
	return req
}

// ReadRequirement reads true, false, or when FIELD in [value, value].
func ReadRequirement(n *yaml.Node) (Requirement, error) {
	if n.IsZero() || n.Value == "false" {
		return Requirement{}, nil
	}
	if n.Value == "true" {
		return Requirement{Always: true}, nil
	}
	m := whenPattern.FindStringSubmatch(n.Value)
	if m == nil {
		return Requirement{}, errors.New("want true, or when FIELD in [value, value]")
	}
	var list yaml.Node
	if err := yaml.Unmarshal([]byte(m[2]), &list); err != nil || len(list.Content) != 1 {
		return Requirement{}, fmt.Errorf("cannot read the list %s", m[2])
	}
	req := Requirement{Field: m[1]}
	for _, item := range list.Content[0].Content {
		req.In = append(req.In, item.Value)
	}
	if len(req.In) == 0 {
		return req, errors.New("the list of values is empty")
	}
	return req, nil
}

func (r *reader) codes(path string, n *yaml.Node) []CodeValue {
	codes, err := ReadCodes(n)
	if err != nil {
		r.doc.Fault(path, "%v", err)
	}
	return codes
}

// ReadCodes reads a list of values, or a mapping from the value that comes in to
// the value that goes out.
func ReadCodes(n *yaml.Node) ([]CodeValue, error) {
	var codes []CodeValue
	switch n.Kind {
	case yaml.SequenceNode:
		for _, item := range n.Content {
			codes = append(codes, CodeValue{item.Value, item.Value})
		}
	case yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			codes = append(codes, CodeValue{n.Content[i].Value, n.Content[i+1].Value})
		}
	case 0:
	default:
		return nil, errors.New("want a list of values, or a mapping from one value to another")
	}
	return codes, nil
}

func (r *reader) bound(path, written string, scale int) *int64 {
	if written == "" {
		return nil
	}
	n, err := ParseScaled(written, scale, false)
	if err != nil {
		r.doc.Fault(path, "%q: %v", written, err)
		return nil
	}
	return &n
}

// Keys returns every key a contract may hold, nested ones with their path, such
// as source.format and fields.as. Documentation is checked against it.
func Keys() []string { return strictyaml.Keys[document]() }
