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

// Of run: what it published last.
var (
	RunAsOf = Metric{Name: "rongxin_run_as_of_timestamp_seconds", Verb: "run",
		Help: "The day that the run published last speaks for, its beginning in China."}
	RunSubjects = Metric{Name: "rongxin_run_subjects", Verb: "run",
		Help: "Enterprises that were judged."}
	RunTouched = Metric{Name: "rongxin_run_touched_subjects", Verb: "run",
		Help: "Enterprises evaluated anew because something changed for them; 0 when everybody was."}
	RunTables = Metric{Name: "rongxin_run_tables", Verb: "run", Labels: []string{"kind"},
		Help: "Tables by how they were made: full, touched (of the enterprises that something changed for), other (not evaluated enterprise by enterprise)."}
	RunChecks = Metric{Name: "rongxin_run_checks", Verb: "run", Labels: []string{"outcome"},
		Help: "Checks by outcome, ok or warn; a check that fails ends the run."}
	RunStale = Metric{Name: "rongxin_run_stale_datasets", Verb: "run", Labels: []string{"department"},
		Help: "Datasets whose newest due report had not come, by the department that owes it; 0 when none is owed."}
	RunClasses = Metric{Name: "rongxin_run_class_subjects", Verb: "run", Labels: []string{"scheme", "class"},
		Help: "Enterprises by class: grades of the scheme public, supervision classes of each industry scheme and of the scheme supervision, which decides."}
	RunLists = Metric{Name: "rongxin_run_list_rows", Verb: "run", Labels: []string{"department", "scheme"},
		Help: "Enterprises on each supervision list."}
	RunInspections = Metric{Name: "rongxin_run_inspection_results", Verb: "run", Labels: []string{"status"},
		Help: "Results of inspections by how their publication stands: open, overdue, on_time, late, unknown."}
	RunBytes = Metric{Name: "rongxin_run_bytes", Verb: "run",
		Help: "Size of its tables and files, what it shares with earlier runs included."}
	RunFree = Metric{Name: "rongxin_run_home_free_bytes", Verb: "run",
		Help: "What was free on the disk of the home when the run was done."}
)

// Of quality: the figures of the last notice about all departments.
var (
	QualityAsOf = Metric{Name: "rongxin_quality_as_of_timestamp_seconds", Verb: "quality", Labels: []string{"months"},
		Help: "The day that the figures speak for, its beginning in China."}
	QualityRatio = Metric{Name: "rongxin_quality_measure_ratio", Verb: "quality", Labels: []string{"months", "department", "measure"},
		Help: "A figure as a share: of code_faults wrong and duplicate codes, of timeliness what was public in time, of coverage what came of what was due. Of nothing there is none."}
	QualityPart = Metric{Name: "rongxin_quality_measure_part", Verb: "quality", Labels: []string{"months", "department", "measure"},
		Help: "The numerator of the figure, a count of rows, records or periods."}
	QualityWhole = Metric{Name: "rongxin_quality_measure_whole", Verb: "quality", Labels: []string{"months", "department", "measure"},
		Help: "The denominator of the figure."}
	QualityGoal = Metric{Name: "rongxin_quality_goal_ratio", Verb: "quality", Labels: []string{"measure"},
		Help: "The goal of the figure, as rule code_quality states it."}
	QualityMissed = Metric{Name: "rongxin_quality_goal_missed", Verb: "quality", Labels: []string{"months", "department", "measure"},
		Help: "1 where a department misses the goal of the figure, else 0; compared as whole numbers."}
)

// Of publish, for each receiver it was called for.
var (
	PublishSuccess = Metric{Name: "rongxin_publish_last_success_timestamp_seconds", Verb: "publish", Labels: []string{"receiver"},
		Help: "When the receiver last answered everything and refused nothing."}
	PublishRecords = Metric{Name: "rongxin_publish_records", Verb: "publish", Labels: []string{"receiver", "status"},
		Help: "Records of the run by how they stood when publish planned: unchanged, inserted, updated, refused_before, waiting, held_back."}
	PublishChanges = Metric{Name: "rongxin_publish_changes_total", Type: Counter, Verb: "publish", Labels: []string{"receiver", "kind"},
		Help: "Changes written to the outbox: inserted, updated, withdrawn."}
	PublishOutcomes = Metric{Name: "rongxin_publish_outcomes_total", Type: Counter, Verb: "publish", Labels: []string{"receiver", "outcome"},
		Help: "Records answered by the receiver: accepted, rejected (now dead letters); reverted are those of them that it had accepted before."}
	PublishReceipts = Metric{Name: "rongxin_publish_receipts_total", Type: Counter, Verb: "publish", Labels: []string{"receiver", "kind"},
		Help: "Answers to batches: accepted, settled (the verdict on an earlier batch), refused as a whole."}
	PublishAttempts = Metric{Name: "rongxin_publish_attempts_total", Type: Counter, Verb: "publish", Labels: []string{"receiver"},
		Help: "Batches handed over, repeats included."}
	PublishRetries = Metric{Name: "rongxin_publish_retries_total", Type: Counter, Verb: "publish", Labels: []string{"receiver"},
		Help: "Batches handed over once more, because the time before had no answer to the point."}
	PublishQueueBatches = Metric{Name: "rongxin_publish_queue_batches", Verb: "publish", Labels: []string{"receiver", "table", "status"},
		Help: "Batches in the outbox by status: pending and sent wait for a receipt, handed_over too and left our hands, accepted waits for the verdict."}
	PublishQueueRecords = Metric{Name: "rongxin_publish_queue_records", Verb: "publish", Labels: []string{"receiver", "table", "status"},
		Help: "Records in those batches."}
	PublishQueueOldest = Metric{Name: "rongxin_publish_queue_oldest_timestamp_seconds", Verb: "publish", Labels: []string{"receiver", "table", "status"},
		Help: "When the oldest of those batches was written; its age is time() less this."}
	PublishLetters = Metric{Name: "rongxin_publish_dead_letters", Verb: "publish", Labels: []string{"receiver", "table", "status"},
		Help: "Records the receiver would not take: open, retry (with the next publication), skipped (somebody decided so)."}
)

