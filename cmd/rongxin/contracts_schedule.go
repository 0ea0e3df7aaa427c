package main

import (
	"encoding/json"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"rongxin/pipelines/contract"
)

// senders is what a schedule knows of the folder of a department.
type senders struct {
	Departments []string `json:"departments"` // by the name in its contracts
	Datasets    []string `json:"datasets"`
}

// schedule lists who sends what, by the folder in an inbox.
func schedule(catalog *contract.Catalog) map[string]*senders {
	folders := map[string]*senders{}
	add := func(list []string, name string) []string {
		if slices.Contains(list, name) {
			return list
		}
		return append(list, name)
	}
	for _, c := range catalog.All() {
		folder, _, _ := strings.Cut(c.Dataset, "/")
		s := folders[folder]
		if s == nil {
			s = &senders{}
			folders[folder] = s
		}
		s.Departments, s.Datasets = add(s.Departments, c.Department), add(s.Datasets, c.Dataset)
	}
	return folders
}

func (a *app) contractsScheduleCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "schedule",
		Short: "Write the departments and their datasets as JSON, for a scheduler",
		Long: `Writes each department's folder with its name and its datasets. The DAGs below
dags/ read it from a committed file, so that a schedule is the same until somebody
changes it.`,
		Example: "  rongxin contracts schedule > dags/rongxin_airflow/catalogue.json",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			catalog, err := a.catalog()
			if err != nil {
				return err
			}
			return a.finish(schedule(catalog), func(w io.Writer) {
				enc := json.NewEncoder(w)
				enc.SetIndent("", "  ")
				_ = enc.Encode(schedule(catalog)) // names alone: nothing in it can fail
			})
		},
	}
}
