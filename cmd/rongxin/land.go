package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"rongxin/internal/credit"
	"rongxin/pipelines/contract"
	"rongxin/pipelines/ingest"
	"rongxin/warehouse/landing"
	"rongxin/warehouse/secret"
)

// landed is what the verb tells of one extract.
type landed struct {
	File          string         `json:"file"`
	Dataset       string         `json:"dataset,omitempty"`
	BatchID       string         `json:"batch_id,omitempty"`
	AlreadyLanded bool           `json:"already_landed"`
	Rows          landing.Rows   `json:"rows"`
	Reasons       map[string]int `json:"rejected_by_reason,omitempty"`
	Flags         map[string]int `json:"accepted_by_flag,omitempty"`
	Error         string         `json:"error,omitempty"`

	Refusal  *ingest.RefusalWords `json:"refusal,omitempty"` // in Chinese, when Error is for the sender to mend
	Warnings []ingest.Warning     `json:"warnings,omitempty"`
	MovedTo  string               `json:"moved_to,omitempty"` // of a file of an inbox; without it the file was left there
	Receipt  string               `json:"receipt,omitempty"`

	first  []ingest.Reject // a few of the refused rows
	failed bool            // for no fault of the file's
}

type landingReport struct {
	Extracts []landed     `json:"extracts"`
	Rows     landing.Rows `json:"rows"`
	Refused  int          `json:"refused"`
}

func (a *app) landCmd() *cobra.Command {
	var inbox, contractFile, received, override string
	var table pullFlags
	var settle time.Duration
	cmd := &cobra.Command{
		Use:   "land DATASET FILE…  |  land --inbox DIR [DEPARTMENT|DATASET…]  |  land --database NAME [DATASET…]",
		Short: "Land extracts: check every row against its contract, keep good rows and rejects as Parquet",
		Long: `Each extract becomes one batch in the landing area: the original bytes, the
accepted records, the rejects with line, field, reason and original text, and
batch.json. Accepted + rejected = read. The same bytes again change nothing.

An extract is CSV, XLSX, JSON or XML, as its contract says, packed as ZIP or GZIP
or not; encoding, delimiter and packing are told from the file itself.

DATASET is department/name as in the catalogue, such as samr/penalties. With
--contract FILE a dataset outside the catalogue is landed by its own contract,
which must bind to an item of the list in force all the same.
--inbox takes DIR/<department>/<dataset>/<file> for every file there; in folders
named after a day, DIR/2026-06-30/<department>/…, as received on that day. Each
is moved to DIR/done or DIR/refused, under the path it had, with a receipt beside
it. Files that are still being written (.part, .tmp, a dot before the name, or
written to within --settle), and what failed through no fault of its own, stay.
With names, such as samr or samr/penalties, only what lies in their folders is taken.

--database pulls what is new in the tables of a department's exchange database
(前置库), which databases in rongxin.yml names: those of the datasets given, or of
every contract that reads from it. A pull that was broken off goes on where it
was. --from begins one dataset again at a time or number of its cursor.

A file whose structure is wrong (a missing column, an unknown one, the wrong
sheet) is refused whole with the place and the mend; nothing of it lands.`,
		Example: `  rongxin land samr/penalties 处罚_202606.csv --received 2026-06-30
  rongxin land --inbox demo/inbox
  rongxin land --inbox demo/inbox tax samr/penalties
  rongxin land --database water
  rongxin land --database water water/arrears --from 2026-06-01 --reason 六月数据由部门重新导入`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if table.database == "" && inbox == "" && len(args) < 2 || table.database != "" && inbox != "" {
				return fmt.Errorf("%w: give DATASET and FILE…, or --inbox DIR, or --database NAME; see rongxin land --help", errUsage)
			}
			if table.database == "" && table.from+table.reason != "" {
				return fmt.Errorf("%w: --from and --reason are for --database", errUsage)
			}
			at, err := a.receivedAt(received)
			if err != nil {
				return err
			}
			lander, catalog, err := a.lander()
			if err != nil {
				return err
			}
			if inbox != "" {
				if override != "" {
					return fmt.Errorf("%w: --override is for one file, not for an inbox", errUsage)
				}
				if err := knownFolders(catalog, args); err != nil {
					return err
				}
				return a.landInbox(cmd, lander, ingest.Inbox{Dir: inbox, Only: args, ReceivedAt: at, Settle: settle})
			}
			if table.database != "" {
				table.override = override
				return a.landDatabase(cmd, lander, catalog, contractFile, args, table, at)
			}
			request := ingest.Request{Dataset: args[0], ReceivedAt: at, Override: override}
			if contractFile != "" {
				if request.Contract, err = readContract(contractFile, a.catalogs()...); err != nil {
					return err
				}
				if request.Contract.Dataset != request.Dataset {
					return fmt.Errorf("%w: %s is the contract of %s, not of %s", errUsage, contractFile, request.Contract.Dataset, request.Dataset)
				}
			}
			var list []landed
			var faults []error
			for _, file := range args[1:] {
				request.File = file
				result, err := lander.Land(cmd.Context(), request)
				l := describeLanded(file, result, err)
				l.Dataset = request.Dataset
				list = append(list, l)
				faults = append(faults, err)
			}
			return a.finishLanding(cmd, list, errors.Join(faults...))
		},
	}
	f := cmd.Flags()
	f.StringVar(&inbox, "inbox", "", "land every file of DIR/<department>/<dataset>/")
	f.StringVar(&table.database, "database", "", "land what is new in the tables of an exchange database")
	f.StringVar(&table.from, "from", "", "with --database: begin one dataset again here, a time or number of its cursor")
	f.StringVar(&table.reason, "reason", "", "why --from; it is recorded")
	f.DurationVar(&settle, "settle", 2*time.Second, "inbox: take a file only when it has not been written to for so long")
	f.StringVar(&contractFile, "contract", "", "contract of a dataset that is not in the catalogue")
	f.StringVar(&received, "received", "", "when the extract came, a day or a time (default: now)")
	f.StringVar(&override, "override", "", "reason to let in a batch with unexpectedly few rows or many rejects; it is recorded")
	return cmd
}

