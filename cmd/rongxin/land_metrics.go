package main

import "rongxin/internal/metrics"

// tellLanded counts what became of extracts and of their rows.
func (a *app) tellLanded(list []landed) {
	for _, l := range list {
		switch {
		case l.failed:
			a.told.Add(metrics.LandExtracts, 1, a.datasetLabel(l.Dataset), "failed")
		case l.Error != "":
			a.told.Add(metrics.LandExtracts, 1, a.datasetLabel(l.Dataset), "refused")
		case l.AlreadyLanded:
			a.told.Add(metrics.LandExtracts, 1, l.Dataset, "landed_before")
		default:
			a.tellRows(l)
		}
	}
}

func (a *app) tellRows(l landed) {
	a.told.Add(metrics.LandExtracts, 1, l.Dataset, "landed")
	a.told.Add(metrics.LandRead, float64(l.Rows.Read), l.Dataset)
	a.told.Add(metrics.LandAccepted, float64(l.Rows.Accepted), l.Dataset)
	for reason, n := range l.Reasons {
		a.told.Add(metrics.LandRejected, float64(n), l.Dataset, reason)
	}
	for flag, n := range l.Flags {
		a.told.Add(metrics.LandFlagged, float64(n), l.Dataset, flag)
	}
	a.told.Set(metrics.LandLast, seconds(a.now()), l.Dataset)
}

// datasetLabel is the dataset of an extract that did not land, whose folder may
// have any name.
func (a *app) datasetLabel(name string) string {
	if catalog, err := a.catalog(); err == nil {
		if _, err := catalog.Find(name); err == nil {
			return name
		}
	}
	return "other"
}
