package evaluators

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"rongxin/internal/credit"
)

// Points are thousandths of a point. In YAML they are a decimal with at most
// three places, read exactly.
type Points int64

var pointsForm = regexp.MustCompile(`^(-?)(\d{1,9})(?:\.(\d{1,3}))?$`)

// ParsePoints reads a decimal such as 12.5 or -40.
func ParsePoints(s string) (Points, error) {
	m := pointsForm.FindStringSubmatch(s)
	if m == nil {
		return 0, fmt.Errorf("%q is no number with at most three decimals", s)
	}
	n, err := strconv.ParseInt(m[2]+(m[3] + "000")[:3], 10, 64)
	if err != nil {
		return 0, err
	}
	if m[1] != "" {
		n = -n
	}
	return Points(n), nil
}

// UnmarshalYAML reads what [ParsePoints] reads.
func (p *Points) UnmarshalYAML(node *yaml.Node) error {
	parsed, err := ParsePoints(node.Value)
	if err != nil {
		return atLine(node, err)
	}
	*p = parsed
	return nil
}

// atLine makes an error one of the faults that strictyaml gathers with others.
func atLine(node *yaml.Node, err error) error {
	return &yaml.TypeError{Errors: []string{fmt.Sprintf("line %d: %v", node.Line, err)}}
}

// String is the decimal without trailing zeros: 880, -12.5.
func (p Points) String() string {
	sign, n := "", int64(p)
	if n < 0 {
		sign, n = "-", -n
	}
	s := fmt.Sprintf("%s%d.%03d", sign, n/1000, n%1000)
	return strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
}

// Missing is what a characteristic says where it finds no record: points, or
// that the subject is not evaluated.
type Missing struct {
	Points       Points
	NotEvaluated bool
}

// UnmarshalYAML reads points or the word not_evaluated.
func (m *Missing) UnmarshalYAML(node *yaml.Node) error {
	if node.Value == string(credit.NotEvaluated) {
		m.NotEvaluated = true
		return nil
	}
	points, err := ParsePoints(node.Value)
	if err != nil {
		return atLine(node, fmt.Errorf("%w, nor the word not_evaluated", err))
	}
	m.Points = points
	return nil
}

// A Share is so many hundredths of a percent: 1250 is 12.5%.
type Share int64

// UnmarshalYAML reads a share such as 12.5%.
func (s *Share) UnmarshalYAML(node *yaml.Node) error {
	bp, err := basisPoints(node.Value)
	if err != nil {
		return atLine(node, err)
	}
	*s = Share(bp)
	return nil
}

// String is the share as a percentage.
func (s Share) String() string { return Points(s*10).String() + "%" }

// Value is one text or a list of texts.
type Value []string

// UnmarshalYAML accepts a scalar or a list.
func (v *Value) UnmarshalYAML(unmarshal func(any) error) error {
	var list []string
	if err := unmarshal(&list); err == nil {
		*v = list
		return nil
	}
	var one string
	if err := unmarshal(&one); err != nil {
		return err
	}
	*v = Value{one}
	return nil
}
