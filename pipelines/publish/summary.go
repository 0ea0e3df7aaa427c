package publish

// Summary tells what one call of [Publisher.Publish] did.
type Summary struct {
	Receiver string `json:"receiver"`
	Run      string `json:"run"`
	AsOf     string `json:"as_of"`

	Published     int `json:"published"`      // records of the run
	Unchanged     int `json:"unchanged"`      // of these, held by the receiver as they are
	RefusedBefore int `json:"refused_before"` // of these, refused with this content before and not sent again
	Inserted      int `json:"inserted"`       // changes written to the outbox, by operation
	Updated       int `json:"updated"`
	Withdrawn     int `json:"withdrawn"`

	Batches struct {
		Resumed  int `json:"resumed"` // answered now, written by an earlier call
		Enqueued int `json:"enqueued"`
		Accepted int `json:"accepted"`
		Failed   int `json:"failed"`
	} `json:"batches"`
	Attempts int `json:"attempts"` // requests that carried a batch
	Accepted int `json:"accepted"` // records acknowledged
	Rejected int `json:"rejected"` // records refused one by one
	Failed   int `json:"failed"`   // records of batches refused as a whole

	Failures   []Failure   `json:"failures,omitempty"`   // each batch refused as a whole
	Rejections []Rejection `json:"rejections,omitempty"` // the first 100 records refused
}

const maxRejections = 100

// Failure is a batch that the receiver refused as a whole.
type Failure struct {
	Batch    string `json:"batch"` // cd_batch
	FirstKey string `json:"first_key"`
	LastKey  string `json:"last_key"`
	Rows     int    `json:"rows"`
	Code     string `json:"code"`    // the receiver's
	Message  string `json:"message"` // the receiver's
}

// Rejection is a record that the receiver refused, in the receiver's words.
type Rejection struct {
	Key     string `json:"cd_id"`
	Code    string `json:"code"`
	Message string `json:"message"`
}

func (s *Summary) reject(r Rejection) {
	s.Rejected++
	if len(s.Rejections) < maxRejections {
		s.Rejections = append(s.Rejections, r)
	}
}
