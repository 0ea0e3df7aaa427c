package payload

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"
)

// Count is what became of the rows of one table:
// Read = ToSend + HeldBack + NotForReceiver.
type Count struct {
	Table          string          `json:"table"`
	Title          string          `json:"title"`
	Version        int             `json:"version"` // of the mapping
	Read           int             `json:"read"`
	ToSend         int             `json:"to_send"`
	HeldBack       int             `json:"held_back"`
	NotForReceiver int             `json:"not_for_receiver"` // their publication range keeps them here
	Skipped        int             `json:"skipped"`          // rows of the relation that are no records of the table
	Reasons        []Reason        `json:"reasons"`          // the most frequent first
	Example        json.RawMessage `json:"example,omitempty"`
}

// Reason is why so many records are held back. A record with several reasons
// counts in each.
type Reason struct {
	Fault
	Records int      `json:"records"`
	Keys    []string `json:"keys"` // the first of them
}

// exampleKeys is how many keys a reason names.
const exampleKeys = 5

func newCount(m *Mapping) Count {
	return Count{Table: m.Table, Title: m.Title, Version: m.Version, Reasons: []Reason{}}
}

func (c *Count) hold(key string, faults []Fault) {
	c.HeldBack++
	for _, f := range faults {
		at := slices.IndexFunc(c.Reasons, func(r Reason) bool { return r.Field == f.Field && r.Code == f.Code && r.Rule == f.Rule })
		if at < 0 {
			at = len(c.Reasons)
			c.Reasons = append(c.Reasons, Reason{Fault: f})
		}
		r := &c.Reasons[at]
		if r.Records++; len(r.Keys) < exampleKeys {
			r.Keys = append(r.Keys, key)
		}
	}
	slices.SortStableFunc(c.Reasons, func(a, b Reason) int {
		return cmp.Or(b.Records-a.Records, strings.Compare(a.Field, b.Field), strings.Compare(string(a.Code), string(b.Code)), strings.Compare(a.Rule, b.Rule))
	})
}

func (c *Count) send(content []byte) {
	if c.ToSend++; c.Example == nil {
		c.Example = slices.Clone(content)
	}
}
