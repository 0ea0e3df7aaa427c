package ingest

import (
	"fmt"

	"rongxin/pipelines/contract"
	"rongxin/warehouse/landing"
)

// RowsAboveUsual warns of a batch with far more rows than its dataset usually
// has. Runs find it again, in marts.delivery_warnings.
const RowsAboveUsual = "ROWS_ABOVE_USUAL"

// A Warning is a doubt about a whole batch, which is in nevertheless. It depends
// on what had landed before, so it is told and not kept with the batch.
type Warning struct {
	Code    string `json:"code"`
	Chinese string `json:"chinese"`
	English string `json:"english"`
}

// compareVolume holds a batch against what its dataset held before. few says why
// it is refused, if it is.
func (l *Lander) compareVolume(c *contract.Contract, b landing.Batch) (few []badFile, warnings []Warning, err error) {
	before, err := landing.Of(l.cfg.Home, c.Dataset)
	if err != nil {
		return nil, nil, err
	}
	usual, of, ok := landing.Usual(before, b)
	if !ok {
		return nil, nil, nil
	}
	const whole = 1_000_000
	rows := b.Rows.Read
	share := func(ppm int64) string { return string(contract.FormatScaled(nil, ppm/10_000, 0)) + "%" }
	if least := c.Expect.MinSharePPM; least > 0 && rows*whole < least*usual {
		few = append(few, unfit(RowsBelowUsual, "共 %[1]d 行，不到前 %[4]d 次报送中位数 %[3]d 行的 %[2]s",
			"%[1]d rows, fewer than %[2]s of the %[3]d that its last %[4]d deliveries had (median)", rows, share(least), usual, of))
	}
	if most := c.Expect.WarnAbovePPM; most > 0 && rows*whole > most*usual {
		warnings = append(warnings, Warning{RowsAboveUsual,
			fmt.Sprintf("共 %d 行，超过前 %d 次报送中位数 %d 行的 %s", rows, of, usual, share(most)),
			fmt.Sprintf("%d rows, more than %s of the %d that its last %d deliveries had (median)", rows, share(most), usual, of)})
	}
	return few, warnings, nil
}
