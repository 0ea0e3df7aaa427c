package main

import (
	"cmp"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"rongxin/evaluators/ruletest"
	"rongxin/transforms"
	"rongxin/warehouse/engine"
)

func (a *app) rulesTestCmd() *cobra.Command {
	var coverage bool
	cmd := &cobra.Command{
		Use:   "test [DIR]",
		Short: "Run the cases beside the rules on the compiled SQL, and tell what no case reaches",
		Long: `Runs every case of NAME.test.yml beside NAME.yml in a small engine of its own and
prints those that do not hold: what was wanted, what came. Then it says how many
of the attributes of the rules the cases reach: bands, caps, steps, grades,
vetoes, what is missing, cells of the matrix, overrides, severities, periods,
levels. Exit code 65 when a case does not hold, 78 when a file is wrong.`,
		Example: `  rongxin rules test
  rongxin rules test proposed --coverage`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			files, dir := a.rulesDir(args)
			facts, err := transforms.Models()
			if err != nil {
				return err
			}
			var report *ruletest.Report
			err = scratch(func(dir string) error {
				report, err = ruletest.Run(cmd.Context(), ruletest.Config{Rules: files, Facts: facts,
					Engine: engine.Config{Threads: a.cfg.Threads, Memory: a.cfg.Memory, TempDir: dir}})
				return err
			})
			if err != nil {
				return fmt.Errorf("%w: rules %s: %w", errConfig, cmp.Or(dir, "(built in)"), err)
			}
			result := testReport{report, report.Reached()}
			if err := a.finish(result, func(w io.Writer) { result.print(w, dir, coverage) }); err != nil {
				return err
			}
			if n := len(report.Failures); n > 0 {
				return fmt.Errorf("%w: cases that do not hold: %d", errDiffers, n)
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&coverage, "coverage", false, "name the attributes that no case reaches")
	return cmd
}

type testReport struct {
	*ruletest.Report
	Reached int `json:"reached"`
}

func (r testReport) print(w io.Writer, dir string, coverage bool) {
	for _, f := range r.Failures {
		fmt.Fprintf(w, "%s:%d: %s\n", filepath.Join(dir, f.File), f.Line, f.Case)
		for _, d := range f.Diff {
			fmt.Fprintf(w, "    %s：应为 %s，实得 %s\n", inWords(d.What), d.Want, cmp.Or(d.Got, "无"))
		}
	}
	if coverage {
		for _, u := range r.Unreached() {
			fmt.Fprintf(w, "%s: no case reaches %s\n", filepath.Join(dir, u.File), u.Name)
		}
	}
	fmt.Fprintf(w, "%d cases, %d hold; %d of %d attributes reached", r.Cases, r.Cases-len(r.Failures), r.Reached, len(r.Attributes))
	if r.Reached < len(r.Attributes) && !coverage {
		fmt.Fprint(w, " (--coverage names the others)")
	}
	fmt.Fprintln(w)
}

// wanted are the words for what a case wants.
var wanted = map[string]string{
	"points": "得分", "grade": "等级", "veto": "直接判级", "reason": "原因", "severity": "严重程度", "severity_rule": "严重程度依据",
	"exemption_rule": "不予处罚依据", "publicity_rule": "公示期限依据", "repairable_on": "可申请修复之日", "publicity_until": "公示截止",
	"class": "监管类别", "override": "调整", "out": "不列入名单", "marked": "加标注", "conflict": "冲突", "level": "行业级别",
	"status": "状态", "until": "有效期至",
}

// inWords says points, or reason PC-PEN-1, in Chinese.
func inWords(what string) string {
	key, rest, of := strings.Cut(what, " ")
	word := cmp.Or(wanted[key], key)
	if of {
		return word + " " + rest
	}
	return word
}
