package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"rongxin/warehouse/landing"
	"rongxin/warehouse/secret"
)

func (a *app) keysCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "keys",
		Short: "Look after the keys of tokens and sealed files: show, make a new one, check",
		Long: `Persons' numbers are replaced by tokens and extracts that tell of persons are
sealed, with a key that lies outside the warehouse, in the directory of the
setting keys. The first key is made when it is first needed. Only ids are ever
printed. Keep a copy of the directory in a safe place, apart from the warehouse:
without its key a sealed extract cannot be opened by anybody.`,
	}
	cmd.AddCommand(a.keysShowCmd(), a.keysNewCmd(), a.keysCheckCmd())
	return cmd
}

// keyState tells of one key, never the key.
type keyState struct {
	ID        string `json:"key_id"`
	IsCurrent bool   `json:"is_current"`
	Batches   int    `json:"batches"` // that were written with it
}

func (a *app) keyStates() (states []keyState, missing []string, err error) {
	keys, err := a.cfg.keys().Keys()
	if err != nil {
		return nil, nil, err
	}
	batches, err := landing.List(a.cfg.Home)
	if err != nil {
		return nil, nil, err
	}
	states, at := []keyState{}, map[string]int{}
	for i, k := range keys {
		at[k.ID()] = i
		states = append(states, keyState{ID: k.ID(), IsCurrent: i == len(keys)-1})
	}
	for _, b := range batches {
		i, known := at[b.KeyID]
		switch {
		case known:
			states[i].Batches++
		case b.KeyID != "":
			missing = append(missing, b.KeyID)
			at[b.KeyID] = len(states)
			states = append(states, keyState{ID: b.KeyID, Batches: 1})
		}
	}
	return states, missing, nil
}

func (a *app) keysShowCmd() *cobra.Command {
	return &cobra.Command{
		Use:     "show",
		Short:   "List the keys by id: which is current, and how many batches were written with each",
		Example: "  rongxin keys show",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			states, missing, err := a.keyStates()
			if err != nil {
				return err
			}
			return a.finish(map[string]any{"directory": a.cfg.keysDir(), "keys": states, "missing": append([]string{}, missing...)},
				func(w io.Writer) { printKeys(w, a.cfg.keysDir(), states, missing) })
		},
	}
}

func printKeys(w io.Writer, dir string, states []keyState, missing []string) {
	fmt.Fprintf(w, "keys in %s\n%-10s %-8s %8s\n", dir, "id", "", "batches")
	for i, k := range states {
		word := ""
		switch {
		case k.IsCurrent:
			word = "current"
		case i >= len(states)-len(missing):
			word = "missing"
		}
		fmt.Fprintf(w, "%-10s %-8s %8d\n", k.ID, word, k.Batches)
	}
}

func (a *app) keysNewCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "new",
		Short: "Make a new key: from now on it makes the tokens and seals the extracts",
		Long: `The older keys stay, to open what they sealed. A person gets another token under
the new key, so records landed before and after do not join by it; change the
key for a reason, such as a key that others may have read.`,
		Example: "  rongxin keys new",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			key, err := a.cfg.keys().New()
			if err != nil {
				return err
			}
			if err := a.register(cmd.Context(), "keys new", "", key.ID(), nil); err != nil {
				return err
			}
			return a.finish(map[string]any{"key_id": key.ID()}, func(w io.Writer) {
				fmt.Fprintf(w, "key %s in %s: back the directory up\n", key.ID(), a.cfg.keysDir())
			})
		},
	}
}

func (a *app) keysCheckCmd() *cobra.Command {
	return &cobra.Command{
		Use:     "check",
		Short:   "Check that every key the warehouse was written with is there, whole and closed to others",
		Example: "  rongxin keys check",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			states, missing, err := a.keyStates()
			if err != nil {
				return err
			}
			if len(missing) > 0 {
				return fmt.Errorf("%w %s of earlier batches is not in %s; restore it from its backup", secret.ErrKey, missing[0], a.cfg.keysDir())
			}
			return a.finish(map[string]any{"keys": len(states)}, func(w io.Writer) { fmt.Fprintf(w, "%d keys, none missing\n", len(states)) })
		},
	}
}
