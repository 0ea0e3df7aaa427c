package main

import (
	"bufio"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"rongxin/internal/credit"
)

func (a *app) codeCmd() *cobra.Command {
	cmd := &cobra.Command{Use: "code", Short: "Work with unified social credit codes"}
	var file string
	check := &cobra.Command{
		Use:   "check [FILE|-]",
		Short: "Check credit codes, one a line, and print one JSON object a line",
		Long: `Prints for each code: code, status, outer_check, inner_check, reasons,
suggestions. Status is valid, suspect (well formed, one check fails: such codes
are really registered) or invalid. Suggestions pass both checks, most likely
first. Blank lines are passed over.`,
		Example: "  echo 91350100MA8T00016W | rongxin code check -",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			a.cfg.CodeExceptions = cmp.Or(file, a.cfg.CodeExceptions)
			exceptions, err := a.exceptions()
			if err != nil {
				return err
			}
			in := a.in
			if len(args) == 1 && args[0] != "-" {
				f, err := os.Open(args[0])
				if err != nil {
					return err
				}
				defer f.Close()
				in = f
			}
			return checkCodes(in, a.out, exceptions)
		},
	}
	check.Flags().StringVar(&file, "exceptions", "", "reviewed list of codes that are right although a check fails (default: RONGXIN_CODE_EXCEPTIONS)")
	cmd.AddCommand(check)
	return cmd
}

func checkCodes(in io.Reader, out io.Writer, exceptions credit.Exceptions) error {
	w := bufio.NewWriter(out)
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		if strings.TrimSpace(lines.Text()) == "" {
			continue
		}
		if err := enc.Encode(exceptions.Check(lines.Text())); err != nil {
			return err
		}
	}
	if err := lines.Err(); err != nil {
		return err
	}
	return w.Flush()
}

// exceptions reads the reviewed list of codes, which is empty where none is set.
func (a *app) exceptions() (credit.Exceptions, error) {
	if a.cfg.CodeExceptions == "" {
		return credit.Exceptions{}, nil
	}
	data, err := os.ReadFile(a.cfg.CodeExceptions)
	if err != nil {
		return credit.Exceptions{}, fmt.Errorf("%w: code_exceptions: %w", errConfig, err)
	}
	list, err := credit.ParseExceptions(a.cfg.CodeExceptions, data)
	if err != nil {
		return list, fmt.Errorf("%w: %w", errConfig, err)
	}
	return list, nil
}
