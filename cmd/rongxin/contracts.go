package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/text/width"

	"rongxin/internal/strictyaml"
	"rongxin/pipelines/contract"
)

func (a *app) contractsCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "contracts",
		Short: "Work with dataset contracts: list, show, check and compare them, write the data dictionary",
		Long: `A contract says what a department sends; docs/contracts.md explains every key.
The catalogue is the built-in one, or that of RONGXIN_CATALOG.`,
	}
	cmd.AddCommand(a.contractsListCmd(), a.contractsShowCmd(), a.contractsCheckCmd(), a.contractsDiffCmd(), a.contractsDictionaryCmd(), a.contractsScheduleCmd())
	return cmd
}

func (a *app) contractsListCmd() *cobra.Command {
	return &cobra.Command{
		Use:     "list",
		Short:   "List every dataset with its class, department, publication range and delivery",
		Example: "  rongxin contracts list",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			catalog, err := a.catalog()
			if err != nil {
				return err
			}
			list := []contract.Description{}
			rows := [][]string{{"数据集", "目录类别", "报送部门", "公开范围", "报送方式", "名称"}}
			for _, c := range catalog.All() {
				d := c.Describe()
				rows = append(rows, []string{d.Dataset, d.Class, d.Department, d.Range.Chinese(), contract.ChineseDelivery(d.Delivery), d.Title})
				d.Fields = nil
				list = append(list, d)
			}
			return a.finish(map[string]any{"contracts": list}, func(w io.Writer) {
				printAligned(w, rows)
				fmt.Fprintf(w, "(%d datasets)\n", len(list))
			})
		},
	}
}

func (a *app) contractsShowCmd() *cobra.Command {
	var version int
	cmd := &cobra.Command{
		Use:   "show DATASET|FILE",
		Short: "Show one contract: columns, types, what is required, codes, masks, range, deadline",
		Long: `Prints the contract in Chinese, as a department's clerk would want it: who sends
it and by when, and for each field its column in the warehouse, its type, whether
it is required, who may see it, how it is masked, and its codes and bounds. A name
that ends in .yml is a file, which need not be in the catalogue.`,
		Example: `  rongxin contracts show samr/penalties
  rongxin contracts show samr/permits --version 1
  rongxin contracts show arrears.yml`,
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			if strings.HasSuffix(args[0], ".yml") {
				c, err := readContract(args[0])
				if err != nil {
					return err
				}
				d := c.Describe()
				return a.finish(d, func(w io.Writer) { printContract(w, d) })
			}
			catalog, err := a.catalog()
			if err != nil {
				return err
			}
			c, err := findVersion(catalog, args[0], version)
			if err != nil {
				return err
			}
			d := c.Describe()
			return a.finish(d, func(w io.Writer) {
				printContract(w, d)
				for _, other := range catalog.Versions(args[0]) {
					if o := other.Describe(); o.Version != d.Version {
						fmt.Fprintf(w, "另有版本 %s（contracts show %s --version %d）\n", o.Term(), o.Dataset, o.Version)
					}
				}
			})
		},
	}
	cmd.Flags().IntVar(&version, "version", 0, "an earlier version (default: the newest)")
	return cmd
}

// findVersion returns a version of a dataset's contract, 0 for the newest.
func findVersion(catalog *contract.Catalog, dataset string, version int) (*contract.Contract, error) {
	c, err := catalog.Find(dataset)
	if err != nil || version == 0 {
		return c, err
	}
	var known []string
	for _, c := range catalog.Versions(dataset) {
		if c.Version == version {
			return c, nil
		}
		known = append(known, fmt.Sprint(c.Version))
	}
	return nil, fmt.Errorf("%w: %s has no version %d: it has %s", errUsage, dataset, version, strings.Join(known, ", "))
}

// checkDepartment says what a name that nothing was found under may have meant.
func (a *app) checkDepartment(name string) error {
	catalog, err := a.catalog()
	if err != nil {
		return err
	}
	var names []string
	for _, c := range catalog.All() {
		if c.Department == name {
			return nil
		}
		names = append(names, c.Department)
	}
	slices.Sort(names)
	fault := fmt.Errorf("%w: --department: no contract is of %s; rongxin contracts list shows the departments", errUsage, name)
	if near := contract.Nearest(name, slices.Compact(names)); len(near) > 0 {
		fault = fmt.Errorf("%w: did you mean %s?", fault, strings.Join(near, " or "))
	}
	return fault
}

