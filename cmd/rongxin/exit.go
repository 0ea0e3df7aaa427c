package main

import (
	"context"
	"errors"
	"slices"

	"rongxin/evaluators/draw/dossier"
	"rongxin/evaluators/explain"
	"rongxin/internal/airflow"
	"rongxin/pipelines/contract"
	"rongxin/pipelines/database"
	"rongxin/pipelines/ingest"
	"rongxin/pipelines/publish"
	"rongxin/warehouse/backup"
	"rongxin/warehouse/landing"
	"rongxin/warehouse/ops"
	"rongxin/warehouse/query"
	"rongxin/warehouse/run"
	"rongxin/warehouse/secret"
	"rongxin/warehouse/store"
)

// Exit codes, the contract with the scheduler.
const (
	exitDone      = 0
	exitOther     = 1
	exitBadData   = 65 // bad input data: a retry does not help
	exitTemporary = 75 // a retry helps
	exitBadConfig = 78
	exitNothing   = 99 // nothing to do
)

var (
	errConfig  = errors.New("configuration")
	errUsage   = errors.New("usage")
	errNothing = errors.New("nothing to do")
	errDiffers = errors.New("differs")
	errShort   = errors.New("inspectors are short")
)

// several are the errors of works that are done one after another, whatever
// became of those before.
type several []error

func (s several) Error() string   { return errors.Join(s...).Error() }
func (s several) Unwrap() []error { return s }

// worst is the exit code of the one that asks most of the caller.
func (s several) worst() int {
	order := []int{exitNothing, exitTemporary, exitBadData, exitBadConfig, exitOther}
	worst := exitNothing
	for _, err := range s {
		if code := exitCode(err); slices.Index(order, code) > slices.Index(order, worst) {
			worst = code
		}
	}
	return worst
}

// exitCode sorts an error by what the caller should do about it.
func exitCode(err error) int {
	var refusal *ingest.Refusal
	var all several
	switch {
	case err == nil:
		return exitDone
	case errors.As(err, &all):
		return all.worst()
	case errors.Is(err, errNothing):
		return exitNothing
	case errors.Is(err, errConfig), errors.Is(err, errUsage), errors.Is(err, publish.ErrSetup), errors.Is(err, contract.ErrUnknownDataset),
		errors.Is(err, secret.ErrKey), errors.Is(err, database.ErrSetup), errors.Is(err, ops.ErrSetup), errors.Is(err, backup.ErrPlace), errors.Is(err, dossier.ErrRefused), errors.Is(err, airflow.ErrDenied), errors.Is(err, airflow.ErrNotFound), errors.Is(err, airflow.ErrInvalid),
		errors.Is(err, query.ErrRefused):
		return exitBadConfig
	case errors.As(err, &refusal), errors.Is(err, run.ErrCheck), errors.Is(err, store.ErrDigest), errors.Is(err, secret.ErrSealed), errors.Is(err, landing.ErrNoEntry),
		errors.Is(err, run.ErrNoRun), errors.Is(err, dossier.ErrAltered),
		errors.Is(err, explain.ErrUnknownSubject), errors.Is(err, explain.ErrAmbiguousName), errors.Is(err, errDiffers), errors.Is(err, publish.ErrCannotAsk), errors.Is(err, errDecision), errors.Is(err, errUnknownHits), errors.Is(err, errTable), errors.Is(err, errShort), errors.Is(err, errLimits), errors.Is(err, errDAGRun), errors.Is(err, ops.ErrConsent):
		return exitBadData
	case errors.Is(err, run.ErrBusy), errors.Is(err, ingest.ErrBusy), errors.Is(err, ingest.ErrInboxBusy), errors.Is(err, ingest.ErrChanging),
		errors.Is(err, publish.ErrTemporary), errors.Is(err, database.ErrTemporary), errors.Is(err, ops.ErrLocked), errors.Is(err, ops.ErrUnavailable), errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded), errors.Is(err, airflow.ErrTemporary), errors.Is(err, airflow.ErrConflict):
		return exitTemporary
	default:
		return exitOther
	}
}
