package publish

import "strings"

// Cause says why a key is not the same everywhere.
type Cause string

// The causes of a break, in the order in which they are looked for: what this
// side has still to do, what is on its way, what the receiver said no to, and
// what only the receiver can explain.
const (
	NotYetSent     Cause = "not_yet_sent"           // the run has news that no batch carries
	InFlight       Cause = "in_flight"              // an open batch carries the news
	HandedOver     Cause = "handed_over"            // the same, it left our hands, and no receipt is here
	NotProcessed   Cause = "accepted_not_processed" // a receipt is here, the verdict is not
	NotYetShown    Cause = "not_yet_shown"          // what the receiver says of itself is older than the change
	ReceiptMissing Cause = "receipt_missing"        // the receiver has the news; the receipt of an open batch is not here
	Unrecorded     Cause = "unrecorded"             // the receiver has the news, and no batch here tells how
	RejectedLater  Cause = "rejected_later"         // given a receipt for, and refused when processed
	DeadLetter     Cause = "dead_letter"            // the receiver refused the news
	Skipped        Cause = "skipped"                // the same, and somebody decided to leave it so
	MissingThere   Cause = "missing_there"          // acknowledged, but the receiver does not have it
	ExtraThere     Cause = "extra_there"            // the receiver has what was never sent, or was withdrawn
	ContentDiffers Cause = "content_differs"        // acknowledged, but what the receiver has is something else
	DoubledThere   Cause = "doubled_there"          // the receiver has the key twice
)

// Causes lists all of them in their order.
func Causes() []Cause {
	causes := make([]Cause, len(meanings))
	for i, m := range meanings {
		causes[i] = m.Cause
	}
	return causes
}

// A Meaning says what a cause means and how the break is mended, to officials
// and to engineers. In a mend {to}, {key}, {batch} and {code} stand for those of
// the break.
type Meaning struct {
	Cause                  Cause
	Title, Mend            string // Chinese
	Explained, MendEnglish string // English
	Theirs                 bool   // the receiver has to do something, or to answer
	Adopt                  bool   // mended by believing what the receiver holds, and publishing again
	Pending                bool   // comes right by itself, unless it lasts
	Decided                bool   // somebody decided that it stays so; not counted as open
}

var meanings = []Meaning{
	{Cause: NotYetSent, Title: "尚未发送", Explained: "the run has news that no batch carries",
		Mend: "执行 rongxin publish --to {to}", MendEnglish: "rongxin publish --to {to}"},
	{Cause: InFlight, Title: "发送途中", Pending: true, Explained: "an open batch carries the news",
		Mend: "批次 {batch} 尚未送达，执行 rongxin publish --to {to} 续发", MendEnglish: "batch {batch} is open: rongxin publish --to {to} goes on with it"},
	{Cause: HandedOver, Title: "已交付、未收到回执", Pending: true, Theirs: true, Explained: "handed over, and no receipt is here",
		Mend: "执行 rongxin publish --to {to} 收取回执；超期仍无的，请接收方出具批次 {batch} 的回执", MendEnglish: "rongxin publish --to {to} collects receipts; if it is overdue, ask the receiver for that of batch {batch}"},
	{Cause: NotProcessed, Title: "已接收、未入库", Pending: true, Theirs: true, Explained: "a receipt is here, the verdict is not",
		Mend: "执行 rongxin publish --to {to} 收取处理结果；超期仍无的，请接收方处理批次 {batch}", MendEnglish: "rongxin publish --to {to} collects verdicts; if it is overdue, ask the receiver to process batch {batch}"},
	{Cause: NotYetShown, Title: "接收方清单早于本次变更", Pending: true, Explained: "what the receiver says of itself is older than the change",
		Mend: "待接收方给出新的清单后再对账", MendEnglish: "reconcile again once the receiver has told what it holds anew"},
	{Cause: ReceiptMissing, Title: "回执丢失", Explained: "the receiver has the news; the receipt of an open batch is not here",
		Mend: "执行 rongxin publish --to {to}，按原幂等键补取批次 {batch} 的回执", MendEnglish: "rongxin publish --to {to} asks for the receipt of batch {batch} under its key"},
	{Cause: Unrecorded, Title: "接收方已有、本方无发送记录", Adopt: true, Explained: "the receiver has the news, and no batch here tells how",
		Mend: "执行 rongxin reconcile --to {to} --adopt --reason 原因，以接收方所持为准登记", MendEnglish: "rongxin reconcile --to {to} --adopt --reason WHY"},
	{Cause: RejectedLater, Title: "先接收、后退回", Explained: "given a receipt for, and refused when processed",
		Mend: "按接收方代码 {code} 在来源处更正；确认可收的，执行 rongxin publish retry {key} --to {to} --reason 原因", MendEnglish: "mend what {code} says at its source, or rongxin publish retry {key} --to {to} --reason WHY"},
	{Cause: DeadLetter, Title: "接收方拒收", Explained: "the receiver refused the news",
		Mend: "按接收方代码 {code} 在来源处更正；确认可收的，执行 rongxin publish retry {key} --to {to} --reason 原因", MendEnglish: "mend what {code} says at its source, or rongxin publish retry {key} --to {to} --reason WHY"},
	{Cause: Skipped, Title: "已决定不再报送", Decided: true, Explained: "refused, and somebody decided to leave it so",
		Mend: "无需处理；要恢复报送的，执行 rongxin publish retry {key} --to {to} --reason 原因", MendEnglish: "nothing; to send it after all: rongxin publish retry {key} --to {to} --reason WHY"},
	{Cause: MissingThere, Title: "接收方丢失", Theirs: true, Adopt: true, Explained: "acknowledged, and the receiver does not have it",
		Mend: "请接收方查明；执行 rongxin reconcile --to {to} --adopt --reason 原因，再执行 rongxin publish --to {to} 补送", MendEnglish: "ask the receiver why; rongxin reconcile --to {to} --adopt --reason WHY, then rongxin publish --to {to} sends it again"},
	{Cause: ExtraThere, Title: "接收方多出", Theirs: true, Adopt: true, Explained: "the receiver has what was never sent or was withdrawn",
		Mend: "请接收方查明；执行 rongxin reconcile --to {to} --adopt --reason 原因，再执行 rongxin publish --to {to} 撤除", MendEnglish: "ask the receiver why; rongxin reconcile --to {to} --adopt --reason WHY, then rongxin publish --to {to} removes it"},
	{Cause: ContentDiffers, Title: "内容不一致", Theirs: true, Adopt: true, Explained: "acknowledged, and what the receiver has is something else",
		Mend: "请接收方查明；执行 rongxin reconcile --to {to} --adopt --reason 原因，再执行 rongxin publish --to {to} 更正", MendEnglish: "ask the receiver why; rongxin reconcile --to {to} --adopt --reason WHY, then rongxin publish --to {to} sends it anew"},
	{Cause: DoubledThere, Title: "接收方重复", Theirs: true, Explained: "the receiver has the key twice",
		Mend: "请接收方删去重复的一条，再对账", MendEnglish: "ask the receiver to remove one of the two, then reconcile again"},
}

// Meaning returns what the cause means; ok is false of one that is not known.
func (c Cause) Meaning() (m Meaning, ok bool) {
	for _, m := range meanings {
		if m.Cause == c {
			return m, true
		}
	}
	return Meaning{Cause: c}, false
}

// mended fills the places of a mend.
func (b Break) mended(text, to string) string {
	return strings.NewReplacer("{to}", to, "{key}", b.Table+"/"+b.Key, "{batch}", b.Batch, "{code}", b.Code).Replace(text)
}
