package city

// Kind names a kind of seeded fault. The names are stable: truth/defects.csv and
// the tests of other rooms use them.
type Kind string

const (
	// CodeWrongCharacter: one sign of the subject's code is another sign of the
	// alphabet, so one or both checks fail.
	CodeWrongCharacter Kind = "code_wrong_character"
	// CodeSwapped: two different neighbours of the code changed places.
	CodeSwapped Kind = "code_swapped"
	// CodeConfusable: a digit is written as the letter that looks like it, 0 as O,
	// 1 as I, 2 as Z, 5 as S; these letters are not in the alphabet.
	CodeConfusable Kind = "code_confusable"
	// CodePlaceholder: eighteen zeros stand for the code.
	CodePlaceholder Kind = "code_placeholder"
	// CodeFullWidth: the code is in full-width signs; normalisation mends it.
	CodeFullWidth Kind = "code_full_width"
	// CodeDuplicateName: a registration carries the code of another enterprise
	// beside its own name (一码多赋).
	CodeDuplicateName Kind = "code_duplicate_name"
	// CodeUnregistered: a valid code that no enterprise of the city has.
	CodeUnregistered Kind = "code_unregistered"
	// LateReport: SJC lies after the seventh working day from the decision.
	LateReport Kind = "late_report"
	// WithdrawnStillSent: a penalty that an objection had revoked (撤销) before the
	// newer file was made is in that file all the same.
	WithdrawnStillSent Kind = "withdrawn_still_sent"
	// AmountInYuan: CF_NR_FK holds yuan where 万元 is meant, 10,000 times too much.
	AmountInYuan Kind = "amount_in_yuan"
	// DateImpossible: a day that the calendar does not have, 30 February.
	DateImpossible Kind = "date_impossible"
	// DateFuture: a date after the as-of day where only the past makes sense.
	DateFuture Kind = "date_future"
	// CategoryUnknown: a value outside the code list of the contract.
	CategoryUnknown Kind = "category_unknown"
	// RowRagged: one field too few or too many. CSV only.
	RowRagged Kind = "row_ragged"
	// BytesUndecodable: a byte 0xFF inside a text, which neither GB18030 nor UTF-8
	// knows. Only in CSV files whose encoding is declared or not UTF-8, because
	// one such byte would change the detected encoding of a bare UTF-8 file.
	BytesUndecodable Kind = "bytes_undecodable"
	// RequiredMissing: a required field is blank.
	RequiredMissing Kind = "required_missing"
	// NameMismatch: the record names another subject than the register does for
	// that code.
	NameMismatch Kind = "name_mismatch"
	// KindMismatch: the kind of the subject contradicts its code, 个体工商户 with a
	// code of 91 or a company with one of 92.
	KindMismatch Kind = "kind_mismatch"
	// DuplicateRow: the row before is written once more.
	DuplicateRow Kind = "duplicate_row"
	// PersonIDInvalid: the id number of the representative fails its check or has
	// an impossible birth date.
	PersonIDInvalid Kind = "person_id_invalid"
	// PermitDatesReversed: a permit ends before it begins.
	PermitDatesReversed Kind = "permit_dates_reversed"
	// RegisterNoInvalid: the 15-digit registration number fails its check.
	RegisterNoInvalid Kind = "register_no_invalid"
	// GradeScoreConflict: the grade contradicts the score, tax A with 65 points.
	GradeScoreConflict Kind = "grade_score_conflict"
)

// DefaultRates are the probabilities of each kind on a row where it can occur,
// less for the many code columns, more where few rows qualify. A city of 2,000
// enterprises and more has at least three of each kind, whatever its rate, and
// no file has more than one faulty row in thirty.
func DefaultRates() map[Kind]float64 {
	return map[Kind]float64{
		CodeWrongCharacter:  0.0008,
		CodeSwapped:         0.0005,
		CodeConfusable:      0.0006,
		CodePlaceholder:     0.0005,
		CodeFullWidth:       0.0008,
		CodeDuplicateName:   0.001,
		CodeUnregistered:    0.0008,
		LateReport:          0.005,
		WithdrawnStillSent:  0.005,
		AmountInYuan:        0.005,
		DateImpossible:      0.0005,
		DateFuture:          0.0005,
		CategoryUnknown:     0.0005,
		RowRagged:           0.0005,
		BytesUndecodable:    0.0005,
		RequiredMissing:     0.0005,
		NameMismatch:        0.0008,
		KindMismatch:        0.0008,
		DuplicateRow:        0.0008,
		PersonIDInvalid:     0.001,
		PermitDatesReversed: 0.003,
		RegisterNoInvalid:   0.003,
		GradeScoreConflict:  0.002,
	}
}

// fault says what was done to a row. A field of -1 means the row as a whole.
type fault struct {
	kind         Kind
	field        int
	wrong, right string
}

// maker seeds one kind into a row, changing its cells, or reports that the kind
// cannot occur there.
type maker struct {
	kind Kind
	make func(*injector, *row) (fault, bool)
}

// makers are in the order in which the kinds share the draw of a row.
// WithdrawnStillSent is not among them: it needs a history, see injector.prepare.
func makers() []maker {
	return []maker{
		{CodeWrongCharacter, wrongCharacter}, {CodeSwapped, swapped}, {CodeConfusable, confusable},
		{CodePlaceholder, placeholder}, {CodeFullWidth, fullWidth}, {CodeDuplicateName, duplicateName},
		{CodeUnregistered, unregistered}, {LateReport, lateReport}, {AmountInYuan, amountInYuan},
		{DateImpossible, dateImpossible}, {DateFuture, dateFuture}, {CategoryUnknown, categoryUnknown},
		{RowRagged, rowRagged}, {BytesUndecodable, bytesUndecodable}, {RequiredMissing, requiredMissing},
		{NameMismatch, nameMismatch}, {KindMismatch, kindMismatch}, {DuplicateRow, duplicateRow},
		{PersonIDInvalid, personIDInvalid}, {PermitDatesReversed, permitDatesReversed},
		{RegisterNoInvalid, registerNoInvalid}, {GradeScoreConflict, gradeScoreConflict},
	}
}
