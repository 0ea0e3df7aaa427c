package ingest

// Reason codes of rejected rows. They are stable: feedback to departments,
// quality figures and corrections count by them.
const (
	RaggedRow         = "RAGGED_ROW"
	Undecodable       = "UNDECODABLE"
	UnterminatedQuote = "UNTERMINATED_QUOTE"
	NULByte           = "NUL_BYTE"
	RecordMalformed   = "RECORD_MALFORMED"
	UnknownColumn     = "UNKNOWN_COLUMN"
	RequiredMissing   = "REQUIRED_MISSING"
	CodeInvalid       = "CODE_INVALID"
	DateImpossible    = "DATE_IMPOSSIBLE"
	DateInFuture      = "DATE_IN_FUTURE"
	NumberMalformed   = "NUMBER_MALFORMED"
	OutOfRange        = "OUT_OF_RANGE"
	UnknownCategory   = "UNKNOWN_CATEGORY"
	UnknownDivision   = "UNKNOWN_DIVISION"
	UnknownIndustry   = "UNKNOWN_INDUSTRY"
	TooLong           = "TOO_LONG"
	RowAltered        = "ROW_ALTERED"
	NotAnswered       = "NOT_ANSWERED"
	ScientificCode    = "SCIENTIFIC_CODE"
	CellError         = "CELL_ERROR"
)

// Flags of accepted rows, in the order in which they stand in a record.
const (
	AmountSuspectUnit     = "AMOUNT_SUSPECT_UNIT"
	ClockUnknown          = "CLOCK_UNKNOWN"
	CodeCleaned           = "CODE_CLEANED"
	CodeCorrected         = "CODE_CORRECTED"
	CodeSuspect           = "CODE_SUSPECT"
	Late                  = "LATE"
	PersonIDInvalid       = "PERSON_ID_INVALID"
	PersonIDMisplaced     = "PERSON_ID_MISPLACED"
	RegistrationNoInvalid = "REGISTRATION_NO_INVALID"
)

// A Reason explains one code to the people who read it.
type Reason struct {
	Code     string
	Rejects  bool   // true: the row was not accepted; false: accepted and flagged
	Chinese  string // what it means
	English  string
	WhatToDo string // for the department, in Chinese
}

// Reasons lists every code that landing writes, rejects before flags.
func Reasons() []Reason {
	return []Reason{
		{RaggedRow, true, "该行列数与表头不符", "the row has more or fewer columns than the header", "检查该行是否少了列，或内容里的分隔符没有用双引号括起来"},
		{Undecodable, true, "该行含有无法按文件编码解读的字节", "the row holds bytes that are not text in the file's encoding", "重新导出该行；同一文件只用一种编码"},
		{UnterminatedQuote, true, "双引号没有成对", "a quote opens and does not close", "补上缺失的双引号；内容中的双引号写成两个"},
		{NULByte, true, "该行含有空字节（NUL）", "the row holds a NUL byte", "从源系统重新导出，文件可能已损坏"},
		{RecordMalformed, true, "该行的格式无法读取", "the record cannot be read in its format", "检查引号、括号、标签和转义；字段不得重复或嵌套"},
		{UnknownColumn, true, "出现了契约中没有的字段", "the record has a field that the contract does not know", "去掉该字段，或先与信用中心修订数据契约"},
		{RequiredMissing, true, "必填字段为空", "a required value is missing", "补填该字段"},
		{CodeInvalid, true, "统一社会信用代码无效", "the unified social credit code is invalid", "对照营业执照核实代码；可参考给出的建议值"},
		{DateImpossible, true, "日期格式不对或不存在该日", "the date is malformed or no such day exists", "按 2026-01-31 的形式填写真实日期"},
		{DateInFuture, true, "日期晚于接收日", "the date is after the day of receipt", "核实日期；尚未发生的事项不报送"},
		{NumberMalformed, true, "数字格式不对或小数位过多", "the number is malformed or has too many decimals", "只填数字和小数点，不加逗号、单位；金额精确到分"},
		{OutOfRange, true, "数值超出允许范围", "the number is outside the allowed range", "核实数值和单位"},
		{UnknownCategory, true, "不在规定的取值之内", "the value is not in the list of codes", "改用契约列出的取值；确需新增的先修订契约"},
		{UnknownDivision, true, "行政区划代码不存在", "no such division in GB/T 2260", "按 GB/T 2260 填写六位代码"},
		{UnknownIndustry, true, "行业代码不存在", "no such code in GB/T 4754", "按契约规定版本的 GB/T 4754 填写"},
		{TooLong, true, "内容超过长度上限", "the text is longer than allowed", "缩短内容，或检查是否错列"},
		{RowAltered, true, "不得改动的列被改动", "a column that must stay as it was given out was altered", "从发出的工作簿重新复制该行，只填写要求填写的列"},
		{NotAnswered, true, "该行尚未填写", "the row was given out to be filled in and is not", "完成后填写该行再次报送；已接收的行不受影响"},
		{ScientificCode, true, "代码被表格软件改成了科学计数法", "a code was turned into scientific notation by a spreadsheet", "把该列设为文本格式，从源系统重新导出"},
		{CellError, true, "单元格是错误值", "the cell holds an error such as #N/A, or a formula without a result", "改正公式，或改为填写数值"},

		{AmountSuspectUnit, false, "金额过大，单位可能有误", "the amount is so large that its unit may be wrong", "核实是否把元当成了万元"},
		{ClockUnknown, false, "无法计算时限", "the deadline cannot be computed: a day or the year's calendar is missing", "补填日期；信用中心补录当年节假日安排"},
		{CodeCleaned, false, "代码经过规范化（全角、小写、连字符等）", "the code was normalised (full-width, lower case, hyphens)", "按规范形式报送"},
		{CodeCorrected, false, "代码经批准的更正后接收", "the code was refused when it was sent; an approved correction let the row in", "今后按正确代码报送"},
		{CodeSuspect, false, "代码有一项校验不符，先行接收", "the code fails one of its two checks and was kept", "对照营业执照核实；确系赋码如此的报信用中心登记例外"},
		{Late, false, "超过报送时限", "the record came after its deadline", "按时限报送"},
		{PersonIDInvalid, false, "身份证件号码校验不符", "the person id does not pass its check", "核实证件号码"},
		{PersonIDMisplaced, false, "非证件号码字段中出现身份证件号码，已遮盖", "a person's id number stands in a field that is not for one; it was masked", "证件号码只填入证件号码字段；核实各列是否错位"},
		{RegistrationNoInvalid, false, "工商注册号校验不符", "the registration number does not pass its check", "核实注册号"},
	}
}

// flagCodes are the flags by bit; their order is alphabetical, so that a set
// written from bit 0 up is sorted.
var flagCodes = [...]string{
	AmountSuspectUnit, ClockUnknown, CodeCleaned, CodeCorrected, CodeSuspect, Late, PersonIDInvalid, PersonIDMisplaced, RegistrationNoInvalid,
}

// A flagSet is a set of flags, one bit each.
type flagSet uint16

const (
	flagAmount flagSet = 1 << iota
	flagClock
	flagCleaned
	flagCorrected
	flagSuspect
	flagLate
	flagPersonID
	flagMisplaced
	flagRegistration
)

func (s flagSet) String() string {
	text := ""
	for i, code := range flagCodes {
		if s&(1<<i) == 0 {
			continue
		}
		if text != "" {
			text += ";"
		}
		text += code
	}
	return text
}
