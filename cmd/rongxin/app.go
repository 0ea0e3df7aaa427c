package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"rongxin/internal/credit"
	"rongxin/internal/metrics"
	"rongxin/internal/openlineage"
	"rongxin/warehouse/engine"
	"rongxin/warehouse/model"
	"rongxin/warehouse/ops"
	"rongxin/warehouse/run"
)

// app is what every verb has at hand.
type app struct {
	cfg      Config
	in       io.Reader
	out, err io.Writer
	log      *slog.Logger
	json     bool // one JSON object as the last line of stdout
	begun    bool // the command line was understood, the verb is at work
	purpose  string
	now      func() time.Time // the only clock of the program
	told     metrics.Report   // what the call knows about operation
	kept     *ops.Store       // that of serve, open between questions; nil: opened for each line of the journal

	job   *openlineage.Run      // of the verb, as lineage tells it; nil of a verb that makes no data
	known openlineage.Rongxin   // what its run is known by
	made  []openlineage.Dataset // what it makes as a whole
}

// Run executes one command line and returns its exit code.
func Run(ctx context.Context, args []string, in io.Reader, out, errw io.Writer) int {
	return runBy(ctx, time.Now, args, in, out, errw)
}

func runBy(ctx context.Context, clock func() time.Time, args []string, in io.Reader, out, errw io.Writer) int {
	a, began := &app{in: in, out: out, err: errw, now: clock}, clock()
	root := a.root()
	root.SetArgs(args)
	root.SetIn(in)
	root.SetOut(out)
	root.SetErr(errw)
	a.begins(root)
	cmd, err := root.ExecuteContextC(ctx)
	if err != nil && !a.begun && !errors.Is(err, errUsage) && !errors.Is(err, errConfig) {
		err = fmt.Errorf("%w: %w; see %s --help", errUsage, err, cmd.CommandPath()) // an unknown verb, a missing argument or flag
	}
	if err != nil {
		fmt.Fprintf(masked{errw}, "rongxin: %v\n", err)
	}
	code := exitCode(err)
	a.measured(ctx, cmd, began, code)
	return code
}

// begins has every verb note that its command line was understood: what fails
// before that is a slip of the caller's.
func (a *app) begins(cmd *cobra.Command) {
	if verb := cmd.RunE; verb != nil {
		cmd.RunE = func(cmd *cobra.Command, args []string) error {
			a.begun = true
			return a.observed(cmd, args, verb)
		}
	}
	for _, sub := range cmd.Commands() {
		a.begins(sub)
	}
}

func (a *app) root() *cobra.Command {
	var file string
	flags := defaults()
	root := &cobra.Command{
		Use:   "rongxin",
		Short: "榕信: a city's credit records, judged by published rules, delivered as supervision lists",
		Long: `榕信 lands what departments send, judges every enterprise by dated, cited rules,
draws up tiered supervision lists and delivers them, each with its evidence.

  rongxin city --out demo                 a synthetic city's extracts
  rongxin land --inbox demo/inbox         land them
  rongxin run --as-of 2026-06-30          judge, list, check, publish
  rongxin explain CODE                    why an enterprise stands where it stands

Settings come from flags, RONGXIN_* variables (RONGXIN_HOME …) and rongxin.yml;
docs/configuration.md lists them all.
Exit codes: 0 done, 65 bad input data, 75 try again, 78 bad configuration or
command line, 99 nothing to do, 1 anything else.`,
		SilenceErrors: true, SilenceUsage: true,
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error { return a.configure(cmd, file, flags) },
	}
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return fmt.Errorf("%w: %w; see %s --help", errUsage, err, cmd.CommandPath())
	})
	f := root.PersistentFlags()
	f.StringVar(&file, "config", "", "configuration file (default: "+configName+" where there is one)")
	f.StringVar(&flags.Home, "home", flags.Home, "warehouse directory")
	f.StringVar(&flags.Keys, "keys", flags.Keys, "directory of keys, outside the warehouse (default: that beside it, HOME.keys)")
	f.IntVar(&flags.Threads, "threads", flags.Threads, "threads of the engine and of landing")
	f.StringVar(&flags.Memory, "memory", flags.Memory, "memory the engine may use")
	f.StringVar(&flags.Actor, "actor", flags.Actor, "who is asking, for the register of queries")
	f.StringVar(&flags.LogLevel, "log-level", flags.LogLevel, "debug, info, warn or error")
	f.BoolVar(&a.json, "json", false, "print one JSON object, as the last line of stdout")
	root.AddCommand(a.cityCmd(), a.landCmd(), a.replayCmd(), a.correctionsCmd(), a.stageCmd(model.Transform), a.stageCmd(model.Evaluate), a.stageCmd(model.List),
		a.runCmd(), a.explainCmd(), a.verifyCmd(), a.runsCmd(), a.doctorCmd(), a.backupCmd(), a.restoreCmd(), a.drawCmd(), a.publishCmd(), a.reconcileCmd(), a.receiversCmd(), a.feedbackCmd(),
		a.qualityCmd(), a.effectCmd(), a.contractsCmd(), a.mappingsCmd(), a.rulesCmd(), a.planCmd(), a.compareCmd(), a.sqlCmd(), a.connectCmd(), a.sandboxCmd(), a.serveCmd(), a.codeCmd(), a.judgeCmd(),
		a.screenCmd(), a.keysCmd(), a.extractCmd(), a.vaultCmd(), a.dagCmd(), a.metricsCmd())
	return root
}

