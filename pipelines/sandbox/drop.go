package sandbox

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
)

// DropConfig is a pair of agreed folders. The sender may reach them by SFTP; for
// the platform they are folders.
type DropConfig struct {
	Out    string // the sender's, which the platform reads
	Return string // the platform's, which the sender reads
}

// Drop is the platform behind agreed folders. The caller calls Step again and
// again, from one goroutine, and closes it.
type Drop struct {
	*platform
	DropConfig
	unread map[string]string // manifests that say nothing the platform could answer, and why
}

// OpenDrop makes the folders that are not there.
func OpenDrop(c Config, d DropConfig) (*Drop, error) {
	if c.Name == "" {
		return nil, errors.New("sandbox: files want the agreed name of the platform")
	}
	if c.Now == nil {
		return nil, errors.New("sandbox: files want a clock")
	}
	p, err := openPlatform(c)
	if err != nil {
		return nil, fmt.Errorf("sandbox: %w", err)
	}
	p.twoLevels = true // feedback is a file of its own
	if err := errors.Join(os.MkdirAll(d.Out, 0o755), os.MkdirAll(d.Return, 0o755)); err != nil {
		return nil, fmt.Errorf("sandbox: %w", errors.Join(err, p.db.Close()))
	}
	return &Drop{p, d, map[string]string{}}, nil
}

// Close releases the platform's file.
func (d *Drop) Close() error { return d.db.Close() }

// ServeHTTP answers whoever runs the platform.
func (d *Drop) ServeHTTP(w http.ResponseWriter, r *http.Request) { d.control(w, r) }

// Unread are the manifests that the platform could not answer, and why.
func (d *Drop) Unread() map[string]string { return d.unread }

const manifestEnd = ".manifest.json"

// Step looks once for whole batches and for verdicts that are due, and returns
// how many batches it dealt with. When there was none it says what it holds.
func (d *Drop) Step(ctx context.Context) (int, error) {
	if d.trouble.isDown() {
		d.trouble.draw(handOver, "")
		return 0, nil
	}
	names, err := endings(d.Out, manifestEnd)
	if err != nil {
		return 0, err
	}
	done := 0
	left := map[int]bool{} // lanes in which a batch was left for the next step: those behind it are too
	for _, name := range names {
		if d.unread[name] != "" {
			continue
		}
		dealt, err := d.deal(ctx, name, left)
		if err != nil {
			return done, fmt.Errorf("%s: %w", name, err)
		}
		if dealt {
			done++
		}
	}
	if err := d.tellVerdicts(ctx); err != nil {
		return done, err
	}
	if done == 0 {
		err = d.writeStates(ctx)
	}
	return done, err
}

// deal takes one batch and answers it, unless trouble keeps it from that: then
// it comes again with the next step, and so do those behind it in its lane.
func (d *Drop) deal(ctx context.Context, name string, left map[int]bool) (dealt bool, err error) {
	m, err := d.readManifest(name)
	if err != nil {
		var r *refusal
		if !errors.As(err, &r) {
			return false, err
		}
		if m.Key == "" { // nobody to answer
			d.unread[name] = r.Error()
			return false, nil
		}
	}
	if left[m.Lane] {
		return false, nil
	}
	defer func() { left[m.Lane] = !dealt }()
	fault, before := d.trouble.draw(handOver, m.Key)
	switch fault {
	case "down", "refuse":
		return false, nil
	case "slow":
		hold(ctx, d.trouble.delay())
	case "cut", "garbage":
		if before {
			return false, d.trash(fault, m)
		}
	}
	var given receipt
	if err == nil {
		given, err = d.takeFiles(ctx, m, fault == "lose_receipt")
	}
	var refused *refusal
	if err != nil && !errors.As(err, &refused) {
		return false, err
	}
	switch fault {
	case "timeout_after_taking", "cut", "garbage":
		return false, d.trash(fault, m)
	case "lose_receipt": // the files are gone, and no receipt comes before they do again
		return true, d.remove(name, m)
	}
	if err := d.answer(ctx, m, given, refused, fault == "twice"); err != nil {
		return false, err
	}
	return true, d.remove(name, m)
}

