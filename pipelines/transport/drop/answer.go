package drop

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"rongxin/pipelines/publish"
	"rongxin/pipelines/signing"
	"rongxin/pipelines/transport/note"
)

// answer is a receipt or feedback; the package comment defines both.
type answer struct {
	note.Head
	Batch      string              `json:"batch"`
	Table      string              `json:"table"`
	Key        string              `json:"key"`
	ReceiptID  string              `json:"receipt_id"`
	FeedbackID string              `json:"feedback_id"`
	Serial     int                 `json:"serial"`
	Accepted   *int                `json:"accepted"`
	Processed  *int                `json:"processed"`
	Rejected   []publish.Rejection `json:"rejected"`
	Code       string              `json:"code"`
	Message    string              `json:"message"`

	line []byte // verbatim
}

const (
	receiptKind, feedbackKind = "receipt", "feedback"
	receiptEnd, feedbackEnd   = ".receipt.json", ".feedback.json"
	maxName                   = 120
	maxRows                   = 10_000
	maxCode                   = 100 // characters
	maxMessage                = 2000
	maxID                     = 200
)

// kindOf tells by its name what a file in return is; "" is nothing of ours.
func kindOf(name string) string {
	switch {
	case strings.HasSuffix(name, receiptEnd):
		return receiptKind
	case strings.HasSuffix(name, feedbackEnd):
		return feedbackKind
	}
	return ""
}

// readAnswer reads a file of that kind. What is no answer is an error that says
// what is wrong with it; one whose end is missing wraps [note.ErrHalf].
func readAnswer(kind, receiver string, text []byte, keys signing.Provider) (answer, error) {
	var a answer
	n, err := note.Decode(text, &a)
	if err == nil {
		err = n.Verify(keys)
	}
	if err == nil {
		err = a.Head.Check(kind, receiver)
	}
	if err == nil {
		err = errors.Join(checkBatch(a.Batch, a.Table, a.Key), a.check())
	}
	a.line = n.Line
	return a, err
}

func (a answer) check() error {
	var faults []error
	fault := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	id, taken, others := a.ReceiptID, a.Accepted, a.FeedbackID != "" || a.Serial != 0 || a.Processed != nil
	if a.Kind == feedbackKind {
		id, taken, others = a.FeedbackID, a.Processed, a.ReceiptID != "" || a.Accepted != nil
	}
	if id == "" || !plain(id, maxCode) {
		fault("%s_id: want 1 to %d characters", a.Kind, maxCode)
	}
	if others {
		fault("it is a receipt and feedback at once")
	}
	if a.Kind == feedbackKind && a.Serial < 1 {
		fault("serial is %d, want 1 or more", a.Serial)
	}
	switch {
	case a.refuses() && (a.Kind == feedbackKind || taken != nil || a.Rejected != nil):
		fault("code is there, so the batch is refused as a whole, and yet it tells of records")
	case !a.refuses() && (taken == nil || *taken < 0 || *taken+len(a.Rejected) > maxRows):
		fault("it does not say how many of at most %d records were %s", maxRows, map[string]string{receiptKind: "accepted", feedbackKind: "processed"}[a.Kind])
	}
	if !plain(a.Code, maxCode) || !plain(a.Message, maxMessage) {
		fault("code or message: %s", wantPlain)
	}
	seen := make(map[string]bool, len(a.Rejected))
	for i, r := range a.Rejected {
		if r.Key == "" || !plain(r.Key, maxID) || seen[r.Key] {
			fault("rejected[%d]: want a cd_id of at most %d characters, once", i, maxID)
		}
		if r.Code == "" || !plain(r.Code, maxCode) || !plain(r.Message, maxMessage) {
			fault("rejected[%d]: code or message: %s", i, wantPlain)
		}
		seen[r.Key] = true
		if len(faults) > 10 {
			fault("and so on")
			break
		}
	}
	return errors.Join(faults...)
}

var wantPlain = fmt.Sprintf("want a code of 1 to %d characters and a message of at most %d, without control characters", maxCode, maxMessage)

func plain(text string, longest int) bool {
	return utf8.ValidString(text) && utf8.RuneCountInString(text) <= longest && !strings.ContainsFunc(text, unicode.IsControl)
}

func (a answer) refuses() bool { return a.Code != "" }

// kept is the name of an answer in taken: another answer to the same has the same.
func (a answer) kept() string {
	name := Stem(a.Batch, a.Table, a.Key)
	if a.Kind == feedbackKind {
		return fmt.Sprintf("%s.%d%s", name, a.Serial, feedbackEnd)
	}
	return name + receiptEnd
}

func (a answer) notice() publish.Notice {
	n := publish.Notice{Number: a.Batch, Key: a.Key, Receipt: a.line, Rejected: a.Rejected}
	switch {
	case a.Kind == feedbackKind:
		n.Outcome, n.ReceiptID = publish.Processed, a.FeedbackID
	case a.refuses():
		n.Outcome, n.ReceiptID, n.Code, n.Text = publish.Refused, a.ReceiptID, a.Code, a.Message
	default:
		n.Outcome, n.ReceiptID = publish.Accepted, a.ReceiptID
	}
	return n
}
