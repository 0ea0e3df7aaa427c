package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"rongxin/warehouse/ops"
)

// outboxAsk is what publish show is asked.
type outboxAsk struct {
	to, code string
	dead     bool
	limit    int
}

func (a *app) publishShowCmd() *cobra.Command {
	var ask outboxAsk
	cmd := &cobra.Command{
		Use:   "show [BATCH | TABLE/KEY]",
		Short: "Show the outbox: what is on its way, every attempt at a batch, and the dead letters",
		Long: `Without an argument, how many batches have come how far, by receiver and table.
With the number of a batch, its attempts and receipts. With a record, what the
receiver is known to hold of it and what it refused. --dead lists the records
that a receiver would not take, with its code.`,
		Example: `  rongxin publish show
  rongxin publish show --dead --to hlwjg`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			store, err := a.ops(cmd.Context())
			if err != nil {
				return err
			}
			what := ""
			if len(args) > 0 {
				what = args[0]
			}
			return errors.Join(a.showOutbox(cmd.Context(), store, what, ask), store.Close())
		},
	}
	f := cmd.Flags()
	f.StringVar(&ask.to, "to", "", "name of the receiver (default: every one)")
	f.BoolVar(&ask.dead, "dead", false, "list the dead letters")
	f.StringVar(&ask.code, "code", "", "only dead letters with this code of the receiver")
	f.IntVar(&ask.limit, "limit", 100, "list so many dead letters at most; 0 for all")
	return cmd
}

var batchNumber = regexp.MustCompile(`^[0-9]{13}$`)

func (a *app) showOutbox(ctx context.Context, store *ops.Store, what string, ask outboxAsk) error {
	to := a.receiverNamed(ask.to)
	switch {
	case batchNumber.MatchString(what):
		return a.showEach(ctx, store, to, what, a.showBatch)
	case strings.Contains(what, "/"):
		return a.showEach(ctx, store, to, what, a.showRecord)
	case what != "":
		return fmt.Errorf("%w: %q: want the 13 digits of a batch, or TABLE/KEY", errUsage, what)
	case ask.dead || ask.code != "":
		letters, err := store.DeadLetters(ctx, ops.LetterFilter{Receiver: to, Code: ask.code, Standing: true, Limit: ask.limit})
		if err != nil {
			return err
		}
		lines := letterLines(letters)
		return a.finish(map[string]any{"dead_letters": lines}, func(w io.Writer) { printLetters(w, lines) })
	}
	return a.showCounts(ctx, store, to)
}

// showEach shows what is known of a batch or a record at the receiver of --to, or
// at every one that knows it.
func (a *app) showEach(ctx context.Context, store *ops.Store, to, what string, show func(ctx context.Context, store *ops.Store, to, what string) (known bool, err error)) error {
	receivers := []receiver{{Name: to}}
	if to == "" {
		counts, err := store.BatchCounts(ctx, "")
		if err != nil {
			return err
		}
		receivers = nil
		for _, c := range counts {
			if !slices.ContainsFunc(receivers, func(r receiver) bool { return r.Name == c.Receiver }) {
				receivers = append(receivers, receiver{Name: c.Receiver})
			}
		}
	}
	found := false
	err := a.forEach(ctx, receivers, func(ctx context.Context, to receiver) error {
		known, err := show(ctx, store, to.Name, what)
		found = found || known
		return err
	})
	if err == nil && !found {
		return fmt.Errorf("%w: nothing that was sent to %s is %s", errNothing, cmp.Or(to, "any receiver"), what)
	}
	return err
}

// receiverNamed is the name in the outbox of what --to says.
func (a *app) receiverNamed(to string) string {
	if strings.Contains(to, "://") {
		return a.cfg.PlatformName
	}
	return to
}

// countLine is one line of publish show.
type countLine struct {
	Receiver string    `json:"receiver"`
	Table    string    `json:"table"`
	Status   string    `json:"status"`
	Batches  int       `json:"batches"`
	Records  int       `json:"records"`
	Attempts int       `json:"attempts"`
	Oldest   time.Time `json:"oldest"`
	Next     time.Time `json:"not_before,omitzero"`
}

func (a *app) showCounts(ctx context.Context, store *ops.Store, to string) error {
	counts, err := store.BatchCounts(ctx, to)
	if err != nil {
		return err
	}
	letters, err := store.DeadLetters(ctx, ops.LetterFilter{Receiver: to, Standing: true})
	if err != nil {
		return err
	}
	lines := []countLine{}
	for _, c := range counts {
		lines = append(lines, countLine{c.Receiver, c.Table, string(c.Status), c.Batches, c.Records, c.Attempts, c.Oldest, c.Next})
	}
	return a.finish(map[string]any{"batches": lines, "dead_letters": len(letters)}, func(w io.Writer) {
		t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
		fmt.Fprintln(t, "receiver\ttable\tstatus\tbatches\trecords\tattempts\toldest")
		for _, l := range lines {
			fmt.Fprintf(t, "%s\t%s\t%s\t%d\t%d\t%d\t%s\n", l.Receiver, l.Table, l.Status, l.Batches, l.Records, l.Attempts, l.Oldest.Format(time.RFC3339))
		}
		t.Flush()
		fmt.Fprintf(w, "%d dead letters\n", len(letters))
	})
}

