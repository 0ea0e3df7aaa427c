package rest

import (
	"encoding/json"
	"testing"
	"time"

	"rongxin/pipelines/publish"
	"rongxin/pipelines/signing"
)

// Whatever the refresh endpoint answers, a key is taken whole or not at all.
func FuzzKeyAnswer(f *testing.F) {
	for _, seed := range []string{
		`{"code": "0", "data": {"secret": "HkPF202CkDNTtI2k6WlNa6S2aAGeQC/+dDIUxiL70qUZgkvtJulYn3Nx1X01GADw", "secretEndTime": "1800000000000"}}`,
		`{"code": 0, "data": {"secret": "HkPF202CkDNTtI2k6WlNa6S2aAGeQC/+dDIUxiL70qUZgkvtJulYn3Nx1X01GADw", "secretEndTime": 1800000000000}}`,
		`{"code": "0", "data": {"secret": "", "secretEndTime": -1}}`, `{"code": "E-106", "data": ""}`, `{"code": null}`, `[]`, `"0"`, ``,
		`{"code": "0", "data": {"secretEndTime": 99999999999999999999}}`,
	} {
		f.Add([]byte(seed))
	}
	application, err := signing.NewKey([]byte("an application key, made up"))
	if err != nil {
		f.Fatal(err)
	}
	now := time.Date(2026, 6, 30, 4, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, body []byte) {
		k := &keyring{transport: &Transport{settings: Settings{Wrapping: "aes"}, now: func() time.Time { return now }}, agreed: application}
		outcome, err := k.take(body)
		switch {
		case (outcome == publish.Processed) != (err == nil):
			t.Errorf("%s with %v", outcome, err)
		case err != nil && (k.serial != 0 || !k.key.IsZero()):
			t.Errorf("a key was taken from what is none: %v", err)
		case err == nil && (k.key.IsZero() || !k.ends.After(now) || k.renew.After(k.ends) || k.renew.Before(now)):
			t.Errorf("a key that ends at %v is renewed at %v", k.ends, k.renew)
		}
	})
}

// Whatever comes as a receipt, it is one only if it accounts for every record.
func FuzzReceipt(f *testing.F) {
	for _, seed := range []string{
		`{"receipt_id": "r", "batch": "2026063000001", "accepted": 2, "rejected": []}`,
		`{"receipt_id": "r", "batch": "2026063000001", "level": "accepted", "accepted": 1, "rejected": [{"cd_id": "b", "code": "X"}]}`,
		`{"receipt_id": "r", "batch": "2026063000001", "level": "refused", "accepted": 2}`, `{"receipt_id": "r", "batch": "1", "accepted": 2}`,
		`{"accepted": -1, "rejected": [{}, {}, {}]}`, `null`, `[]`, ``,
	} {
		f.Add([]byte(seed))
	}
	m := publish.Message{Number: "2026063000001", Rows: []publish.MessageRow{{Key: "a"}, {Key: "b"}}}
	f.Fuzz(func(t *testing.T, body []byte) {
		a := readReceipt(publish.Answer{Outcome: publish.Processed, Status: 200}, body, m)
		var said struct {
			ID       string `json:"receipt_id"`
			Accepted int    `json:"accepted"`
		}
		switch {
		case a.Outcome == publish.Garbled && a.Err != nil:
		case a.Outcome != publish.Processed && a.Outcome != publish.Accepted || a.Err != nil:
			t.Errorf("%s with %v", a.Outcome, a.Err)
		case json.Unmarshal(body, &said) != nil || said.ID == "" || said.Accepted+len(a.Rejected) != len(m.Rows):
			t.Errorf("%q was taken as a receipt", body)
		}
	})
}
