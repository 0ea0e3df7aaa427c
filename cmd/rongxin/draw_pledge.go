package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"rongxin/evaluators/draw"
	"rongxin/evaluators/draw/dossier"
)

func (a *app) drawPledgeCmd() *cobra.Command {
	var commit string
	var texts, pledges []string
	cmd := &cobra.Command{
		Use:   "pledge (--commit DIGEST --contribution NAME=TEXT | DIR --pledge NAME=DIGEST …)",
		Short: "Bind witnesses to their contributions before anybody's is known",
		Long: `Without a directory it tells one witness, on any machine, the pledge of a
contribution under a published commitment; the text stays with the witness. With
the directory it records the pledges of all witnesses, once, before the reveal.
Then none of them can choose a text by the others', or be left out.`,
		Example: `  rongxin draw pledge --commit 97eec75ba0a48ec2153870f4bca88531c0832835565883135ef6f52e99d9ad53 --contribution 王甲=1635241362514336
  rongxin draw pledge draws/2026-06-30-0123456789ab --pledge 王甲=ebce9af70feb29e0ce946bc2ea2a1b8a414db8e29408da307be86521cfe241b8 --pledge 李乙=a168b78626efbb907c11394a813430878987de8bb101adb4602fab9565dfbfa9`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			step, err := a.pledge(cmd.Context(), args, commit, texts, pledges)
			if err != nil {
				return err
			}
			return a.finish(step, step.print)
		},
	}
	f := cmd.Flags()
	f.StringVar(&commit, "commit", "", "the published commitment")
	f.StringArrayVar(&texts, "contribution", nil, "NAME=TEXT of the witness, to be pledged")
	f.StringArrayVar(&pledges, "pledge", nil, "NAME=DIGEST that a witness handed in")
	return cmd
}

func (a *app) pledge(ctx context.Context, args []string, commit string, texts, pledges []string) (drawStep, error) {
	if len(args) == 0 {
		if len(texts) != 1 || commit == "" || len(pledges) > 0 {
			return drawStep{}, fmt.Errorf("%w: without a directory, give --commit and one --contribution", errUsage)
		}
		c, err := named(texts)
		if err != nil {
			return drawStep{}, err
		}
		pledge, err := draw.Pledge(commit, draw.Contribution{Name: c[0][0], Text: c[0][1]})
		if err != nil {
			return drawStep{}, fmt.Errorf("%w: %w", errUsage, err)
		}
		return drawStep{Commit: commit, Pledge: pledge, text: c[0][0] + "=" + pledge}, nil
	}
	if len(texts) > 0 || commit != "" {
		return drawStep{}, fmt.Errorf("%w: a directory takes --pledge; contributions are for rongxin draw reveal", errUsage)
	}
	pairs, err := named(pledges)
	if err != nil {
		return drawStep{}, err
	}
	var list []dossier.Pledged
	for _, p := range pairs {
		list = append(list, dossier.Pledged{Name: p[0], Pledge: p[1]})
	}
	step := drawStep{text: fmt.Sprintf("%d witnesses are bound; then: rongxin draw reveal %s", len(list), args[0])}
	record := a.recorder(ctx, nil)
	err = dossier.Pledge(args[0], list, a.stamp(), func(e dossier.Event) error {
		step.DrawID, step.SHA256 = e.DrawID, e.SHA256
		return record(e)
	})
	return step, err
}

// named splits NAME=VALUE.
func named(list []string) (pairs [][2]string, err error) {
	for _, text := range list {
		name, value, ok := strings.Cut(text, "=")
		if !ok || name == "" || value == "" {
			return nil, fmt.Errorf("%w: %q is not NAME=VALUE", errUsage, text)
		}
		pairs = append(pairs, [2]string{name, value})
	}
	return pairs, nil
}
