package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"rongxin/internal/credit"
	"rongxin/pipelines/transport/courier"
)

// packagesOf is what receivers packages says of a receiver.
type packagesOf struct {
	Receiver string            `json:"receiver"`
	Packages []courier.Package `json:"packages"`
	SetAside map[string]string `json:"set_aside,omitempty"` // packages of answers that were not taken in, and why
}

func (a *app) receiversPackagesCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "packages NAME",
		Short: "The packages of a receiver with a section courier: which to carry, which were taken",
		Long: `Lists the packages sealed for a receiver that is reached by carrying a disk. A
package is to be carried until a package of answers says that it was taken.
Packages of answers that were not taken in are listed with the reason.`,
		Example: "  rongxin receivers packages province",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			all, err := a.cfg.receivers(args[0])
			if err != nil {
				return err
			}
			t, err := a.openTransport(all[0], credit.DateOf(a.now()))
			if err != nil {
				return err
			}
			c, is := t.(*courier.Courier)
			if !is {
				return fmt.Errorf("%w: receivers.%s: has no section courier, so nothing is carried", errConfig, args[0])
			}
			told := packagesOf{Receiver: args[0]}
			if told.Packages, err = c.Packages(cmd.Context()); err != nil {
				return err
			}
			if told.SetAside, err = c.SetAside(); err != nil {
				return err
			}
			return a.finish(told, func(w io.Writer) { printPackages(w, told) })
		},
	}
}

func printPackages(w io.Writer, told packagesOf) {
	t := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	fmt.Fprintln(t, "number\tsealed on\tbatches\tstate")
	for _, p := range told.Packages {
		state := "to be carried: " + p.File
		if p.Taken {
			state = "taken"
		}
		fmt.Fprintf(t, "%d\t%s\t%d\t%s\n", p.Number, p.SealedOn, p.Batches, state)
	}
	t.Flush()
	for _, file := range slices.Sorted(maps.Keys(told.SetAside)) {
		fmt.Fprintf(w, "set aside: %s: %s\n", file, told.SetAside[file])
	}
}
