package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"rongxin/internal/credit"
	"rongxin/pipelines/transport/exchange"
)

func (a *app) receiversCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "receivers",
		Short: "Who is sent results, and whether they can be reached",
		Args:  cobra.NoArgs,
	}
	cmd.AddCommand(a.receiversListCmd(), a.receiversCheckCmd(), a.receiversDDLCmd(), a.receiversPackagesCmd())
	return cmd
}

// receiverLine is what receivers list says of one.
type receiverLine struct {
	Name      string   `json:"name"`
	Transport string   `json:"transport"`
	Tables    []string `json:"tables,omitempty"`
	Source    string   `json:"source"`
	Lanes     int      `json:"lanes"`
	Batch     int      `json:"batch"`
	Rate      float64  `json:"rate,omitempty"`
	Attempts  int      `json:"attempts"`
	Waits     []string `json:"waits"`
	Signing   string   `json:"signing,omitempty"`
}

func (r receiver) line() receiverLine {
	var methods []string
	for _, method := range []string{r.Signing.MAC, r.Signing.Signature, r.Signing.Body} {
		if method != "" {
			methods = append(methods, method)
		}
	}
	var waits []string
	for _, wait := range r.Retry.Waits {
		waits = append(waits, wait.String())
	}
	return receiverLine{r.Name, r.transport(), r.Tables, r.Source, r.Lanes, r.Batch, r.Rate, r.Retry.Attempts, waits, strings.Join(methods, " ")}
}

func (a *app) receiversListCmd() *cobra.Command {
	return &cobra.Command{
		Use:     "list",
		Short:   "The receivers of rongxin.yml, and how each is sent to",
		Example: "  rongxin receivers list",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			all, err := a.cfg.receivers("")
			if err != nil {
				return err
			}
			var lines []receiverLine
			for _, r := range all {
				lines = append(lines, r.line())
			}
			return a.finish(lines, func(w io.Writer) {
				t := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
				fmt.Fprintln(t, "name\ttransport\ttables\tlanes\tbatch\tattempts\tsigning")
				for _, l := range lines {
					fmt.Fprintf(t, "%s\t%s\t%s\t%d\t%d\t%d\t%s\n", l.Name, l.Transport, cmp.Or(strings.Join(l.Tables, " "), "all"), l.Lanes, l.Batch, l.Attempts, cmp.Or(l.Signing, "-"))
				}
				t.Flush()
			})
		},
	}
}

// receiverState is what receivers check says of one.
type receiverState struct {
	Name      string   `json:"name"`
	Transport string   `json:"transport"`
	Faults    []string `json:"faults,omitempty"`
}

func (a *app) receiversCheckCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "check [NAME]",
		Short: "Whether a receiver can be reached, and has the tables, rights and keys that sending wants",
		Long: `Connects to a receiver, or to all of rongxin.yml, and tells everything that is
not as sending wants it: address, certificate, key, tables, columns, lengths,
rights. It sends no record. The exit code is 75 when a receiver does not answer
now and 78 when something must be mended.`,
		Example: "  rongxin receivers check",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			all, err := a.cfg.receivers(strings.Join(args, ""))
			if err != nil {
				return err
			}
			var states []receiverState
			var faults []error
			for _, r := range all {
				state := receiverState{Name: r.Name, Transport: r.transport()}
				err := a.try(cmd.Context(), r)
				for _, fault := range each(err) {
					state.Faults = append(state.Faults, fault.Error())
				}
				faults = append(faults, under(r.Name+": ", err))
				states = append(states, state)
			}
			err = a.finish(states, func(w io.Writer) {
				for _, s := range states {
					found := "as it should be"
					switch n := len(s.Faults); n {
					case 0:
					case 1:
						found = "1 fault"
					default:
						found = fmt.Sprintf("%d faults", n)
					}
					fmt.Fprintf(w, "%s: %s: %s\n", s.Name, s.Transport, found)
				}
			})
			return errors.Join(append(faults, err)...)
		},
	}
}

// try opens the way to a receiver, looks whether it leads there, and closes it.
func (a *app) try(ctx context.Context, r receiver) error {
	t, err := a.openTransport(r, credit.DateOf(a.now()))
	if err != nil {
		return err
	}
	return errors.Join(t.Check(ctx), t.Close(ctx))
}

func (a *app) receiversDDLCmd() *cobra.Command {
	var day func() (credit.Date, error)
	cmd := &cobra.Command{
		Use:   "ddl NAME",
		Short: "The statements that make the tables of an exchange database",
		Long: `Prints the statements that make all tables of a receiver with a section exchange,
in the SQL of its database: a table for each mapping, and those of batches,
fencing tokens, feedback and, if set, state. It connects to nothing.`,
		Example: "  rongxin receivers ddl city",
		Args:    cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			all, err := a.cfg.receivers(args[0])
			if err != nil {
				return err
			}
			if all[0].Exchange == nil {
				return fmt.Errorf("%w: receivers.%s: has no section exchange, so there are no tables to make", errConfig, args[0])
			}
			on, err := day()
			if err != nil {
				return err
			}
			mappings, err := a.mappingsOf(all[0], on)
			if err != nil {
				return err
			}
			statements, err := exchange.DDL(all[0].exchange(mappings))
			if err != nil {
				return fmt.Errorf("%w: receivers.%s: %w", errConfig, args[0], err)
			}
			_, err = io.WriteString(a.out, statements)
			return err
		},
	}
	day = a.asOfFlag(cmd, "day on which the mappings are in force")
	return cmd
}