// batchLine is a batch with all that happened to it.
type batchLine struct {
	Receiver  string        `json:"receiver"`
	Batch     string        `json:"batch"`
	Key       string        `json:"key"`
	Table     string        `json:"table"`
	Lane      int           `json:"lane"`
	Part      string        `json:"part,omitempty"`
	Run       string        `json:"run"`
	Rows      int           `json:"rows"`
	FirstKey  string        `json:"first_key"`
	LastKey   string        `json:"last_key"`
	Status    string        `json:"status"`
	Next      time.Time     `json:"not_before,omitzero"`
	LastError string        `json:"last_error,omitempty"`
	Attempts  []attemptLine `json:"attempts"`
	Receipts  []receiptLine `json:"receipts"`
}

type attemptLine struct {
	At      time.Time `json:"at"`
	Epoch   int64     `json:"epoch"`
	Outcome string    `json:"outcome"`
	Status  int       `json:"http_status,omitempty"`
	Took    string    `json:"took"`
	Error   string    `json:"error,omitempty"`
}

type receiptLine struct {
	ID      string    `json:"receipt_id"`
	Level   string    `json:"level"`
	At      time.Time `json:"at"`
	Digest  string    `json:"digest"`
	Content string    `json:"content"`
}

func (a *app) showBatch(ctx context.Context, store *ops.Store, to, number string) (known bool, err error) {
	b, ok, err := store.BatchByNumber(ctx, to, number)
	if err != nil || !ok {
		return false, err
	}
	line := batchLine{Receiver: to, Batch: b.Number, Key: b.Key, Table: b.Table, Lane: b.Lane, Part: b.Path, Run: b.Run, Rows: b.Rows,
		FirstKey: b.FirstKey, LastKey: b.LastKey, Status: string(b.Status), Next: b.NotBefore, LastError: b.LastError,
		Attempts: []attemptLine{}, Receipts: []receiptLine{}}
	attempts, err := store.Attempts(ctx, b.Key)
	if err != nil {
		return false, err
	}
	for _, t := range attempts {
		line.Attempts = append(line.Attempts, attemptLine{t.At, t.Epoch, t.Outcome, t.HTTPStatus, t.Duration.String(), t.Error})
	}
	receipts, err := store.Receipts(ctx, b.Key)
	if err != nil {
		return false, err
	}
	for _, r := range receipts {
		line.Receipts = append(line.Receipts, receiptLine{r.ID, string(r.Level), r.At, r.Digest, string(r.Content)})
	}
	return true, a.finish(line, func(w io.Writer) { line.print(w) })
}

func (l batchLine) print(w io.Writer) {
	fmt.Fprintf(w, "%s batch %s of run %s: %s, %d records of %s in lane %d, %s\n", l.Receiver, l.Batch, l.Run, l.Status, l.Rows, l.Table, l.Lane, l.Key)
	fmt.Fprintf(w, "from %s to %s\n", l.FirstKey, l.LastKey)
	for _, t := range l.Attempts {
		fmt.Fprintf(w, "attempt %s by %d: %s %s\n", t.At.Format(time.RFC3339), t.Epoch, t.Outcome, t.Error)
	}
	for _, r := range l.Receipts {
		fmt.Fprintf(w, "receipt %s %s: %s\n", r.At.Format(time.RFC3339), r.Level, r.ID)
	}
}

// recordLine is what is known of one record at one receiver.
type recordLine struct {
	Receiver  string    `json:"receiver"`
	Table     string    `json:"table"`
	Key       string    `json:"cd_id"`
	Subject   string    `json:"subject"`
	Operation string    `json:"operation,omitempty"` // last acknowledged
	Digest    string    `json:"digest,omitempty"`
	Batch     string    `json:"batch,omitempty"`
	At        time.Time `json:"at,omitzero"`
	Open      bool      `json:"verdict_awaited"`

	Letters []letterLine `json:"dead_letters"`
}

func (a *app) showRecord(ctx context.Context, store *ops.Store, to, what string) (known bool, err error) {
	table, key, _ := strings.Cut(what, "/")
	d, ok, err := store.Delivery(ctx, to, table, key)
	if err != nil || !ok {
		return false, err
	}
	letters, err := store.DeadLetters(ctx, ops.LetterFilter{Receiver: to, Table: table, Key: key})
	if err != nil {
		return false, err
	}
	line := recordLine{to, table, key, d.Subject, string(d.Operation), d.Digest, d.Batch, d.At, d.Open, letterLines(letters)}
	return true, a.finish(line, func(w io.Writer) {
		fmt.Fprintf(w, "%s %s/%s of %s: acknowledged %s %.16s %s\n", to, table, key, d.Subject, cmp.Or(line.Operation, "nothing"), d.Digest, d.At.Format(time.RFC3339))
		if d.Open {
			fmt.Fprintln(w, "accepted, and the verdict is to come")
		}
		printLetters(w, line.Letters)
	})
}
