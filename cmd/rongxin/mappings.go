package main

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"rongxin/pipelines/payload"
)

func (a *app) mappingsCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "mappings",
		Short: "Work with what is sent to platforms: list, show and check mappings, write the page of tables",
		Long: `A mapping says which table of a platform is filled from which table of a run, field
by field; docs/mappings.md explains every key. The mappings are the built-in ones,
or those of the folder RONGXIN_MAPPINGS.`,
	}
	cmd.AddCommand(a.mappingsListCmd(), a.mappingsShowCmd(), a.mappingsCheckCmd(), a.mappingsPageCmd())
	return cmd
}

// mappings reads the mappings in use.
func (a *app) mappings() (*payload.Library, error) {
	var fsys fs.FS = payload.Builtin()
	if a.cfg.Mappings != "" {
		fsys = os.DirFS(a.cfg.Mappings)
	}
	library, err := payload.Load(fsys)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errConfig, err)
	}
	return library, nil
}

func (a *app) mappingsListCmd() *cobra.Command {
	return &cobra.Command{
		Use:     "list",
		Short:   "List every table with its version, source, publication range and trust",
		Example: "  rongxin mappings list",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			library, err := a.mappings()
			if err != nil {
				return err
			}
			list := []payload.Description{}
			rows := [][]string{{"表", "名称", "版本", "来源", "公开范围", "可信度"}}
			for _, m := range library.All() {
				d := m.Describe()
				rows = append(rows, []string{d.Table, d.Title, d.Term, d.Relation, d.Range, d.Trust})
				d.Fields, d.Rules = nil, nil
				list = append(list, d)
			}
			return a.finish(map[string]any{"mappings": list}, func(w io.Writer) {
				printAligned(w, rows)
				fmt.Fprintf(w, "(%d tables)\n", len(list))
			})
		},
	}
}

func (a *app) mappingsShowCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "show TABLE|FILE",
		Short: "Show one table as a platform's engineer reads it: fields, types, lengths, codes, rules",
		Long: `Prints the mapping in Chinese: where the records come from, which may leave, and for
each field its type, length, whether it is required, its codes, our column and how
far it can be trusted. A name that ends in .yml is a file, which need not be in use.`,
		Example: `  rongxin mappings show penalty_actions
  rongxin mappings show proposed/penalty_actions.yml`,
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			m, err := a.findMapping(args[0])
			if err != nil {
				return err
			}
			d := m.Describe()
			return a.finish(d, func(w io.Writer) { printMapping(w, d) })
		},
	}
}

func (a *app) findMapping(name string) (*payload.Mapping, error) {
	if strings.HasSuffix(name, ".yml") {
		data, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		m, err := payload.Parse(name, data)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", errConfig, err)
		}
		return m, nil
	}
	library, err := a.mappings()
	if err != nil {
		return nil, err
	}
	m, err := library.Find(name)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errUsage, err)
	}
	return m, nil
}

func printMapping(w io.Writer, d payload.Description) {
	head := [][]string{{"表", d.Table}, {"名称", d.Title}, {"版本", d.Term}, {"依据", d.Basis + "（" + d.Trust + "）"},
		{"来源", d.Relation}, {"主键 cd_id", d.Key}, {"公开范围", d.Range}}
	if d.Skip != "" {
		head = append(head, []string{"不含", d.Skip})
	}
	printAligned(w, head)
	fmt.Fprintln(w)
	rows := [][]string{{"字段", "名称", "类型", "长度", "必填", "来源列", "可信度", "取值", "说明"}}
	for _, f := range d.Fields {
		rows = append(rows, []string{f.Name, f.Title, f.Type, f.Length, f.Required, f.From, f.Trust, f.Values, f.Note})
	}
	printAligned(w, rows)
	if len(d.Rules) > 0 {
		fmt.Fprintln(w)
		rows := [][]string{{"规则", "内容", "依据", "可信度"}}
		for _, r := range d.Rules {
			rows = append(rows, []string{r.ID, r.Title, r.Basis, r.Trust})
		}
		printAligned(w, rows)
	}
}

// mappingReport is what mappings check found.
type mappingReport struct {
	Mappings int             `json:"mappings"` // that were found sound
	Faults   []contractFault `json:"faults"`
}

func (a *app) mappingsCheckCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "check [DIR]",
		Short: "Check mappings and print every fault with its line and column",
		Long: `DIR is a folder of <table>.yml; without it the mappings in use are checked. All
faults of all files come at once, one a line as file:line:column, and the exit code
is then 78. Whether a run has the columns that a mapping names is checked when it
is read: rongxin publish --dry-run.`,
		Example: "  rongxin mappings check pipelines/payload/mappings",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			dir := a.cfg.Mappings
			var fsys fs.FS = payload.Builtin()
			if len(args) > 0 {
				dir = args[0]
			}
			if dir != "" {
				fsys = os.DirFS(dir)
			}
			library, err := payload.Load(fsys)
			report := mappingReport{Faults: []contractFault{}}
			report.Faults = append(report.Faults, faultsOf(err, dir)...)
			if library != nil {
				report.Mappings = len(library.All())
			}
			if err := a.finish(report, report.print); err != nil {
				return err
			}
			if len(report.Faults) > 0 {
				return fmt.Errorf("%w: faults in mappings: %d", errConfig, len(report.Faults))
			}
			return nil
		},
	}
}

func (r mappingReport) print(w io.Writer) {
	for _, f := range r.Faults {
		fmt.Fprintln(w, f.text)
	}
	if len(r.Faults) == 0 {
		fmt.Fprintf(w, "%d mappings, no fault\n", r.Mappings)
	}
}

func (a *app) mappingsPageCmd() *cobra.Command {
	return &cobra.Command{
		Use:     "page",
		Short:   "Write the page of tables for a platform's engineer, as Markdown",
		Example: "  rongxin mappings page > docs/payloads.md",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			library, err := a.mappings()
			if err != nil {
				return err
			}
			return payload.WritePage(a.out, library.All())
		},
	}
}