func printContract(w io.Writer, d contract.Description) {
	head := [][]string{
		{"数据集", d.Dataset}, {"名称", d.Title}, {"报送部门", d.Department},
		{"目录", fmt.Sprintf("%s %s（%d年版）", d.Class, d.Item, d.Edition)}, {"依据", d.Basis},
		{"公开范围", d.Range.Chinese()}, {"报送方式", contract.ChineseDelivery(d.Delivery) + "，" + d.Written()},
		{"主键", strings.Join(d.Key, "、")}, {"版本", d.Term()},
	}
	if len(d.Ignore) > 0 {
		head = append(head, []string{"不采集的列", strings.Join(d.Ignore, "、")})
	}
	if d.Rhythm != "" {
		head = append(head, []string{"频次", d.Rhythm})
	}
	if d.Deadline != "" {
		head = append(head, []string{"时限", d.Deadline})
	}
	if d.Withdrawal != "" {
		head = append(head, []string{"撤销", d.Withdrawal})
	}
	printAligned(w, head)
	fmt.Fprintln(w)
	rows := [][]string{{"字段", "列名", "类型", "必填", "公开", "脱敏", "取值"}}
	for _, f := range d.Fields {
		rows = append(rows, []string{f.Label(), f.Column, f.Type, f.Required, f.Range.Chinese(), f.Mask, f.Values})
	}
	printAligned(w, rows)
}

// printAligned prints rows in columns, of which a Chinese character takes two
// places. The last column is not padded.
func printAligned(w io.Writer, rows [][]string) {
	var widths []int
	for _, row := range rows {
		for i, cell := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], places(cell))
		}
	}
	for _, row := range rows {
		var line strings.Builder
		for i, cell := range row {
			line.WriteString(cell)
			line.WriteString(strings.Repeat(" ", widths[i]-places(cell)+2))
		}
		fmt.Fprintln(w, strings.TrimRight(line.String(), " "))
	}
}

// places is how many columns of a terminal a text takes.
func places(text string) (n int) {
	for _, r := range text {
		switch width.LookupRune(r).Kind() {
		case width.EastAsianWide, width.EastAsianFullwidth:
			n++
		}
		n++
	}
	return n
}

// contractFault is one thing wrong with a file. Line is 0 where the file as a
// whole is at fault.
type contractFault struct {
	File    string `json:"file"`
	Line    int    `json:"line"`
	Column  int    `json:"column"`
	Path    string `json:"path"`
	Message string `json:"message"`
	text    string
}

type checkReport struct {
	Contracts int             `json:"contracts"` // that were found sound
	Faults    []contractFault `json:"faults"`
}

func (a *app) contractsCheckCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "check [DIR|FILE…]",
		Short: "Check contracts and print every fault with its line and column",
		Long: `FILE is one contract, DIR a catalogue of <department>/<dataset>.yml; without
either the catalogue in use is checked. All faults of all files come at once, one
a line as file:line:column, and the exit code is then 78.`,
		Example: `  rongxin contracts check arrears.yml
  rongxin contracts check pipelines/catalog`,
		RunE: func(_ *cobra.Command, args []string) error {
			report := a.checkContracts(args)
			if err := a.finish(report, report.print); err != nil {
				return err
			}
			if len(report.Faults) > 0 {
				return fmt.Errorf("%w: faults in contracts: %d", errConfig, len(report.Faults))
			}
			return nil
		},
	}
}

func (a *app) checkContracts(paths []string) checkReport {
	report := checkReport{Faults: []contractFault{}}
	if len(paths) == 0 {
		catalog, err := a.catalog()
		return report.with(catalog, a.cfg.Catalog, err)
	}
	for _, path := range paths {
		if info, err := os.Stat(path); err == nil && info.IsDir() {
			catalog, err := contract.Load(os.DirFS(path), a.catalogs()...)
			report = report.with(catalog, path, err)
			continue
		}
		_, err := readContract(path, a.catalogs()...)
		if err == nil {
			report.Contracts++
		}
		report.Faults = append(report.Faults, faultsOf(err, "")...)
	}
	return report
}

