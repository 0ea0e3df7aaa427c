package main

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"
)

func (a *app) receiversCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "receivers",
		Short: "Who is sent results, and whether they can be reached",
		Args:  cobra.NoArgs,
	}
	cmd.AddCommand(a.receiversListCmd())
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
	First     string   `json:"first_wait"`
	Longest   string   `json:"longest_wait"`
	Signing   string   `json:"signing,omitempty"`
}

func (r receiver) line() receiverLine {
	var methods []string
	for _, method := range []string{r.Signing.MAC, r.Signing.Signature, r.Signing.Body} {
		if method != "" {
			methods = append(methods, method)
		}
	}
	return receiverLine{r.Name, r.transport(), r.Tables, r.Source, r.Lanes, r.Batch, r.Rate,
		r.Retry.Attempts, r.Retry.First.String(), r.Retry.Longest.String(), strings.Join(methods, " ")}
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
