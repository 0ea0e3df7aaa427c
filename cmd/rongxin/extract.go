package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"rongxin/warehouse/landing"
)

func (a *app) extractCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "extract",
		Short: "Open the original extract of a batch",
		Long: `Landing keeps what a department sent, byte by byte; extracts that tell of persons
are sealed. Whoever opens one is registered first.`,
	}
	show := &cobra.Command{
		Use:   "show BATCH",
		Short: "Print the bytes of an extract as the department sent them, for an authorised purpose",
		Long: `BATCH is a batch id, as in batch.json and in the answer of land. The purpose, and
the number of the authorisation, are registered before a byte is printed.`,
		Example: "  rongxin extract show 3f9a2b4c5d6e7f80 --purpose 异议核查 --authorisation 榕信授〔2026〕17号 > extract.csv",
		Args:    cobra.ExactArgs(1),
	}
	authorisation := a.authorisedFlags(show)
	show.RunE = func(cmd *cobra.Command, args []string) error {
		b, err := a.findBatch(args[0])
		if err != nil {
			return err
		}
		extract, err := landing.OpenExtract(a.cfg.Home, b, a.cfg.keys())
		if err != nil {
			return err
		}
		defer extract.Close()
		if err := a.register(cmd.Context(), "extract show", "", b.Dataset+"/"+b.ID, map[string]string{"authorisation": authorisation()}); err != nil {
			return err
		}
		n, err := io.Copy(a.out, extract)
		if err == nil && n != b.Extract.Bytes {
			err = fmt.Errorf("%s batch %s: %d bytes came of %d", b.Dataset, b.ID, n, b.Extract.Bytes)
		}
		return err
	}
	cmd.AddCommand(show)
	return cmd
}

// authorisedFlags adds --purpose and --authorisation, without which no clear
// value is shown, and returns the number of the authorisation.
func (a *app) authorisedFlags(cmd *cobra.Command) (authorisation func() string) {
	a.purposeFlag(cmd)
	id := cmd.Flags().String("authorisation", "", "number of the decision that allows it, for the register")
	for _, flag := range []string{"purpose", "authorisation"} {
		must(cmd.MarkFlagRequired(flag))
	}
	return func() string { return *id }
}

// findBatch finds a batch by its id.
func (a *app) findBatch(id string) (landing.Batch, error) {
	batches, err := landing.List(a.cfg.Home)
	if err != nil {
		return landing.Batch{}, err
	}
	for _, b := range batches {
		if b.ID == id {
			return b, nil
		}
	}
	return landing.Batch{}, fmt.Errorf("%w: there is no batch %s in %s", errUsage, id, a.cfg.Home)
}
