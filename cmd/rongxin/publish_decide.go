package main

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"rongxin/warehouse/ops"
)

// letterLine is one dead letter as it is shown.
type letterLine struct {
	ID        int64     `json:"id"`
	Receiver  string    `json:"receiver"`
	Table     string    `json:"table"`
	Key       string    `json:"cd_id"`
	Operation string    `json:"operation"`
	Level     string    `json:"level"`
	Code      string    `json:"code"`
	Message   string    `json:"message"`
	Times     int       `json:"times"`
	First     time.Time `json:"first_at"`
	Last      time.Time `json:"last_at"`
	Status    string    `json:"status"`
	Actor     string    `json:"actor,omitempty"`
	Reason    string    `json:"reason,omitempty"`
}

func letterLines(letters []ops.DeadLetter) []letterLine {
	lines := []letterLine{}
	for _, l := range letters {
		lines = append(lines, letterLine{l.ID, l.Receiver, l.Table, l.Key, string(l.Operation), string(l.Level), l.Code, l.Message,
			l.Times, l.FirstAt, l.LastAt, string(l.Status), l.Actor, l.Reason})
	}
	return lines
}

func printLetters(w io.Writer, lines []letterLine) {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, l := range lines {
		fmt.Fprintf(t, "%s\t%s/%s\t%s\t%s\t%s\t%s\n", l.Receiver, l.Table, l.Key, l.Operation, l.Status, l.Code, strings.TrimSpace(l.Message+" "+l.Reason))
	}
	t.Flush()
	fmt.Fprintf(w, "%d dead letters\n", len(lines))
}

// publishDecideCmd is publish retry and publish skip.
func (a *app) publishDecideCmd(verb string, status ops.LetterStatus, short, long string) *cobra.Command {
	var filter ops.LetterFilter
	var all bool
	cmd := &cobra.Command{
		Use:     verb + " [TABLE/KEY…]",
		Short:   short,
		Long:    long,
		Example: "  rongxin publish " + verb + " --code CODE_LIST --reason 接收方已更新代码表",
		RunE: func(cmd *cobra.Command, keys []string) error {
			if strings.TrimSpace(a.purpose) == "" {
				return fmt.Errorf("%w: give --reason, which the journal keeps", errUsage)
			}
			if len(keys) == 0 && filter.Code == "" && !all {
				return fmt.Errorf("%w: name records as TABLE/KEY, a --code, or --all", errUsage)
			}
			filter.Receiver = a.receiverNamed(filter.Receiver)
			filters, err := lettersNamed(filter, keys)
			if err != nil {
				return err
			}
			store, err := a.ops(cmd.Context())
			if err != nil {
				return err
			}
			decided := 0
			for _, f := range filters {
				var e ops.Entry
				if e, err = a.entry("publish."+verb, "", f.Key, nil); err != nil {
					break
				}
				var n int
				if n, err = store.Decide(cmd.Context(), f, status, e); err != nil {
					break
				}
				decided += n
			}
			if err := errors.Join(err, store.Close()); err != nil {
				return err
			}
			if decided == 0 {
				return fmt.Errorf("%w: no dead letter stands for that; rongxin publish show --dead lists them", errNothing)
			}
			return a.finish(map[string]any{"decided": decided, "status": status}, func(w io.Writer) {
				fmt.Fprintf(w, "%d dead letters: %s\n", decided, status)
			})
		},
	}
	f := cmd.Flags()
	f.StringVar(&filter.Receiver, "to", "", "name of the receiver (default: every one)")
	f.StringVar(&filter.Code, "code", "", "only those with this code of the receiver")
	f.BoolVar(&all, "all", false, "every dead letter that stands")
	f.StringVar(&a.purpose, "reason", "", "why, for the journal; required")
	return cmd
}

// lettersNamed narrows a filter to each of the records named.
func lettersNamed(f ops.LetterFilter, keys []string) ([]ops.LetterFilter, error) {
	if len(keys) == 0 {
		return []ops.LetterFilter{f}, nil
	}
	var filters []ops.LetterFilter
	for _, name := range keys {
		var ok bool
		if f.Table, f.Key, ok = strings.Cut(name, "/"); !ok || f.Key == "" {
			return nil, fmt.Errorf("%w: %q: want TABLE/KEY", errUsage, name)
		}
		filters = append(filters, f)
	}
	return filters, nil
}
