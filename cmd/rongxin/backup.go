package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"

	"github.com/spf13/cobra"

	"rongxin/internal/metrics"
	"rongxin/warehouse/backup"
	"rongxin/warehouse/run"
)

// houseLock keeps files of the home where they are: backup and prune take it.
const houseLock = "house"

// backupReport is what a backup holds.
type backupReport struct {
	Path    string `json:"path"`
	Name    string `json:"name"`
	At      string `json:"at"`
	Home    string `json:"home"`
	Current string `json:"current"`
	Files   int    `json:"files"`
	Bytes   int64  `json:"bytes"`
	Shared  int    `json:"files_of_before"`
	OpsOn   string `json:"ops_on_server,omitempty"`
}

func backupReportOf(m backup.Manifest, path string) backupReport {
	return backupReport{path, m.Name, m.At.Format("2006-01-02 15:04:05"), m.Home, m.Current, len(m.Files), m.Bytes(), m.Shared, m.OpsOn}
}

func (r backupReport) print(w io.Writer) {
	fmt.Fprintf(w, "%s: %d files, %.1f MB, %d of them as in the backup before; published run %s\n",
		r.Path, r.Files, float64(r.Bytes)/1e6, r.Shared, either(r.Current, "none"))
	if r.OpsOn != "" {
		fmt.Fprintf(w, "not in it: the operations store on the server %s; have the server's own backup beside it\n", r.OpsOn)
	}
}

func (a *app) backupCmd() *cobra.Command {
	var to string
	cmd := &cobra.Command{
		Use:   "backup --to DIR",
		Short: "Copy the warehouse to another place, each file with its digest",
		Long: `Makes DIR/<time>/ with every file of the home and a manifest of their digests, written
last. Landed batches and runs never change, so what the backup before holds gets a
second name there: a backup a night costs what a day brought. The operations store is
copied as it is at one moment; on a PostgreSQL server it is the server's to back up.
While files are being listed no run is built, which then ends with exit code 75, as
this does while one is. Keys are never in a backup: keep theirs apart.`,
		Example: "  rongxin backup --to /backup/rongxin",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if to == "" {
				return fmt.Errorf("%w: --to DIR is required", errUsage)
			}
			m, err := a.backup(cmd.Context(), to)
			if err != nil {
				return err
			}
			a.told.Set(metrics.BackupBytes, float64(m.Bytes()))
			a.told.Set(metrics.BackupFiles, float64(len(m.Files)))
			report := backupReportOf(m, filepath.Join(to, m.Name))
			return a.finish(report, report.print)
		},
	}
	cmd.Flags().StringVar(&to, "to", "", "folder of backups, outside the home")
	cmd.AddCommand(a.backupListCmd(), a.backupCheckCmd())
	return cmd
}

func (a *app) backup(ctx context.Context, to string) (m backup.Manifest, err error) {
	s, err := a.ops(ctx)
	if err != nil {
		return m, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	release, err := s.Lock(houseLock)
	if err != nil {
		return m, err
	}
	defer func() { err = errors.Join(err, release()) }()
	if err := a.register(ctx, "backup", "", "", map[string]string{"to": to}); err != nil {
		return m, err
	}
	source := backup.Source{Home: a.cfg.Home, At: a.now(), Progress: a.progress("files"), CopyOps: s.CopyTo}
	if a.cfg.OpsDSNFile != "" {
		source.CopyOps, source.OpsOn = nil, "that ops_dsn_file names"
	}
	return backup.Take(ctx, &source, to, func() (func() error, error) { return a.holdRuns(&source) })
}

func (a *app) holdRuns(source *backup.Source) (func() error, error) {
	release, err := run.Hold(a.cfg.Home)
	if err != nil {
		return nil, err
	}
	source.Current, err = run.Current(a.cfg.Home)
	if errors.Is(err, run.ErrNoRun) {
		err = nil
	}
	if err != nil {
		return nil, errors.Join(err, release())
	}
	return release, nil
}

func (a *app) backupListCmd() *cobra.Command {
	return &cobra.Command{
		Use:     "list DIR",
		Short:   "The backups in a folder, the oldest first",
		Example: "  rongxin backup list /backup/rongxin",
		Args:    cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			list, err := backup.List(args[0])
			if err != nil {
				return err
			}
			if len(list) == 0 {
				return fmt.Errorf("%w: %s has no backup", errNothing, args[0])
			}
			reports := make([]backupReport, len(list))
			for i, m := range list {
				reports[i] = backupReportOf(m, filepath.Join(args[0], m.Name))
			}
			return a.finish(map[string]any{"backups": reports}, func(w io.Writer) {
				for _, r := range reports {
					r.print(w)
				}
			})
		},
	}
}

func (a *app) backupCheckCmd() *cobra.Command {
	return &cobra.Command{
		Use:     "check BACKUP",
		Short:   "Hold every file of a backup against its digest",
		Example: "  rongxin backup check /backup/rongxin/20261126T180000Z",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			m, err := backup.Check(cmd.Context(), args[0], a.progress("files"))
			if err != nil {
				return err
			}
			report := backupReportOf(m, args[0])
			return a.finish(report, report.print)
		},
	}
}

func (a *app) restoreCmd() *cobra.Command {
	var from string
	cmd := &cobra.Command{
		Use:   "restore --from BACKUP",
		Short: "Copy a backup to a new home, each file held against its digest",
		Long: `Copies a backup to the home, which must not be there yet or be empty, and holds each
file against the digest that it was backed up with; with one that is not what it was no
home comes to be. Then prove it with rongxin verify CURRENT, and let rongxin reconcile
find what was delivered since. Keys are restored apart, by whoever keeps them.`,
		Example: "  rongxin restore --from /backup/rongxin/20261126T180000Z --home warehouse",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if from == "" {
				return fmt.Errorf("%w: --from BACKUP is required", errUsage)
			}
			m, err := backup.Restore(cmd.Context(), from, a.cfg.Home, a.progress("files"))
			if err != nil {
				return err
			}
			if err := a.register(cmd.Context(), "restore", m.Current, "", map[string]string{"from": from, "taken_at": m.At.Format("2006-01-02 15:04:05")}); err != nil {
				return err
			}
			report := backupReportOf(m, from)
			return a.finish(report, func(w io.Writer) {
				fmt.Fprintf(w, "restored to %s from ", a.cfg.Home)
				report.print(w)
				fmt.Fprintln(w, "next: rongxin verify CURRENT; rongxin reconcile")
			})
		},
	}
	cmd.Flags().StringVar(&from, "from", "", "the backup, a folder with backup.json")
	return cmd
}
