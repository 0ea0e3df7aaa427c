package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"rongxin/internal/openlineage"
	"rongxin/internal/spans"
)

// observed does a verb's work within a span and, where the verb makes data,
// between a START and a COMPLETE or FAIL of lineage. Neither changes what comes
// of it: what goes wrong here is a warning.
func (a *app) observed(cmd *cobra.Command, args []string, verb func(*cobra.Command, []string) error) error {
	if cmd.Hidden {
		return verb(cmd, args)
	}
	ctx, flush, err := spans.Open(cmd.Context(), spans.Config{File: a.cfg.TraceFile, Env: os.Getenv, Version: programVersion()})
	a.warn("no spans", err)
	ctx, span := spans.Start(ctx, "rongxin "+verbOf(cmd))
	cmd.SetContext(ctx)
	recorder := a.startLineage(verbOf(cmd))
	err = verb(cmd, args)
	span.Count("exit_code", int64(exitCode(err)))
	span.End(failure(err))
	a.endJob(err)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), telemetryPatience)
	defer cancel()
	a.warn("lineage not told in full", recorder.Close(ctx))
	a.warn("spans not told in full", flush(ctx))
	return err
}

// telemetryPatience is how long a call that is done waits for those that it tells
// so; lineage has half of it.
const telemetryPatience = 10 * time.Second

func (a *app) warn(what string, err error) {
	if err != nil {
		a.log.Warn(what, "err", err)
	}
}

// failure names what went wrong without its words, which may hold the name of a
// file or of an enterprise; empty where nothing did.
func failure(err error) string {
	code := exitCode(err)
	kind, known := map[int]string{exitBadData: "bad input data", exitTemporary: "temporary, another try helps", exitBadConfig: "bad configuration or command line"}[code]
	switch {
	case slices.Contains([]int{exitDone, exitNothing}, code):
		return ""
	case !known:
		kind = "failed"
	}
	return fmt.Sprintf("exit code %d: %s; the log of the call says what", code, kind)
}

// producing are the verbs that make data which lineage tells of, with the
// datasets that a verb as a whole reads and makes; those of models, extracts and
// receivers are told one by one.
var producing = map[string]struct{ reads, makes []string }{
	"land": {}, "replay": {}, "transform": {}, "evaluate": {}, "list": {}, "run": {}, "publish": {}, "reconcile": {},
	"draw plan": {[]string{"lists.inspection_candidates", "rules.inspection_plans", "staging.inspection__tasks", "staging.inspection__items"}, []string{"draws.plans"}},
	"draw assign": {[]string{"draws.plans", "lists.inspectors", "lists.inspection_conflicts", "staging.inspection__tasks", "staging.inspection__items"},
		[]string{"draws.assignments"}},
	"draw merge": {[]string{"draws.plans", "lists.inspection_candidates", "lists.inspectors", "rules.inspection_plans"}, []string{"draws.visits"}},
}

// startLineage tells that a verb begins to make data.
func (a *app) startLineage(verb string) *openlineage.Recorder {
	data, ok := producing[verb]
	if !ok || a.cfg.Lineage == lineageOff {
		return nil
	}
	cfg, err := a.cfg.lineage()
	a.warn("lineage is not sent", err)
	cfg.Now, cfg.Timeout, cfg.Producer, cfg.Parent = a.now, telemetryPatience/2, "urn:rongxin:"+programVersion(), os.Getenv("OPENLINEAGE_PARENT_ID")
	recorder, err := openlineage.New(cfg)
	if err != nil { // of what the caller says of itself: ours is checked
		a.warn("OPENLINEAGE_PARENT_ID is not understood", err)
		cfg.Parent = ""
		if recorder, err = openlineage.New(cfg); err != nil {
			a.warn("no lineage", err)
			return nil
		}
	}
	a.job = recorder.Start(jobOf(verb, "COMMAND"), datasetsOf(data.reads)...)
	a.made = datasetsOf(data.makes)
	return recorder
}

// endJob tells what became of the verb.
func (a *app) endJob(err error) {
	code := exitCode(err)
	a.known.Exit = &code
	a.job.Know(a.known)
	if why := failure(err); why != "" {
		a.job.Fail(why)
	} else {
		a.job.Complete(nil, a.made)
	}
}

func jobOf(name, kind string) openlineage.Job {
	return openlineage.Job{Name: name, Facets: &openlineage.JobFacets{Type: &openlineage.JobType{Processing: "BATCH", Integration: "RONGXIN", Kind: kind}}}
}

func datasetsOf(names []string) []openlineage.Dataset {
	list := make([]openlineage.Dataset, len(names))
	for i, name := range names {
		list[i].Name = name
	}
	return list
}

// programVersion is the commit that the program was built from.
func programVersion() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				return s.Value
			}
		}
	}
	return "unknown"
}

// endPart tells how a part of the work ended, to its span and in its lineage.
func endPart(span spans.Span, job *openlineage.Run, err error, complete func()) {
	why := failure(err)
	if errors.Is(err, context.Canceled) {
		why = "broken off"
	}
	span.End(why)
	if why != "" {
		job.Fail(why)
	} else {
		complete()
	}
}
