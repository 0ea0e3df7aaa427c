package corrections

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"rongxin/internal/credit"
)

// InForce is a correction that was approved before.
type InForce struct {
	No, Dataset, WrongCode, NameKey, Operation, RightCode string // Dataset and NameKey may be empty: all
}

// A Decision is taken on some open proposals at once.
type Decision struct {
	Approver string
	Approved bool
	Reason   string
	On       credit.Date
	Seq      int64 // of the journal entry that says who decided; the newer decision holds
}

// Choose returns the named proposals if the approver may decide on each: all
// faults at once.
func Choose(all []Proposal, numbers []string, d Decision, inForce []InForce) ([]Proposal, error) {
	var chosen []Proposal
	var faults []error
	for _, number := range numbers {
		at := slices.IndexFunc(all, func(p Proposal) bool { return p.No == number })
		if at < 0 {
			faults = append(faults, fmt.Errorf("%s: no such proposal; rongxin corrections list shows them", number))
			continue
		}
		p := all[at]
		p.WrongCode = credit.NormalizeCode(strings.TrimPrefix(p.WrongCode, "※"))
		if err := mayDecide(p, d, append(inForce, sameTime(chosen)...)); err != nil {
			faults = append(faults, fmt.Errorf("%s: %w", number, err))
			continue
		}
		chosen = append(chosen, p)
	}
	return chosen, errors.Join(faults...)
}

func mayDecide(p Proposal, d Decision, inForce []InForce) error {
	switch {
	case p.State != Open:
		return fmt.Errorf("was %s by %s already", p.State, p.Approver)
	case strings.TrimSpace(d.Reason) == "":
		return errors.New("a decision needs its reason")
	case samePerson(p.Proposer, d.Approver):
		return fmt.Errorf("%s proposed it and cannot decide on it: four eyes", d.Approver)
	case !d.Approved:
		return nil
	}
	return Check(p, inForce)
}

func samePerson(a, b string) bool { return credit.NameKey(a) == credit.NameKey(b) }

// Check says why a proposal could never be approved, whoever asks.
func Check(p Proposal, inForce []InForce) error {
	check := credit.CheckCode(p.WrongCode)
	switch {
	case slices.Contains(check.Reasons, credit.ReasonPersonID) || strings.Contains(p.WrongCode, "*"):
		return errors.New("the code is somebody's id number: the department must send the row again")
	case check.Status == credit.CodeInvalid && strings.ContainsAny(p.WrongCode, ".+") && p.SubjectName == "":
		return errors.New("a ruined code stands for many: a correction of it needs the subject's name")
	case p.Operation != Assign:
		return nil
	}
	right := credit.CheckCode(p.RightCode)
	switch {
	case right.Status != credit.CodeValid:
		return fmt.Errorf("the right code %s is not valid: %s", right.Code, strings.Join(right.Reasons, ", "))
	case right.Code == p.WrongCode:
		return errors.New("the right code is the wrong one")
	}
	return chain(p, inForce)
}

// chain refuses a correction that would lead on to another one, or that another
// leads to: one correction must say the whole way.
func chain(p Proposal, inForce []InForce) error {
	key := credit.NameKey(p.SubjectName)
	for _, other := range inForce {
		meets := func(a, b string) bool { return a == "" || b == "" || a == b }
		if other.Operation == Keep || !meets(other.Dataset, p.Dataset) || !meets(other.NameKey, key) {
			continue
		}
		if other.WrongCode == p.RightCode {
			return fmt.Errorf("%s is itself corrected by %s: propose the code that is right in the end", p.RightCode, other.No)
		}
		if other.RightCode == p.WrongCode {
			return fmt.Errorf("%s corrects %s to this code: correct that one first", other.No, other.WrongCode)
		}
	}
	return nil
}

// sameTime shows proposals as if they were in force, for those decided with them.
func sameTime(chosen []Proposal) (list []InForce) {
	for _, p := range chosen {
		list = append(list, InForce{p.No, p.Dataset, p.WrongCode, credit.NameKey(p.SubjectName), p.Operation, p.RightCode})
	}
	return list
}

// Write writes decisions as an extract of credit/code_corrections.
func Write(w io.Writer, chosen []Proposal, d Decision) error {
	out := csv.NewWriter(w)
	lines := [][]string{{"更正编号", "操作标识", "适用数据集", "错误代码", "适用范围", "主体名称", "正确代码", "更正理由", "佐证材料",
		"提出人", "审批人", "审批结论", "审批日期", "审批登记号", "生效日期"}}
	decision := "不同意"
	if d.Approved {
		decision = "同意"
	}
	for _, p := range chosen {
		scope := "同名记录"
		if p.SubjectName == "" {
			scope = "全部记录"
		}
		operation := strconv.Itoa(slices.Index([]string{Assign, Delete, Keep}, p.Operation))
		lines = append(lines, []string{p.No, operation, p.Dataset, p.WrongCode, scope, p.SubjectName, p.RightCode, d.Reason, p.Evidence,
			p.Proposer, d.Approver, decision, d.On.String(), strconv.FormatInt(d.Seq, 10), d.On.String()})
	}
	return out.WriteAll(lines)
}
