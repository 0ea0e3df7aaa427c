package metrics

// Of every verb.
var (
	LastRun = Metric{Name: "rongxin_verb_last_run_timestamp_seconds", Labels: []string{"verb"},
		Help: "When the verb was last called and came to an end, whatever the end was."}
	LastSuccess = Metric{Name: "rongxin_verb_last_success_timestamp_seconds", Labels: []string{"verb"},
		Help: "When the verb last ended with exit code 0, or 99: nothing to do."}
	Duration = Metric{Name: "rongxin_verb_last_duration_seconds", Labels: []string{"verb"},
		Help: "How long the last call took."}
	ExitCode = Metric{Name: "rongxin_verb_last_exit_code", Labels: []string{"verb"},
		Help: "The exit code of the last call: 0 done, 65 bad data, 75 try again, 78 configuration, 99 nothing to do, 1 anything else."}
	Runs = Metric{Name: "rongxin_verb_runs_total", Type: Counter, Labels: []string{"verb", "code"},
		Help: "Calls of the verb that came to an end, by exit code."}
)

// Of land.
var (
	LandExtracts = Metric{Name: "rongxin_land_extracts_total", Type: Counter, Verb: "land", Labels: []string{"dataset", "outcome"},
		Help: "Extracts by what became of them: landed, landed_before, refused, failed for no fault of theirs."}
	LandRead = Metric{Name: "rongxin_land_rows_read_total", Type: Counter, Verb: "land", Labels: []string{"dataset"},
		Help: "Rows read of extracts that landed; accepted and rejected together."}
	LandAccepted = Metric{Name: "rongxin_land_rows_accepted_total", Type: Counter, Verb: "land", Labels: []string{"dataset"},
		Help: "Rows that keep their contract."}
	LandRejected = Metric{Name: "rongxin_land_rows_rejected_total", Type: Counter, Verb: "land", Labels: []string{"dataset", "reason"},
		Help: "Rows that break their contract, by the reason for which they were refused."}
	LandFlagged = Metric{Name: "rongxin_land_rows_flagged_total", Type: Counter, Verb: "land", Labels: []string{"dataset", "flag"},
		Help: "Accepted rows about which there is a doubt; a row with two doubts counts for each."}
	LandLast = Metric{Name: "rongxin_land_last_extract_timestamp_seconds", Verb: "land", Labels: []string{"dataset"},
		Help: "When an extract of the dataset last landed."}
)

// Of serve and sandbox, at work.
var (
	ServeRequests = Metric{Name: "rongxin_serve_requests_total", Type: Counter, Verb: "serve", Labels: []string{"path", "code"}, Live: true,
		Help: "Requests answered, by path and HTTP status."}
	ServeAsOf = Metric{Name: "rongxin_serve_run_as_of_timestamp_seconds", Verb: "serve", Live: true,
		Help: "The day the run that is served speaks for."}
	SandboxRequests = Metric{Name: "rongxin_sandbox_requests_total", Type: Counter, Verb: "sandbox", Labels: []string{"path", "code"}, Live: true,
		Help: "Requests that the stand-in platform answered, by path and HTTP status."}
	SandboxServing = Metric{Name: "rongxin_sandbox_serving", Verb: "sandbox", Labels: []string{"as"}, Live: true,
		Help: "1 while a stand-in platform is at work; there must be none in production."}
)

// All lists every metric, in the order of docs/metrics.md.
func All() []Metric {
	return []Metric{
		LastRun, LastSuccess, Duration, ExitCode, Runs,
		LandExtracts, LandRead, LandAccepted, LandRejected, LandFlagged, LandLast,
		ServeRequests, ServeAsOf, SandboxRequests, SandboxServing,
	}
}

// byName finds a definition.
func byName() map[string]Metric {
	m := map[string]Metric{}
	for _, d := range All() {
		m[d.Name] = d
	}
	return m
}
