package city

import (
	"rongxin/internal/credit"
)

// risk draws the hidden trait. Six in ten enterprises are careful, five in a
// hundred make most of the trouble; the mean is close to 1.
func risk(d *dice) float64 {
	spread := 0.6 + 0.8*d.float()
	switch u := d.float(); {
	case u < 0.60:
		return 0.3 * spread
	case u < 0.95:
		return 1.2 * spread
	case u < 0.99:
		return 6 * spread
	}
	return 15 * spread
}

// records is what the departments hold on one enterprise.
type records struct {
	penalties   []*penalty
	abnormal    []*abnormal
	fraud       *fraud
	arrears     *arrears
	debt        *debt
	permits     []*permit
	inspections []*inspection
	results     []*result
	tax         []grade
	ecology     []grade
	labour      []grade
	national    []grade
	honours     []*honour
	commitments []*commitment
	cases       []*creditCase
	exempt      []*exemption
	override    *override
}

// grade is one result of a round. An empty score was not given.
type grade struct {
	round *round
	grade string
	score string
}

// live derives the history of an enterprise. The order matters: evaluations
// look at the penalties and lists before them, cases at all of these.
func (w *world) live(e *enterprise) error {
	if err := w.penalise(e); err != nil {
		return err
	}
	w.listAbnormal(e)
	w.defraud(e)
	w.delayWages(e)
	w.dishonour(e)
	if err := w.openCases(e); err != nil {
		return err
	}
	if err := w.permit(e); err != nil {
		return err
	}
	w.inspect(e)
	w.recallDraws(e)
	w.gradeTax(e)
	w.gradeEcology(e)
	w.gradeLabour(e)
	w.honour(e)
	w.gradeNational(e)
	w.commit(e)
	w.exemptSome(e)
	w.overrideFew(e)
	return nil
}

// lookBack is the first day of the history of an enterprise: 42 months before
// the as-of day, or 30 days after its registration.
func (w *world) lookBack(e *enterprise) credit.Date {
	return max(w.asOf.AddMonths(-42), e.founded.AddDays(30))
}

// settled is the last day on which a decision can fall so that its report, due
// within seven working days, is in the files: with the longest holidays of the
// calendar these are seventeen days.
func (w *world) settled(e *enterprise) credit.Date {
	return min(e.last(w), w.asOf.AddDays(-20))
}

// reportedOn is an upload within the seven working days of 发改办财金〔2018〕424号.
func (w *world) reportedOn(d *dice, decided credit.Date) (credit.Date, error) {
	return w.calendar.AddWorkingDays(decided, d.between(1, 7))
}