// trash leaves half of an answer, or no answer at all: what a platform does that
// was cut off, or answers with its web page.
func (d *Drop) trash(fault string, m manifest) error {
	switch fault {
	case "cut":
		return os.WriteFile(filepath.Join(d.Return, "."+m.base()+".receipt.json.tmp"), []byte(`{"kind":"receipt","form`), 0o644)
	case "garbage":
		return placeBytes(d.Return, fmt.Sprintf("%s.garbage%d.receipt.json", m.base(), d.trouble.count(handOver, m.Key)),
			[]byte("<html><body>系统繁忙，请稍后再试</body></html>\n"))
	}
	return nil
}

// remove takes the files of a batch that was answered out of the folder.
func (d *Drop) remove(name string, m manifest) error {
	err := os.Remove(filepath.Join(d.Out, name))
	if err == nil && isWhole(m.Data.Name) {
		err = os.Remove(filepath.Join(d.Out, m.Data.Name))
	}
	if errors.Is(err, os.ErrNotExist) {
		err = nil
	}
	return err
}

// receiptNote is an answer to a batch.
type receiptNote struct {
	Kind      string       `json:"kind"` // receipt
	Format    int          `json:"format"`
	Receiver  string       `json:"receiver"`
	Batch     string       `json:"batch"`
	Table     string       `json:"table"`
	Key       string       `json:"key"`
	ReceiptID string       `json:"receipt_id"`
	Accepted  *int         `json:"accepted,omitempty"`
	Rejected  *[]rejection `json:"rejected,omitempty"`
	Code      string       `json:"code,omitempty"`
	Message   string       `json:"message,omitempty"`
}

// feedbackNote is the last word on a batch.
type feedbackNote struct {
	Kind       string      `json:"kind"` // feedback
	Format     int         `json:"format"`
	Receiver   string      `json:"receiver"`
	Batch      string      `json:"batch"`
	Table      string      `json:"table"`
	Key        string      `json:"key"`
	FeedbackID string      `json:"feedback_id"`
	Serial     int         `json:"serial"`
	Processed  int         `json:"processed"`
	Rejected   []rejection `json:"rejected"`
}

// answer writes the receipt of a batch; twice under two names.
func (d *Drop) answer(ctx context.Context, m manifest, given receipt, refused *refusal, twice bool) error {
	n := receiptNote{Kind: "receipt", Format: 1, Receiver: d.cfg.Name, Batch: m.Batch, Table: m.Table, Key: m.Key,
		ReceiptID: given.ID, Accepted: &given.Accepted, Rejected: &given.Rejected}
	if refused != nil {
		n.ReceiptID = "X" + m.Batch + "-" + digest(m.Key)[:8]
		n.Accepted, n.Rejected, n.Code, n.Message = nil, nil, refused.Code, refused.Message
	}
	name := m.base() + ".receipt.json"
	if refused != nil {
		name = m.base() + ".refused." + strings.ToLower(refused.Code) + ".receipt.json"
	}
	if twice {
		if err := d.writeOnce(ctx, "again-"+name, n); err != nil {
			return err
		}
	}
	return d.writeOnce(ctx, name, n)
}

// writeOnce writes a note under a name that is never used for other bytes: a
// repeat is what was written before, signature included.
func (d *Drop) writeOnce(ctx context.Context, name string, document any) error {
	text, err := d.cfg.Agreed.writeNote(document)
	if err != nil {
		return err
	}
	if text, err = d.remember(ctx, name, text); err != nil {
		return err
	}
	return placeBytes(d.Return, name, text)
}

// tellVerdicts writes what was said of batches after their receipt.
func (d *Drop) tellVerdicts(ctx context.Context) error {
	return d.tell(ctx, func(n notice, table, _ string) error {
		return d.writeOnce(ctx, n.Batch+"_"+table+"_"+n.Key[:min(12, len(n.Key))]+".feedback.json",
			feedbackNote{Kind: "feedback", Format: 1, Receiver: d.cfg.Name, Batch: n.Batch, Table: table, Key: n.Key,
				FeedbackID: "F" + n.ID[1:], Serial: 1, Processed: n.Accepted, Rejected: n.Rejected})
	})
}
