package exchange

import "database/sql"

// kind is what a column can hold.
type kind int

const (
	unfit   kind = iota // nothing that is written here
	text                // as many characters as its length
	whole               // a whole number
	instant             // a time of a day
	day
)

// field is a column as it is to be.
type field struct {
	name, title string
	kind        kind
	length      int  // of a text, in characters; 0 is without bound
	null        bool // may be NULL
	key         bool // belongs to the primary key
	serial      bool // the database counts it up
	moment      bool // the database fills in its time
}

// The tables beside those of records; the package comment says what they are for.
var (
	batchFields = []field{
		{name: "cd_no", title: "写入序号", kind: whole, serial: true},
		{name: "cd_key", title: "幂等键", kind: text, length: 64, key: true},
		{name: "cd_source", title: "来源编码", kind: text, length: 20},
		{name: "cd_batch", title: "批次号", kind: text, length: 13},
		{name: "cd_table", title: "数据表", kind: text, length: 63},
		{name: "cd_lane", title: "通道", kind: whole},
		{name: "cd_epoch", title: "发送方令牌", kind: whole},
		{name: "cd_rows", title: "行数", kind: whole},
		{name: "cd_digest", title: "各行摘要之和", kind: text, length: 64},
		{name: "run_id", title: "评价批次", kind: text, length: 64},
		{name: "as_of", title: "数据日期", kind: day},
		{name: "target_count", title: "本轮完成后应有记录数", kind: whole},
		{name: "target_digest", title: "本轮完成后状态摘要", kind: text, length: 64},
		{name: "handed_at", title: "写入时间", kind: instant, moment: true},
	}
	fenceFields = []field{
		{name: "cd_source", title: "来源编码", kind: text, length: 20, key: true},
		{name: "cd_epoch", title: "已见的最大令牌", kind: whole},
	}
	feedbackFields = []field{
		{name: "fb_no", title: "反馈序号", kind: whole, serial: true, key: true},
		{name: "cd_source", title: "来源编码", kind: text, length: 20},
		{name: "cd_batch", title: "批次号", kind: text, length: 13},
		{name: "cd_id", title: "记录主键，空为整批", kind: text, length: 200, null: true},
		{name: "verdict", title: "结论：accepted 已接收、processed 已处理、refused 拒收", kind: text, length: 16},
		{name: "code", title: "拒收代码", kind: text, length: 64, null: true},
		{name: "message", title: "拒收原因", kind: text, length: 1000, null: true},
		{name: "fb_time", title: "反馈时间", kind: instant, moment: true},
	}
	stateFields = []field{
		{name: "cd_source", title: "来源编码", kind: text, length: 20, key: true},
		{name: "cd_table", title: "数据表", kind: text, length: 63, key: true},
		{name: "cd_id", title: "记录主键", kind: text, length: 200, key: true},
		{name: "cd_digest", title: "内容摘要", kind: text, length: 64},
	}
)

// fields of a table of records.
func (t table) fields() []field {
	all := make([]field, 0, len(t.columns))
	for _, f := range exchangeColumns {
		f.key = f.name == "cd_source" || f.name == "cd_batch" || f.name == "cd_id"
		all = append(all, f)
	}
	for _, c := range t.Columns {
		f := field{name: c.Name, title: c.Title, kind: text, length: c.Length, null: true} // a removal has no content
		if c.Integer {
			f.kind, f.length = whole, 0
		}
		all = append(all, f)
	}
	return all
}

// found is a column as the database describes it.
type found struct {
	name, sqlType string
	kind          kind
	length        int // 0 is without bound
	null, filled  bool
}

func scanColumns(rows *sql.Rows, err error, kinds map[string]kind) ([]found, error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var columns []found
	for rows.Next() {
		var c found
		if err := rows.Scan(&c.name, &c.sqlType, &c.length, &c.null, &c.filled); err != nil {
			return nil, err
		}
		c.kind = kinds[c.sqlType]
		columns = append(columns, c)
	}
	return columns, rows.Err()
}
