package publish

// Summary tells what one call of [Publisher.Publish] did.
type Summary struct {
	Receiver string `json:"receiver"`
	Run      string `json:"run"`
	AsOf     string `json:"as_of"`

	// Of the records of the run, Published, each is one of Inserted, Updated, or
	// what follows it up to NotForIt.
	Published     int `json:"published"`
	Unchanged     int `json:"unchanged"`      // held by the receiver as they are
	RefusedBefore int `json:"refused_before"` // refused with this content before and not sent again; withdrawals too
	Waiting       int `json:"waiting"`        // something of the enterprise is in flight; withdrawals too
	HeldBack      int `json:"held_back"`      // cannot be sent as they are; the receiver keeps what it has
	NotForIt      int `json:"not_for_it"`     // of tables the receiver does not get

	Inserted  int `json:"inserted"` // changes written to the outbox, by operation
	Updated   int `json:"updated"`
	Withdrawn int `json:"withdrawn"`

	Batches struct {
		Resumed    int `json:"resumed"` // answered now, written by an earlier call
		Enqueued   int `json:"enqueued"`
		HandedOver int `json:"handed_over"` // their receipts come later
		Accepted   int `json:"accepted"`    // their receipts are here
		Settled    int `json:"settled"`     // their verdicts came, after receipts of an earlier time
		Failed     int `json:"failed"`      // refused as a whole; their records are in parts or are dead letters
		Split      int `json:"split"`       // of these, sent again in parts
	} `json:"batches"`
	Attempts       int `json:"attempts"` // handings-over
	Repeats        int `json:"repeats"`  // of these, of a batch that had been handed over before
	Accepted       int `json:"accepted"` // records acknowledged
	Rejected       int `json:"rejected"` // records refused, now dead letters
	Reverted       int `json:"reverted"` // of these, accepted before
	StrangeNotices int `json:"strange_notices"`

	Rejections []RejectedRecord `json:"rejections,omitempty"` // the first 100 records refused

	Reconciliation *Report `json:"reconciliation,omitempty"` // of totals; nil when nothing was sent or answered
	Unreconciled   string  `json:"unreconciled,omitempty"`   // why the receiver did not tell what it holds
}

const maxRejections = 100

// Rejection is a record that the receiver refused, in the receiver's words.
type Rejection struct {
	Key     string `json:"cd_id"`
	Code    string `json:"code"`
	Message string `json:"message"`
}

// RejectedRecord is a rejection with the table it is of.
type RejectedRecord struct {
	Table string `json:"table"`
	Rejection
}

func (s *Summary) reject(table string, rejected []Rejection) {
	s.Rejected += len(rejected)
	for _, r := range rejected {
		if len(s.Rejections) < maxRejections {
			s.Rejections = append(s.Rejections, RejectedRecord{table, Rejection{r.Key, Plain(r.Code), Plain(r.Message)}})
		}
	}
}
