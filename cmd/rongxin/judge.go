package main

import (
	"github.com/spf13/cobra"

	"rongxin/pipelines/ingest"
)

const judgeVerb = "judge"

// judgeCmd is what landing starts for each extract. It has no settings: all it
// needs comes with its task.
func (a *app) judgeCmd() *cobra.Command {
	return &cobra.Command{
		Use:    judgeVerb,
		Short:  "Judge one extract in a process of its own; started by land, never by hand",
		Hidden: true,
		Long: `land starts this process for each extract and hands it one task as JSON on
stdin. It sets itself limits on memory, time and file sizes, reads the extract,
writes records and rejects, and tells on stdout how far it is and what it found.
It ends when its stdin is closed.`,
		Example:           `  rongxin judge < task.json`,
		Args:              cobra.NoArgs,
		PersistentPreRunE: func(*cobra.Command, []string) error { return nil },
		RunE:              func(*cobra.Command, []string) error { return ingest.ServeChild(a.in, a.out) },
	}
}
