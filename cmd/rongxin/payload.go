package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"rongxin/internal/credit"
	"rongxin/pipelines/payload"
	"rongxin/pipelines/publish"
	"rongxin/warehouse/engine"
	"rongxin/warehouse/run"
)

// payloads opens what a run has to send: the mappings in force on its day, of
// the tables named or of all, on an engine that the caller closes.
func (a *app) payloads(ctx context.Context, r *run.Run, tables []string) (*payload.Source, *engine.DB, error) {
	library, err := a.mappings()
	if err != nil {
		return nil, nil, err
	}
	day, err := credit.ParseDate(r.Manifest.AsOf)
	if err != nil {
		return nil, nil, err
	}
	mappings, err := chosen(library, day, tables)
	if err != nil {
		return nil, nil, err
	}
	db, err := a.attach(ctx, r, payload.Relations(mappings)...)
	if err != nil {
		return nil, nil, err
	}
	return payload.NewSource(db, mappings), db, nil
}

func chosen(library *payload.Library, day credit.Date, tables []string) ([]*payload.Mapping, error) {
	mappings := library.On(day)
	if len(tables) == 0 {
		return mappings, nil
	}
	for _, table := range tables {
		m, err := library.Find(table)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", errConfig, err)
		}
		if !slices.ContainsFunc(mappings, func(m *payload.Mapping) bool { return m.Table == table }) {
			return nil, fmt.Errorf("%w: no mapping of %s is in force on %s: version %d is from %s on", errConfig, table, day, m.Version, m.EffectiveFrom)
		}
	}
	return slices.DeleteFunc(mappings, func(m *payload.Mapping) bool { return !slices.Contains(tables, m.Table) }), nil
}

// withDryRun gives publish the flags that show what it would send.
func (a *app) withDryRun(cmd *cobra.Command) *cobra.Command {
	var dry bool
	var tables []string
	var held string
	cmd.Flags().BoolVar(&dry, "dry-run", false, "send nothing: show of each table what is read, to send and held back, with an example")
	cmd.Flags().StringSliceVar(&tables, "table", nil, "with --dry-run: these tables alone")
	cmd.Flags().StringVar(&held, "held", "", "with --dry-run: write every record that is held back into this new CSV file")
	send := cmd.RunE
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		switch {
		case dry:
			return a.dryRun(cmd.Context(), cmd.Flag("run").Value.String(), tables, held)
		case held != "" || len(tables) > 0:
			return fmt.Errorf("%w: --table and --held go with --dry-run", errUsage)
		}
		return send(cmd, args)
	}
	return cmd
}

// dryRun is what publish --dry-run prints.
type dryRun struct {
	Run    string          `json:"run"`
	Tables []payload.Count `json:"tables"`
}

// dryRun reads what a run has to send and sends nothing. Where heldFile is named,
// every record that is held back stands in it, one line a reason.
func (a *app) dryRun(ctx context.Context, runID string, tables []string, heldFile string) error {
	r, err := run.Open(a.cfg.Home, runID)
	if err != nil {
		return err
	}
	if err := a.register(ctx, "publish", r.ID, "", map[string]string{"dry_run": "true"}); err != nil {
		return err
	}
	source, db, err := a.payloads(ctx, r, tables)
	if err != nil {
		return err
	}
	defer db.Close()
	var out io.Writer = io.Discard
	if heldFile != "" {
		f, err := os.OpenFile(heldFile, os.O_CREATE|os.O_WRONLY|os.O_EXCL, 0o644)
		if err != nil {
			return err
		}
		defer f.Close()
		out = f
	}
	held := csv.NewWriter(out)
	if err := held.Write([]string{"table", "key", "field", "code", "rule", "reason"}); err != nil {
		return err
	}
	err = source.Each(ctx, func(rec publish.Record, faults []payload.Fault) error {
		for _, f := range faults {
			if err := held.Write([]string{rec.Table, rec.Key, f.Field, string(f.Code), f.Rule, f.Reason}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("run %s: %w", r.ID, err)
	}
	held.Flush()
	if err := held.Error(); err != nil {
		return err
	}
	result := dryRun{r.ID, source.Counts()}
	return a.finish(result, func(w io.Writer) { result.print(w) })
}

func (d dryRun) print(w io.Writer) {
	fmt.Fprintf(w, "run %s: nothing is sent\n\n", d.Run)
	rows := [][]string{{"表", "名称", "读取", "可送", "暂存不送", "不在公开范围"}}
	for _, c := range d.Tables {
		rows = append(rows, []string{c.Table, c.Title, fmt.Sprint(c.Read), fmt.Sprint(c.ToSend), fmt.Sprint(c.HeldBack), fmt.Sprint(c.NotForReceiver)})
	}
	printAligned(w, rows)
	for _, c := range d.Tables {
		if len(c.Reasons) > 0 {
			fmt.Fprintf(w, "\n%s 暂存不送：\n", c.Table)
		}
		for _, r := range c.Reasons {
			fmt.Fprintf(w, "  %d 条 %s %s %s（如 %s）\n", r.Records, r.Field, strings.TrimSpace(string(r.Code)+" "+r.Rule), r.Reason, r.Keys[0])
		}
	}
	for _, c := range d.Tables {
		if c.Example == nil {
			continue
		}
		var text bytes.Buffer
		if json.Indent(&text, c.Example, "  ", "  ") == nil {
			fmt.Fprintf(w, "\n%s 样例：\n  %s\n", c.Table, &text)
		}
	}
}