// configure settles the configuration: file and variables first, then the flags
// that were really given.
func (a *app) configure(cmd *cobra.Command, file string, flags Config) error {
	cfg, err := loadConfig(file, os.Environ())
	if err != nil {
		return fmt.Errorf("%w: %w", errConfig, err)
	}
	given := flags.settings()
	for name, target := range cfg.settings() {
		flag := cmd.Root().PersistentFlags().Lookup(strings.ReplaceAll(name, "_", "-"))
		if flag == nil || !flag.Changed {
			continue
		}
		switch target := target.(type) {
		case *string:
			*target = *given[name].(*string)
		case *int:
			*target = *given[name].(*int)
		}
	}
	if err := cfg.check(); err != nil {
		return fmt.Errorf("%w: %w", errConfig, err)
	}
	level, _ := logLevel(cfg.LogLevel) // checked
	a.cfg, a.log = cfg, slog.New(slog.NewTextHandler(masked{a.err}, &slog.HandlerOptions{Level: level}))
	return nil
}

// masked hides what looks like a person's number in messages and logs: names of
// files and arguments come from outside. Each call of Write is one message.
type masked struct{ io.Writer }

func (m masked) Write(message []byte) (int, error) {
	_, err := io.WriteString(m.Writer, credit.MaskIDs(string(message)))
	return len(message), err
}

func logLevel(name string) (slog.Level, error) {
	var level slog.Level
	if err := level.UnmarshalText([]byte(name)); err != nil {
		return level, fmt.Errorf("log_level: %q is none of debug, info, warn, error", name)
	}
	return level, nil
}

// finish prints a verb's result: as one JSON line, or as text for a person.
func (a *app) finish(result any, text func(w io.Writer)) error {
	if !a.json {
		text(a.out)
		return nil
	}
	enc := json.NewEncoder(a.out)
	enc.SetEscapeHTML(false)
	return enc.Encode(result)
}

// progress returns a function that shows how far long work is, on a terminal
// and only after two seconds.
func (a *app) progress(what string) func(done, total int64) {
	f, ok := a.err.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return func(int64, int64) {}
	}
	start, last := a.now(), time.Time{}
	return func(done, total int64) {
		now := a.now()
		if now.Sub(start) < 2*time.Second || now.Sub(last) < 200*time.Millisecond && done != total {
			return
		}
		last = now
		if total > 0 {
			fmt.Fprintf(f, "\r%s %d%% (%d / %d)\x1b[K", what, 100*done/total, done, total)
		} else {
			fmt.Fprintf(f, "\r%s %d\x1b[K", what, done)
		}
		if done == total {
			fmt.Fprintln(f)
		}
	}
}

// asOfFlag adds --as-of, which defaults to today in China.
func (a *app) asOfFlag(cmd *cobra.Command, usage string) func() (credit.Date, error) {
	value := cmd.Flags().String("as-of", "", usage+" (default: today in China)")
	return func() (credit.Date, error) {
		if *value == "" {
			return credit.DateOf(a.now()), nil
		}
		d, err := credit.ParseDate(*value)
		if err != nil {
			return 0, fmt.Errorf("%w: --as-of: %w", errUsage, err)
		}
		return d, nil
	}
}

// openRun opens the run that a verb's --run or --as-of names.
func (a *app) openRun(id, asOf string) (*run.Run, error) {
	if id != "" && asOf != "" {
		return nil, fmt.Errorf("%w: --run and --as-of exclude each other", errUsage)
	}
	if asOf == "" {
		return run.Open(a.cfg.Home, id)
	}
	day, err := credit.ParseDate(asOf)
	if err != nil {
		return nil, fmt.Errorf("%w: --as-of: %w", errUsage, err)
	}
	return run.AsOf(a.cfg.Home, day)
}

// attach opens an engine that shows tables of a run; no names means all.
func (a *app) attach(ctx context.Context, r *run.Run, tables ...string) (*engine.DB, error) {
	db, err := engine.Open(ctx, a.cfg.engine())
	if err != nil {
		return nil, err
	}
	if err := r.Attach(ctx, db, tables...); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}
