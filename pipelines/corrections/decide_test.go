package corrections_test

import (
	"strings"
	"testing"

	"rongxin/internal/credit"
	"rongxin/pipelines/corrections"
)

const (
	right = "91350100MA8T00016W"
	other = "91350102MA8T00024L"
	wrong = "91350100MA8TO0016W"
)

func proposal(change func(*corrections.Proposal)) corrections.Proposal {
	p := corrections.Proposal{No: "JC1", Dataset: "samr/penalties", WrongCode: wrong, SubjectName: "福州甲公司",
		Operation: corrections.Assign, RightCode: right, Evidence: "执照", Proposer: "林填报", State: corrections.Open}
	change(&p)
	return p
}

// What may not be decided is told with its reason; a chain or a circle is
// refused from either end, but only where both corrections can meet one row.
func TestChoose(t *testing.T) {
	asIs := func(*corrections.Proposal) {}
	for name, test := range map[string]struct {
		p       corrections.Proposal
		d       corrections.Decision
		inForce []corrections.InForce
		want    string
	}{
		"sound":                 {p: proposal(asIs)},
		"own proposal":          {p: proposal(asIs), d: corrections.Decision{Approver: " 林填报", Approved: true, Reason: "对"}, want: "four eyes"},
		"own proposal refused":  {p: proposal(asIs), d: corrections.Decision{Approver: "林填报", Reason: "错"}, want: "four eyes"},
		"no reason":             {p: proposal(asIs), d: corrections.Decision{Approver: "王审核", Approved: true, Reason: " "}, want: "needs its reason"},
		"decided before":        {p: proposal(func(p *corrections.Proposal) { p.State, p.Approver = corrections.Refused, "陈审核" }), want: "was refused by 陈审核 already"},
		"a person's number":     {p: proposal(func(p *corrections.Proposal) { p.WrongCode = "350102190001010015" }), want: "somebody's id number"},
		"a masked number":       {p: proposal(func(p *corrections.Proposal) { p.WrongCode = "3****************5" }), want: "somebody's id number"},
		"ruined, for a name":    {p: proposal(func(p *corrections.Proposal) { p.WrongCode = "9.135E+17" })},
		"ruined, for any name":  {p: proposal(func(p *corrections.Proposal) { p.WrongCode, p.SubjectName = "9.135E+17", "" }), want: "needs the subject's name"},
		"right code is wrong":   {p: proposal(func(p *corrections.Proposal) { p.RightCode = wrong }), want: "is not valid"},
		"right code is the one": {p: proposal(func(p *corrections.Proposal) { p.WrongCode = right }), want: "the right code is the wrong one"},
		"chain onwards": {p: proposal(asIs), want: "is itself corrected by JC0",
			inForce: []corrections.InForce{{No: "JC0", WrongCode: right, RightCode: other, Operation: corrections.Assign}}},
		"chain from before": {p: proposal(asIs), want: "correct that one first",
			inForce: []corrections.InForce{{No: "JC0", WrongCode: other, RightCode: wrong, Operation: corrections.Assign}}},
		"circle": {p: proposal(asIs), want: "is itself corrected",
			inForce: []corrections.InForce{{No: "JC0", WrongCode: right, RightCode: wrong, Operation: corrections.Assign}}},
		"of another name": {p: proposal(asIs),
			inForce: []corrections.InForce{{No: "JC0", WrongCode: right, RightCode: other, Operation: corrections.Assign, NameKey: credit.NameKey("福州乙公司")}}},
		"of another dataset": {p: proposal(asIs),
			inForce: []corrections.InForce{{No: "JC0", WrongCode: right, RightCode: other, Operation: corrections.Assign, Dataset: "tax/grades"}}},
		"a newer answer to the same": {p: proposal(asIs),
			inForce: []corrections.InForce{{No: "JC0", WrongCode: wrong, RightCode: other, Operation: corrections.Assign}}},
	} {
		t.Run(name, func(t *testing.T) {
			d := test.d
			if d.Approver == "" {
				d = corrections.Decision{Approver: "王审核", Approved: true, Reason: "核对"}
			}
			chosen, err := corrections.Choose([]corrections.Proposal{test.p}, []string{"JC1"}, d, test.inForce)
			switch {
			case test.want == "" && (err != nil || len(chosen) != 1):
				t.Errorf("got %v, %v", chosen, err)
			case test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want) || !strings.HasPrefix(err.Error(), "JC1: ")):
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}

// Every fault is told at once, and what is decided together may not lead on
// from one to the other.
func TestChooseSeveral(t *testing.T) {
	first := proposal(func(*corrections.Proposal) {})
	second := proposal(func(p *corrections.Proposal) { p.No, p.WrongCode, p.RightCode = "JC2", right, other })
	_, err := corrections.Choose([]corrections.Proposal{first, second}, []string{"JC1", "JC2", "JC3"},
		corrections.Decision{Approver: "王审核", Approved: true, Reason: "核对"}, nil)
	if err == nil || !strings.Contains(err.Error(), "JC2: JC1 corrects "+wrong) || !strings.Contains(err.Error(), "JC3: no such proposal") {
		t.Error(err)
	}
}
