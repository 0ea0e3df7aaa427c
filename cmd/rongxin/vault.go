package main

import (
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/spf13/cobra"

	"rongxin/warehouse/landing"
)

func (a *app) vaultCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "vault",
		Short: "Open a clear value that a contract keeps in its vault",
		Long: `A contract may keep the clear values of a masked field, with vault: true and the
basis for it. They lie sealed in the batch and are opened one record at a time.`,
	}
	var dataset, record string
	show := &cobra.Command{
		Use:   "show --dataset DATASET --record ID",
		Short: "Print the clear values of one record, for an authorised purpose",
		Long: `ID is the record_id. Of several versions the newest that is kept is shown. The
purpose, and the number of the authorisation, are registered before a value is
printed; the values are not.`,
		Example: "  rongxin vault show --dataset court/judgment_debtors --record 0f1e2d3c4b5a69788796a5b4 --purpose 异议核查 --authorisation 榕信授〔2026〕17号",
		Args:    cobra.NoArgs,
	}
	authorisation := a.authorisedFlags(show)
	show.Flags().StringVar(&dataset, "dataset", "", "dataset of the record, as in the catalogue")
	show.Flags().StringVar(&record, "record", "", "record_id of the record")
	must(show.MarkFlagRequired("dataset"))
	must(show.MarkFlagRequired("record"))
	show.RunE = func(cmd *cobra.Command, _ []string) error {
		entry, b, err := landing.FindVault(a.cfg.Home, dataset, record, a.cfg.keys())
		if err != nil {
			return err
		}
		columns := slices.Sorted(maps.Keys(entry.Values))
		detail := map[string]any{"authorisation": authorisation(), "batch_id": b.ID, "columns": columns}
		if err := a.register(cmd.Context(), "vault show", "", dataset+"/"+record, detail); err != nil {
			return err
		}
		result := map[string]any{"dataset": dataset, "record_id": record, "batch_id": b.ID, "line": entry.Line, "values": entry.Values}
		return a.finish(result, func(w io.Writer) {
			fmt.Fprintf(w, "%s record %s, batch %s, line %d\n", dataset, record, b.ID, entry.Line)
			for _, column := range columns {
				fmt.Fprintf(w, "%s\t%s\n", column, entry.Values[column])
			}
		})
	}
	cmd.AddCommand(show)
	return cmd
}