// lander lands by the contracts of the catalogue, which it returns too.
func (a *app) lander() (*ingest.Lander, *contract.Catalog, error) {
	return a.landerOf(a.cfg.Home, a.cfg.keys())
}

// landerOf is the lander of another home.
func (a *app) landerOf(home string, keys *secret.Ring) (*ingest.Lander, *contract.Catalog, error) {
	catalog, err := a.catalog()
	if err != nil {
		return nil, nil, err
	}
	exceptions, err := a.exceptions()
	if err != nil {
		return nil, nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, nil, err
	}
	progress, rowsLanded := a.progress("rows landed"), int64(0)
	lander, err := ingest.New(ingest.Config{Home: home, Catalog: catalog, Workers: a.cfg.Threads, Exceptions: exceptions,
		Keys: keys, Child: []string{self, judgeVerb}, Watch: a.watchLanding,
		Progress: func(rows, _ int64) { rowsLanded += rows; progress(rowsLanded, 0) }})
	return lander, catalog, err
}

// readContract reads a contract from a file. It must bind to an item of the first
// of the catalogues that has a list; without one it is only looked at.
func readContract(file string, catalogs ...fs.FS) (*contract.Contract, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	items, err := contract.ReadItems(catalogs...)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errConfig, err)
	}
	c, err := items.Parse(file, data)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errConfig, err)
	}
	return c, nil
}

// receivedAt reads a day or a moment; a day means its noon in China.
func (a *app) receivedAt(text string) (time.Time, error) {
	if text == "" {
		return a.now(), nil
	}
	if t, err := time.Parse(time.RFC3339, text); err == nil {
		return t, nil
	}
	d, err := credit.ParseDate(text)
	if err != nil {
		return time.Time{}, fmt.Errorf("%w: --received: %w", errUsage, err)
	}
	return ingest.Noon(d), nil
}

func (a *app) landInbox(cmd *cobra.Command, lander *ingest.Lander, in ingest.Inbox) error {
	in.Now, in.Sleep = a.now, sleep
	deliveries, err := lander.LandInbox(cmd.Context(), in)
	if err != nil && deliveries == nil {
		return err
	}
	if err == nil && len(deliveries) == 0 {
		err = fmt.Errorf("%s holds no file that is ready: %w", in.Dir, errNothing)
	}
	list := []landed{}
	faults := []error{err}
	for _, d := range deliveries {
		l := describeLanded(d.Path, d.Result, d.Err)
		l.Dataset, l.MovedTo, l.Receipt = d.Dataset, d.MovedTo, d.Receipt
		list = append(list, l)
		faults = append(faults, d.Err)
	}
	return a.finishLanding(cmd, list, errors.Join(faults...))
}

