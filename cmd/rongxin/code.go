package main

import (
	"bufio"
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
	var exceptionsFile string
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
			var exceptions credit.Exceptions
			if exceptionsFile != "" {
				data, err := os.ReadFile(exceptionsFile)
				if err != nil {
					return err
				}
				if exceptions, err = credit.ParseExceptions(exceptionsFile, data); err != nil {
					return fmt.Errorf("%w: %w", errConfig, err)
				}
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
	check.Flags().StringVar(&exceptionsFile, "exceptions", "", "reviewed list of codes that are right although a check fails")
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
