package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"rongxin/internal/credit"
	"rongxin/pipelines/contract"
	"rongxin/transforms"
	"rongxin/warehouse/dictionary"
	"rongxin/warehouse/engine"
	"rongxin/warehouse/landing"
	"rongxin/warehouse/lineage"
	"rongxin/warehouse/model"
)

func (a *app) contractsDictionaryCmd() *cobra.Command {
	var html bool
	cmd := &cobra.Command{
		Use:   "dictionary",
		Short: "Write the data dictionary to stdout: of the catalogue as Markdown, of everything as one page",
		Long: `Writes every dataset, by the classes of the national catalogue, with its terms
and all its fields. docs/data-dictionary.md is this output for the built-in
catalogue. With --json it is one object with the same content.

With --html it is one page, to be searched and printed, that also has every table
of a run, and for each column what it is made of and what is made of it. It needs
no network.`,
		Example: `  rongxin contracts dictionary > docs/data-dictionary.md
  rongxin contracts dictionary --html > 数据字典.html`,
		Args: cobra.NoArgs,
	}
	asOf := a.asOfFlag(cmd, "the day whose rules and contracts the page shows")
	cmd.Flags().BoolVar(&html, "html", false, "one page with the tables of a run and the way of each column")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if html && a.json {
			return fmt.Errorf("%w: --html and --json exclude each other", errUsage)
		}
		if html {
			day, err := asOf()
			if err != nil {
				return err
			}
			return a.dictionaryPage(cmd.Context(), day)
		}
		catalog, err := a.catalog()
		if err != nil {
			return err
		}
		if !a.json {
			return contract.WriteDictionary(a.out, catalog)
		}
		list := []contract.Description{}
		for _, c := range catalog.All() {
			list = append(list, c.Describe())
		}
		return a.finish(map[string]any{"contracts": list}, nil)
	}
	return cmd
}

// dictionaryPage writes the page of the day.
func (a *app) dictionaryPage(ctx context.Context, day credit.Date) error {
	catalog, err := a.catalog()
	if err != nil {
		return err
	}
	plan, err := a.planOf(a.cfg.Rules, day, nil, nil)
	if err != nil {
		return err
	}
	plan.Datasets, plan.Models = nil, slices.DeleteFunc(plan.Models, func(m model.Model) bool { return strings.HasPrefix(m.Name, "staging.") })
	for _, c := range catalog.All() { // also those that nobody has sent and nothing reads yet
		plan.Datasets = append(plan.Datasets, catalog.Landing(c.Dataset))
	}
	plan.Models = append(plan.Models, transforms.Staging(plan.Datasets)...)
	var columns map[string][]landing.Column
	var ways lineage.Lineage
	err = scratch(func(dir string) error {
		db, err := engine.Open(ctx, engine.Config{Threads: 1, Memory: a.cfg.Memory, TempDir: dir})
		if err != nil {
			return err
		}
		defer db.Close()
		if ways, err = plan.Lineage(ctx, db); err != nil {
			return err
		}
		columns, err = plan.Columns(ctx, db)
		return err
	})
	if err != nil {
		return err
	}
	var datasets []dictionary.Table
	for _, d := range plan.Datasets {
		c, err := catalog.Find(d.Name)
		if err != nil {
			return err
		}
		datasets = append(datasets, datasetTable(c.Describe(), plan.Given()["landing."+d.Table()]))
	}
	book := dictionary.Make(plan, datasets, columns, ways)
	book.Title = "榕信数据字典与血缘 Data dictionary and lineage"
	return book.WriteHTML(a.out)
}

// datasetTable is a dataset as it lands. What no field of the contract explains is
// a column of landing.
func datasetTable(d contract.Description, columns []landing.Column) dictionary.Table {
	t := dictionary.Table{Name: "landing." + landing.TableName(d.Dataset), Title: d.Title}
	for _, f := range [][2]string{
		{"数据集 Dataset", d.Dataset}, {"报送部门 Department", d.Department}, {"目录 Catalogue", fmt.Sprintf("%s %s（%d年版）", d.Class, d.Item, d.Edition)}, {"依据 Basis", d.Basis},
		{"公开范围 Range", d.Range.Chinese()}, {"报送方式 Delivery", contract.ChineseDelivery(d.Delivery) + "，" + d.Written()}, {"主键 Key", strings.Join(d.Key, "、")},
		{"频次 Rhythm", d.Rhythm}, {"时限 Deadline", d.Deadline}, {"撤销 Withdrawal", d.Withdrawal}, {"版本 Version", d.Term()},
	} {
		if f[1] != "" {
			t.Facts = append(t.Facts, dictionary.Fact{Label: f[0], Text: f[1], Quiet: f[1] == strings.Join(d.Key, "、")})
		}
	}
	fields := map[string]contract.FieldDescription{}
	for _, f := range d.Fields {
		fields[f.Column] = f
	}
	for _, c := range columns {
		column := dictionary.Column{Name: c.Name, Type: c.Type}
		if f, ok := fields[c.Name]; ok {
			column.Label, column.Kind, column.Required, column.Values = f.Label(), f.Type, f.Required, f.Values
			column.Range, column.Masks, column.Unit = f.Range.Chinese(), f.Mask, f.Unit
		} else {
			column.Label = contract.SystemColumn(c.Name)
		}
		t.Columns = append(t.Columns, column)
	}
	return t
}