// with adds what was found in the catalogue of a folder.
func (r checkReport) with(catalog *contract.Catalog, dir string, err error) checkReport {
	if catalog != nil {
		r.Contracts += len(catalog.All())
	}
	r.Faults = append(r.Faults, faultsOf(err, dir)...)
	return r
}

// faultsOf takes an error of many faults apart; their files are below dir.
func faultsOf(err error, dir string) []contractFault {
	if err == nil || err == errConfig {
		return nil
	}
	if many, ok := err.(interface{ Unwrap() []error }); ok {
		var list []contractFault
		for _, one := range many.Unwrap() {
			list = append(list, faultsOf(one, dir)...)
		}
		return list
	}
	var fault strictyaml.Fault
	if errors.As(err, &fault) {
		fault.File = filepath.Join(dir, fault.File)
		return []contractFault{{fault.File, fault.Line, fault.Column, fault.Path, fault.Message, fault.Error()}}
	}
	return []contractFault{{File: dir, Message: err.Error(), text: err.Error()}}
}

func (r checkReport) print(w io.Writer) {
	for _, f := range r.Faults {
		fmt.Fprintln(w, f.text)
	}
	if len(r.Faults) == 0 {
		fmt.Fprintf(w, "%d contracts, no fault\n", r.Contracts)
	}
}

func (a *app) contractsDiffCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "diff OLD NEW  |  diff DATASET v1 v2",
		Short: "Compare two versions of a contract and say whether the change adds or breaks",
		Long: `A change is additive when what was accepted is still accepted, apart from new
columns, and every column keeps its name, type and meaning: a new field that need
not be filled, a new code, a wider bound. All else breaks and is marked with !,
among it a new required field and any change of range or mask. The exit code is
0 either way.`,
		Example: `  rongxin contracts diff penalties-1.yml pipelines/catalog/samr/penalties.yml
  rongxin contracts diff samr/permits v1 v2`,
		Args: cobra.RangeArgs(2, 3),
		RunE: func(_ *cobra.Command, args []string) error {
			older, newer, err := a.comparedContracts(args)
			if err != nil {
				return err
			}
			d := contract.Diff(older, newer)
			return a.finish(d, func(w io.Writer) { printDifference(w, d) })
		},
	}
}

// comparedContracts are two files, or two versions of a dataset of the catalogue.
func (a *app) comparedContracts(args []string) (older, newer *contract.Contract, err error) {
	if len(args) == 2 {
		older, errOld := readContract(args[0])
		newer, errNew := readContract(args[1])
		return older, newer, errors.Join(errOld, errNew)
	}
	catalog, err := a.catalog()
	if err != nil {
		return nil, nil, err
	}
	var found [2]*contract.Contract
	for i, name := range args[1:] {
		number, err := strconv.Atoi(strings.TrimPrefix(name, "v"))
		if err != nil || number < 1 {
			return nil, nil, fmt.Errorf("%w: %q is no version such as v1", errUsage, name)
		}
		if found[i], err = findVersion(catalog, args[0], number); err != nil {
			return nil, nil, err
		}
	}
	return found[0], found[1], nil
}

func printDifference(w io.Writer, d contract.Difference) {
	for _, c := range d.Changes {
		mark := " "
		if c.Breaking {
			mark = "!"
		}
		switch c.Kind {
		case "changed":
			fmt.Fprintf(w, "%s changed  %s: %q -> %q\n", mark, strings.TrimSpace(c.Field+" "+c.Key), c.Old, c.New)
		default:
			fmt.Fprintf(w, "%s %-7s  %s (%s)\n", mark, c.Kind, c.Field, c.Old+c.New)
		}
	}
	fmt.Fprintf(w, "%s: %d changes\n", d.Verdict, len(d.Changes))
	if d.Verdict != contract.Same && d.New <= d.Old {
		fmt.Fprintf(w, "the version is still %d: raise it\n", d.New)
	}
}
