package credit_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rongxin/internal/credit"
)

const exceptionList = `exceptions:
  - code: 91350203M0001QAY9B
    reason: 试点期赋码，登记机关书面确认
    approver: 王审核
    approved_on: 2026-01-05
`

func TestExceptions(t *testing.T) {
	list, err := credit.ParseExceptions("uscc_exception.yml", []byte(exceptionList))
	if err != nil {
		t.Fatal(err)
	}
	want := credit.CodeCheck{
		Code: "91350203M0001QAY9B", Status: "valid", OuterCheck: "fail", InnerCheck: "pass",
		Reasons: []string{"EXCEPTION", "OUTER_CHECK_FAILED"}, Suggestions: []string{}, Category: "91", Division: "350203",
	}
	if diff := cmp.Diff(want, list.Check(" 91350203m0001qay9b")); diff != "" {
		t.Error(diff)
	}
	entry, ok := list.Find("91350203M0001QAY9B")
	if want := (credit.Exception{
		Code: "91350203M0001QAY9B", Reason: "试点期赋码，登记机关书面确认", Approver: "王审核",
		ApprovedOn: credit.NewDate(2026, 1, 5),
	}); !ok || entry != want {
		t.Errorf("found %+v", entry)
	}
	for code, want := range map[string]credit.CodeStatus{
		"91350203M0001QAY9B": credit.CodeValid,
		"91350211M0000XUF46": credit.CodeSuspect, // not on the list
		"91350100M000100Y43": credit.CodeValid,
	} {
		if got := list.Classify(code); got != want {
			t.Errorf("Classify(%s) = %s, want %s", code, got, want)
		}
		if got := list.Check(code).Status; got != want {
			t.Errorf("Check(%s) = %s, want %s", code, got, want)
		}
	}
	var none credit.Exceptions
	if got := none.Check("91350203M0001QAY9B").Status; got != credit.CodeSuspect {
		t.Errorf("an empty list makes the code %s", got)
	}
}

func TestParseExceptionsFaults(t *testing.T) {
	list := exceptionList + `  - {code: 91350203M0001QAY9B, reason: a, approver: b, approved_on: 2026-01-05}
  - {code: 91350100M000100Y43, reason: a, approver: b, approved_on: 2026-01-05}
  - {code: 91350211m0000xuf46, reason: ' ', approver: b, approved_on: 2026-02-30}
  - {code: 9135, reason: a, approver: b, approved_on: 2026-01-05, until: 2027-01-01}
  - {code: 91350100M0001TGQXM}
`
	_, err := credit.ParseExceptions("e.yml", []byte(list))
	if err == nil {
		t.Fatal("accepted")
	}
	want := []string{
		"e.yml:6:6: exceptions[1].code: 91350203M0001QAY9B stands in the list twice",
		"e.yml:7:6: exceptions[2].code: the code is valid and needs no exception",
		"e.yml:8:6: exceptions[3].code: write the code in half-width capitals without blanks or hyphens",
		"e.yml:8:32: exceptions[3].reason: is missing",
		"e.yml:8:58: exceptions[3].approved_on: want a day such as 2026-01-05",
		"e.yml:9:5: unknown key until",
		"e.yml:9:6: exceptions[4].code: not a well-formed code of 18 signs",
		"e.yml:10:5: exceptions[5].reason: is missing",
		"e.yml:10:5: exceptions[5].approver: is missing",
		"e.yml:10:5: exceptions[5].approved_on: want a day such as 2026-01-05",
	}
	if diff := cmp.Diff(want, strings.Split(err.Error(), "\n")); diff != "" {
		t.Error(diff)
	}
}
