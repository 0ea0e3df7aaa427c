package publish

import (
	"testing"
	"time"

	"rongxin/warehouse/ops"
)

// Every way in which the places can differ has its cause. "" is a place without
// the key, other texts are digests.
func TestCauses(t *testing.T) {
	noon := time.Date(2026, 4, 1, 12, 0, 0, 0, time.UTC)
	known := func(digest string) ops.Delivery { return ops.Delivery{Digest: digest, At: noon} }
	refused := func(level ops.RefusalLevel, status ops.LetterStatus) ops.Delivery {
		return ops.Delivery{Digest: "old", Refused: &ops.DeadLetter{Digest: "new", Level: level, Status: status}}
	}
	verdict := ops.Delivery{Digest: "new", Prior: "old", Open: true, At: noon}
	way := func(digest string, status ops.Status) *openChange {
		return &openChange{digest: digest, batch: ops.Batch{Status: status, Attempts: 1}}
	}
	unsent := &openChange{digest: "new", batch: ops.Batch{Status: ops.Pending}}
	for name, c := range map[string]struct {
		standing
		want Cause
	}{
		"agreed":                                   {standing{published: "a", known: known("a"), received: "a"}, ""},
		"agreed to be nowhere":                     {standing{known: known("")}, ""},
		"new in the run":                           {standing{published: "new", known: known("old"), received: "old"}, NotYetSent},
		"gone from the run":                        {standing{known: known("old"), received: "old"}, NotYetSent},
		"the first time":                           {standing{published: "new"}, NotYetSent},
		"refused, and news since":                  {standing{published: "newer", known: refused(ops.RefusedRecord, ops.LetterOpen), received: "old"}, NotYetSent},
		"refused, to be sent again":                {standing{published: "new", known: refused(ops.RefusedRecord, ops.LetterRetry), received: "old"}, NotYetSent},
		"refused in a receipt":                     {standing{published: "new", known: refused(ops.RefusedRecord, ops.LetterOpen), received: "old"}, DeadLetter},
		"refused alone":                            {standing{published: "new", known: refused(ops.RefusedAlone, ops.LetterOpen), received: "old"}, DeadLetter},
		"refused by the verdict":                   {standing{published: "new", known: refused(ops.RefusedLater, ops.LetterOpen), received: "old"}, RejectedLater},
		"left so":                                  {standing{published: "new", known: refused(ops.RefusedRecord, ops.LetterSkipped), received: "old"}, Skipped},
		"planned":                                  {standing{published: "new", known: known("old"), open: unsent, received: "old"}, InFlight},
		"sent, the outcome open":                   {standing{published: "new", known: known("old"), open: way("new", ops.Sent), received: "old"}, InFlight},
		"sent and taken, no receipt":               {standing{published: "new", known: known("old"), open: way("new", ops.Sent), received: "new"}, ReceiptMissing},
		"removed there, no receipt":                {standing{known: known("old"), open: way("", ops.Sent)}, ReceiptMissing},
		"handed over":                              {standing{published: "new", known: known("old"), open: way("new", ops.HandedOver), received: "old"}, HandedOver},
		"handed over and already there":            {standing{published: "new", known: known("old"), open: way("new", ops.HandedOver), received: "new"}, HandedOver},
		"on its way, and the old one is lost":      {standing{published: "new", known: known("old"), open: way("new", ops.Sent)}, InFlight},
		"accepted, not processed":                  {standing{published: "new", known: verdict, received: "old"}, NotProcessed},
		"accepted and there, verdict to come":      {standing{published: "new", known: verdict, received: "new"}, ""},
		"accepted and there, verdict overdue":      {standing{published: "new", known: verdict, received: "new", late: true}, NotProcessed},
		"accepted, and something else is there":    {standing{published: "new", known: verdict, received: "x"}, ContentDiffers},
		"lost there":                               {standing{published: "a", known: known("a")}, MissingThere},
		"altered there":                            {standing{published: "a", known: known("a"), received: "b"}, ContentDiffers},
		"never sent":                               {standing{received: "a"}, ExtraThere},
		"withdrawn and there again":                {standing{known: known(""), received: "a"}, ExtraThere},
		"what the store has forgotten":             {standing{published: "a", known: known("old"), received: "a"}, Unrecorded},
		"removed there, of which the store forgot": {standing{known: known("old")}, Unrecorded},
		"a list older than the change":             {standing{published: "a", known: known("a"), received: "old", shownAt: noon.Add(-time.Hour)}, NotYetShown},
		"a list newer than the change":             {standing{published: "a", known: known("a"), received: "old", shownAt: noon.Add(time.Hour)}, ContentDiffers},
		"twice":                                    {standing{published: "a", known: known("a"), received: "a", doubled: true}, DoubledThere},
	} {
		t.Run(name, func(t *testing.T) {
			if got := c.cause(); got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}

// Officials read what a cause means and how it is mended, each once.
func TestEveryCauseHasItsMeaning(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range Causes() {
		m, ok := c.Meaning()
		if !ok || m.Title == "" || m.Mend == "" || m.Explained == "" || m.MendEnglish == "" || seen[m.Title] {
			t.Errorf("%s: %+v", c, m)
		}
		seen[m.Title] = true
	}
	if _, ok := Cause("moonlight").Meaning(); ok || len(seen) != 14 {
		t.Errorf("%d causes", len(seen))
	}
}
