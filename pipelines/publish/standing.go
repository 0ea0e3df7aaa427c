package publish

import (
	"time"

	"rongxin/warehouse/ops"
)

// standing is where one key stands in all the places that are compared. A digest
// is empty where the key is missing.
type standing struct {
	published string
	heldBack  bool         // it cannot be sent as it is: published is what was acknowledged
	known     ops.Delivery // acknowledged, its verdict, refused since
	open      *openChange  // the change on its way, or nil
	received  string
	doubled   bool      // the receiver has the key twice
	shownAt   time.Time // when the receiver told what it holds; zero for now
	late      bool      // its verdict is overdue
}

// openChange is a change of a record in a batch without an answer.
type openChange struct {
	key    string
	digest string // empty for a removal
	batch  ops.Batch
}

// cause names why the places differ; nothing when they agree.
func (s standing) cause() Cause {
	acknowledged := s.known.Digest
	agree := s.published == acknowledged && acknowledged == s.received
	switch {
	case s.doubled:
		return DoubledThere
	case s.open != nil:
		return s.underWay()
	case s.known.Open && s.received != acknowledged && s.received == s.known.Prior, agree && s.known.Open && s.late:
		return NotProcessed
	case agree:
		return ""
	case s.received == acknowledged:
		return s.unsent()
	case !s.shownAt.IsZero() && s.shownAt.Before(s.known.At):
		return NotYetShown
	case s.published == s.received:
		return Unrecorded
	}
	return lost(acknowledged, s.received)
}

// underWay names the cause where an open batch carries news: they are with the
// receiver already, or not yet. What else may be wrong is told once it has
// answered.
func (s standing) underWay() Cause {
	switch {
	case s.open.batch.Status == ops.HandedOver:
		return HandedOver
	case s.received == s.open.digest && s.open.batch.Attempts > 0:
		return ReceiptMissing
	}
	return InFlight
}

// unsent names the cause where the receiver has what it acknowledged and the run
// says otherwise: it was refused, or nobody has sent it.
func (s standing) unsent() Cause {
	r := s.known.Refused
	switch {
	case r == nil || r.Digest != s.published || r.Status == ops.LetterRetry:
		return NotYetSent
	case r.Status == ops.LetterSkipped:
		return Skipped
	case r.Level == ops.RefusedLater:
		return RejectedLater
	}
	return DeadLetter
}

// lost names what the receiver did to what it had acknowledged.
func lost(acknowledged, received string) Cause {
	switch {
	case received == "":
		return MissingThere
	case acknowledged == "":
		return ExtraThere
	}
	return ContentDiffers
}
