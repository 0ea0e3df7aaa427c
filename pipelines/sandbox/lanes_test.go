package sandbox_test

import (
	"testing"

	"rongxin/pipelines/publish"
	"rongxin/pipelines/sandbox"
	"rongxin/pipelines/signing"
	"rongxin/pipelines/transport/drop"
)

// What lies in a folder may have been written in good order by a sender that was
// replaced before the platform looked. It is turned away only behind a later
// sender's batch of its lane, and never when it has been taken before.
func TestAReplacedSendersFilesAreFencedByLane(t *testing.T) {
	p := dropPair(t, drop.Format{}, sandbox.Agreed{}, signing.Settings{})
	hand := func(n, lane int, epoch int64) {
		t.Helper()
		m := message(n, "supervision_results", content("supervision_results", n, nil))
		m.Lane, m.Epoch = lane, epoch
		if a := p.transport.Send(t.Context(), m); a.Outcome != publish.Handed {
			t.Fatalf("batch %d: %+v", n, a)
		}
		if _, err := p.step(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	hand(1, 1, 100)
	hand(2, 2, 200)
	hand(3, 1, 100) // in a lane that the later one has not sent anything in
	hand(1, 1, 100) // known
	hand(4, 2, 100)
	if saw := p.audit(); saw.Batches != 3 || saw.Fenced != 1 || saw.Repeats != 1 {
		t.Errorf("%+v, want 3 batches taken, one repeated and one turned away", saw)
	}
}