// knownFolders reports names that are neither a dataset nor a department of it:
// a slip of the pen would find an empty inbox for ever.
func knownFolders(catalog *contract.Catalog, names []string) error {
	known := map[string]bool{}
	for _, c := range catalog.All() {
		department, _, _ := strings.Cut(c.Dataset, "/")
		known[c.Dataset], known[department] = true, true
	}
	var faults []error
	for _, name := range names {
		if !known[name] {
			fault := fmt.Errorf("%w: the catalogue has no department or dataset %q", errUsage, name)
			if near := contract.Nearest(name, slices.Sorted(maps.Keys(known))); len(near) > 0 {
				fault = fmt.Errorf("%w; did you mean %s?", fault, strings.Join(near, " or "))
			}
			faults = append(faults, fault)
		}
	}
	return errors.Join(faults...)
}

func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

func describeLanded(file string, r ingest.Result, err error) landed {
	l := landed{File: credit.MaskPersonal(file), Dataset: r.Batch.Dataset, BatchID: r.Batch.ID, AlreadyLanded: r.AlreadyLanded,
		Rows: r.Batch.Rows, Reasons: r.Batch.Reasons, Flags: r.Batch.Flags, Warnings: r.Warnings, first: r.FirstRejects}
	if err != nil {
		var refusal *ingest.Refusal
		l.Error, l.failed = credit.MaskPersonal(err.Error()), !errors.As(err, &refusal)
		if refusal != nil {
			l.Refusal = refusal.Words()
		}
	}
	return l
}

func (a *app) finishLanding(cmd *cobra.Command, list []landed, err error) error {
	total := landingReport{Extracts: list}
	fresh := 0
	for _, l := range list {
		if l.Error != "" {
			total.Refused++
			continue
		}
		if !l.AlreadyLanded {
			fresh++
		}
		total.Rows.Read += l.Rows.Read
		total.Rows.Accepted += l.Rows.Accepted
		total.Rows.Rejected += l.Rows.Rejected
	}
	if verbOf(cmd) == "land" {
		a.tellLanded(list)
	}
	if printErr := a.finish(total, total.print); printErr != nil {
		return printErr
	}
	if err == nil && fresh == 0 {
		return fmt.Errorf("every extract had landed before: %w", errNothing)
	}
	return err
}

func (t landingReport) print(w io.Writer) {
	const width = 26 // of names, in places of a terminal
	pad := func(name string) string { return name + strings.Repeat(" ", max(width-places(name), 0)) }
	fmt.Fprintf(w, "%s %-16s %9s %9s %9s\n", pad("dataset"), "batch", "read", "accepted", "rejected")
	for _, l := range t.Extracts {
		switch {
		case l.failed:
			fmt.Fprintf(w, "%s not landed\n", pad(l.File))
		case l.Error != "":
			fmt.Fprintf(w, "%s refused\n", pad(l.File))
		case l.AlreadyLanded:
			fmt.Fprintf(w, "%s %-16s landed before\n", pad(l.Dataset), l.BatchID)
		default:
			fmt.Fprintf(w, "%s %-16s %9d %9d %9d\n", pad(l.Dataset), l.BatchID, l.Rows.Read, l.Rows.Accepted, l.Rows.Rejected)
		}
	}
	fmt.Fprintf(w, "%s %-16s %9d %9d %9d\n", pad("total"), "", t.Rows.Read, t.Rows.Accepted, t.Rows.Rejected)
	for _, l := range t.Extracts {
		for _, warning := range l.Warnings {
			fmt.Fprintf(w, "warning: %s %s: %s\n", l.Dataset, l.BatchID, warning.English)
		}
		l.printRejects(w)
	}
}

// printRejects tells the clerk what to mend: every reason with what to do, and
// the first refused rows. What was masked in the rejects is masked here too.
func (l *landed) printRejects(w io.Writer) {
	if len(l.Reasons) == 0 || l.AlreadyLanded {
		return
	}
	fmt.Fprintf(w, "\n%s：\n", l.File)
	meaning := meanings()
	for _, code := range slices.Sorted(maps.Keys(l.Reasons)) {
		fmt.Fprintf(w, "  退回 %d 行 %s %s：%s\n", l.Reasons[code], code, meaning[code].Title, meaning[code].Advice)
	}
	for _, r := range l.first {
		fmt.Fprintf(w, "    第 %d 行 %s\n", r.Line, r.Detail)
	}
	if more := l.Rows.Rejected - int64(len(l.first)); more > 0 {
		fmt.Fprintf(w, "    另有 %d 行\n", more)
	}
}