// Of reconcile, for each receiver it was called for.
var (
	ReconcileLast = Metric{Name: "rongxin_reconcile_last_timestamp_seconds", Verb: "reconcile", Labels: []string{"receiver"},
		Help: "When the receiver was last compared with."}
	ReconcileEqual = Metric{Name: "rongxin_reconcile_last_equal_timestamp_seconds", Verb: "reconcile", Labels: []string{"receiver"},
		Help: "When the comparison last found everything equal."}
	ReconcileOpen = Metric{Name: "rongxin_reconcile_open_keys", Verb: "reconcile", Labels: []string{"receiver"},
		Help: "Keys that differ, without those on their way and those that somebody decided to leave."}
	ReconcileDiffering = Metric{Name: "rongxin_reconcile_differing_keys", Verb: "reconcile", Labels: []string{"receiver", "table"},
		Help: "Keys that differ, by table."}
	ReconcileCauses = Metric{Name: "rongxin_reconcile_cause_keys", Verb: "reconcile", Labels: []string{"receiver", "cause"},
		Help: "Keys that differ, by cause."}
	ReconcileUnexplained = Metric{Name: "rongxin_reconcile_unexplained", Verb: "reconcile", Labels: []string{"receiver", "table"},
		Help: "1 where the totals of a table differ although no key does, else 0."}
	ReconcileRecords = Metric{Name: "rongxin_reconcile_records", Verb: "reconcile", Labels: []string{"receiver", "table", "kind"},
		Help: "Records of a table: published, sent, acknowledged, processed, received."}
	ReconcileRemovals = Metric{Name: "rongxin_reconcile_removals", Verb: "reconcile", Labels: []string{"receiver", "outcome"},
		Help: "Records that count no more: removed by the receiver, waiting; late are those of both beyond one working day."}
)

// Of draws and of housekeeping.
var (
	DrawPlanSubjects = Metric{Name: "rongxin_draw_plan_subjects_total", Type: Counter, Verb: "draw plan", Labels: []string{"department", "kind"},
		Help: "Enterprises in plans of draws: candidates, excluded, quota, control."}
	DrawRevealDrawn = Metric{Name: "rongxin_draw_reveal_drawn_total", Type: Counter, Verb: "draw reveal",
		Help: "Enterprises drawn."}
	VerifyMismatches = Metric{Name: "rongxin_verify_mismatches", Verb: "verify",
		Help: "Places in which the run verified last is not what was written or not what comes out again."}
	DoctorOutcome = Metric{Name: "rongxin_doctor_outcome", Verb: "doctor", Labels: []string{"examination"},
		Help: "What doctor found last: 0 all is well, 1 doubtful, 2 broken."}
	BackupBytes = Metric{Name: "rongxin_backup_bytes", Verb: "backup",
		Help: "Size of the last backup, what it shares with the one before included."}
	BackupFiles = Metric{Name: "rongxin_backup_files", Verb: "backup",
		Help: "Files of the last backup."}
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
		RunAsOf, RunSubjects, RunTouched, RunTables, RunChecks, RunStale, RunClasses, RunLists, RunInspections, RunBytes, RunFree,
		QualityAsOf, QualityRatio, QualityPart, QualityWhole, QualityGoal, QualityMissed,
		PublishSuccess, PublishRecords, PublishChanges, PublishOutcomes, PublishReceipts, PublishAttempts, PublishRetries, PublishQueueBatches, PublishQueueRecords, PublishQueueOldest, PublishLetters,
		ReconcileLast, ReconcileEqual, ReconcileOpen, ReconcileDiffering, ReconcileCauses, ReconcileUnexplained, ReconcileRecords, ReconcileRemovals,
		DrawPlanSubjects, DrawRevealDrawn, VerifyMismatches, DoctorOutcome, BackupBytes, BackupFiles,
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
