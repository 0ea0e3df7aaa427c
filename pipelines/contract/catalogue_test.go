package contract_test

import (
	"regexp"
	"strings"
	"testing"

	"rongxin/pipelines"
	"rongxin/pipelines/contract"
)

func builtin(t *testing.T) *contract.Catalog {
	t.Helper()
	catalog, err := contract.Load(pipelines.Catalog())
	if err != nil {
		t.Fatal(err)
	}
	return catalog
}

// The national catalogue has thirteen classes, and something is collected of each.
func TestEveryClassIsCovered(t *testing.T) {
	count := map[string]int{}
	for _, c := range builtin(t).All() {
		count[c.Catalogue.Class]++
	}
	if len(contract.Classes()) != 13 {
		t.Errorf("%d classes", len(contract.Classes()))
	}
	for _, class := range contract.Classes() {
		if count[class.Name] == 0 {
			t.Errorf("no dataset of class %s", class.Name)
		}
	}
}

func TestEveryContractSaysWhoUnderWhatAndWhy(t *testing.T) {
	law := regexp.MustCompile(`法|条例|办法|规定|规则|实施方案|目录|号|细则|公告|GB/T`)
	for _, c := range builtin(t).All() {
		if c.Department == "" || c.Catalogue.Item == "" || c.Catalogue.Edition != 2024 {
			t.Errorf("%s: department %q, item %q, edition %d", c.Dataset, c.Department, c.Catalogue.Item, c.Catalogue.Edition)
		}
		if !law.MatchString(c.Basis) {
			t.Errorf("%s: %q is no law or document", c.Dataset, c.Basis)
		}
	}
}

// personal matches the titles of fields that tell of a person: names, numbers,
// telephones. The one who approves an override acts in office and is named.
var personal = regexp.MustCompile(`姓名|法定代表人|法人代表|负责人|联系人|经办人|当事人$|证件号码|身份证|电话|手机`)

func TestEveryPersonalFieldIsMasked(t *testing.T) {
	found := 0
	for _, c := range builtin(t).All() {
		for _, f := range c.Fields {
			isKind := strings.HasSuffix(f.Title, "证件类型")
			if f.Type != contract.PersonID && (!personal.MatchString(f.Title) || isKind) {
				continue
			}
			found++
			if f.Mask == nil || f.Range != contract.Authorised && f.MaskWhen.Field == "" {
				t.Errorf("%s: %s (%s) tells of a person and is not masked", c.Dataset, f.Name, f.Title)
			}
		}
	}
	if found < 50 {
		t.Errorf("only %d personal fields: the pattern finds too few", found)
	}
}

// What the law keeps from the public is never public here.
func TestWhatIsNotPublic(t *testing.T) {
	want := map[string]contract.Range{
		"tax/payments": contract.Authorised, "tax/arrears": contract.Government,
		"labour/social_insurance": contract.Authorised, "labour/social_insurance_arrears": contract.Government,
		"fund/deposits": contract.Authorised, "resources/real_estate": contract.Authorised,
		"water/payments": contract.Authorised, "power/payments": contract.Authorised, "gas/payments": contract.Authorised,
		"samr/penalties_2015": contract.Government, "samr/permits_2015": contract.Government,
		"labour/qualifications": contract.Authorised, "samr/complaints": contract.Government,
	}
	catalog := builtin(t)
	for dataset, want := range want {
		c, err := catalog.Find(dataset)
		if err != nil {
			t.Error(err)
		} else if c.Range != want {
			t.Errorf("%s is %s, want %s", dataset, c.Range, want)
		}
	}
}

// Permits and penalties of 双公示 have their seven working days, and no public
// act has none by oversight: a snapshot cannot have a clock, since it sends old
// records again.
func TestClocks(t *testing.T) {
	for _, c := range builtin(t).All() {
		if strings.Contains(c.Basis, "〔2018〕424号") && (c.Clock == nil || c.Clock.Within != 7) {
			t.Errorf("%s: the deadline of seven working days is missing", c.Dataset)
		}
		if c.Clock != nil && c.Source.Delivery == "snapshot" {
			t.Errorf("%s: a snapshot with a clock makes every old record late", c.Dataset)
		}
	}
}
