package ingest

// A RefusalCode says why a whole file was refused. Codes are stable: receipts
// carry them, and departments are answered by them.
type RefusalCode string

const (
	NotAFile        RefusalCode = "NOT_A_FILE"
	FolderUnknown   RefusalCode = "FOLDER_UNKNOWN"
	DatasetUnknown  RefusalCode = "DATASET_UNKNOWN"
	ContractInvalid RefusalCode = "CONTRACT_NOT_VALID"

	EmptyFile        RefusalCode = "EMPTY_FILE"
	FormatMismatch   RefusalCode = "FORMAT_MISMATCH"
	EncodingUnknown  RefusalCode = "ENCODING_UNKNOWN"
	EncodingMismatch RefusalCode = "ENCODING_MISMATCH"
	NotText          RefusalCode = "NOT_TEXT"

	HeaderMismatch    RefusalCode = "HEADER_MISMATCH"
	HeaderMissing     RefusalCode = "HEADER_MISSING"
	HeaderUnreadable  RefusalCode = "HEADER_UNREADABLE"
	DelimiterUnknown  RefusalCode = "DELIMITER_UNKNOWN"
	DelimiterMismatch RefusalCode = "DELIMITER_MISMATCH"

	ArchiveDamaged   RefusalCode = "ARCHIVE_DAMAGED"
	ArchiveProtected RefusalCode = "ARCHIVE_PROTECTED"
	ArchiveMethod    RefusalCode = "ARCHIVE_METHOD"
	ArchiveTooLarge  RefusalCode = "ARCHIVE_TOO_LARGE"
	ArchiveEmpty     RefusalCode = "ARCHIVE_EMPTY"
	ArchiveNested    RefusalCode = "ARCHIVE_NESTED"
	MemberMissing    RefusalCode = "MEMBER_MISSING"
	MemberAmbiguous  RefusalCode = "MEMBER_AMBIGUOUS"

	NotXLSX           RefusalCode = "NOT_XLSX"
	WorkbookDamaged   RefusalCode = "WORKBOOK_DAMAGED"
	WorkbookProtected RefusalCode = "WORKBOOK_PROTECTED"
	WorkbookTooLarge  RefusalCode = "WORKBOOK_TOO_LARGE"
	SheetMissing      RefusalCode = "SHEET_MISSING"
	SheetAmbiguous    RefusalCode = "SHEET_AMBIGUOUS"

	JSONMalformed RefusalCode = "JSON_MALFORMED"
	XMLMalformed  RefusalCode = "XML_MALFORMED"
	XMLDoctype    RefusalCode = "XML_DOCTYPE"

	LimitMemory  RefusalCode = "LIMIT_MEMORY"
	LimitTime    RefusalCode = "LIMIT_TIME"
	LimitOutput  RefusalCode = "LIMIT_OUTPUT"
	ReaderFailed RefusalCode = "READER_FAILED"

	TooFewRows     RefusalCode = "TOO_FEW_ROWS"
	TooManyRejects RefusalCode = "TOO_MANY_REJECTS"
	RowsBelowUsual RefusalCode = "ROWS_BELOW_USUAL"

	SourceKeyMissing       RefusalCode = "SOURCE_KEY_MISSING"
	SourceKeyRepeated      RefusalCode = "SOURCE_KEY_REPEATED"
	SourceKeyUnreadable    RefusalCode = "SOURCE_KEY_UNREADABLE"
	SourceCursorUnreadable RefusalCode = "SOURCE_CURSOR_UNREADABLE"
	SourceRenumbered       RefusalCode = "SOURCE_RENUMBERED"
)

// A RefusalReason explains one code to the people who read it.
type RefusalReason struct {
	Code     RefusalCode
	Chinese  string // what it means
	English  string
	WhatToDo string // for the department, in Chinese
	Mend     string // the same in English
}

// Refusals lists every code that a file is refused with.
func Refusals() []RefusalReason {
	const (
		export   = "重新导出文件；仍然如此的，请联系信用中心"
		expected = "核对是否报送完整、是否错列，改正后重报；确属实情的，请信用中心注明理由后接收"
		smaller  = "拆成几个较小的文件，或改用 CSV 报送"
		archive  = "重新压缩为 ZIP 或 GZIP，或不压缩直接报送"

		mendExport   = "export the file again"
		mendExpected = "mend the extract, or land it with a reason that is recorded"
		mendSmaller  = "send it in several smaller files, or as CSV"
		mendArchive  = "pack the file again as ZIP or GZIP, or send it unpacked"
		mendHeader   = "name the columns as the contract does, or agree a new version of the contract"
		mendText     = "send it as UTF-8 or GB18030 text, or name its encoding in the contract"
		mendSheet    = "send the sheet named in the contract in an .xlsx workbook"
		mendFolder   = "put a file into the folder <department>/<dataset>/ of the inbox"
	)
	return []RefusalReason{
		{NotAFile, "不是文件，而是链接或其他", "it is a link or another thing that is no file", "把文件本身放入 <部门>/<数据集>/ 文件夹", mendFolder},
		{FolderUnknown, "没有放在某个部门某个数据集的文件夹里", "it lies in no folder of a department and dataset", "把文件放入 <部门>/<数据集>/ 文件夹", mendFolder},
		{DatasetUnknown, "目录中没有这个数据集", "the dataset is not in the catalogue", "改放到目录中已有数据集的文件夹；新增数据集先与信用中心订立契约", mendFolder},
		{ContractInvalid, "接收日没有有效的契约版本", "no version of the contract is valid on the day of receipt", "核实接收日期，或与信用中心订立当日有效的契约版本", "check the day of receipt, or agree a version that is valid"},

		{EmptyFile, "文件是空的，连表头也没有", "the file is empty, without even a header", "没有数据时也要报送表头", "send the header also when there is nothing to report"},
		{FormatMismatch, "文件格式与契约不符", "the file is of another format than the contract says", "按契约约定的格式报送；格式确有变动的先修订契约", "send it as the contract says, or agree a new version of the contract"},
		{EncodingUnknown, "无法识别文字编码", "the encoding cannot be told", "另存为 UTF-8 或 GB18030 文本后重报", mendText},
		{EncodingMismatch, "文字编码与契约或文件自称的不符", "the encoding is another than the contract or the file says", "另存为契约约定的编码后重报", mendText},
		{NotText, "文件不是文本", "the file is no text", "从源系统重新导出为契约约定的文本格式", mendText},

		{HeaderMismatch, "表头与契约不符", "the columns are not those of the contract", "按契约的列名改正表头；列确有变动的先修订契约", mendHeader},
		{HeaderMissing, "找不到表头", "there is no header where the contract has it", "按契约约定的位置和列名填写表头", mendHeader},
		{HeaderUnreadable, "表头无法读取", "the header cannot be read", "检查表头的引号和编码，或重新导出文件", mendExport},
		{DelimiterUnknown, "无法确定列与列之间的分隔符", "more than one sign may part the columns", "请信用中心在契约中写明分隔符", "name the one that is meant as source.delimiter"},
		{DelimiterMismatch, "列与列之间的分隔符与契约不符", "another sign parts the columns than the contract says", "按契约约定的分隔符重新导出，或先修订契约", "export it as the contract says, or change source.delimiter"},

		{ArchiveDamaged, "压缩包已损坏", "the archive is damaged", archive, mendArchive},
		{ArchiveProtected, "压缩包设有密码", "the archive has a password", "取消密码后重新压缩", "pack it without a password"},
		{ArchiveMethod, "压缩方法不受支持", "the archive is packed by a method that is not read", "用通常的方法（deflate）重新压缩为 ZIP", "pack it by the usual method, deflate"},
		{ArchiveTooLarge, "压缩包解开后过大，或其中文件过多", "the archive unpacks to too much", "不压缩直接报送，或拆成几个较小的文件", "send it unpacked, or in several smaller files"},
		{ArchiveEmpty, "压缩包里没有文件", "the archive holds no file", archive, mendArchive},
		{ArchiveNested, "压缩包里又是压缩包或别种文件", "in the archive lies another, or a file of another kind", "只压缩数据文件本身，且只压缩一次", "pack the file itself, once"},
		{MemberMissing, "压缩包里没有契约指定的文件", "the archive lacks the file that the contract names", "把契约指定的文件压缩后报送", "pack the file that the contract names"},
		{MemberAmbiguous, "压缩包里有不止一个可报送的文件", "the archive holds several files that may be meant", "一个压缩包只放一个文件，或在契约中指定文件名", "pack one file, or name it as source.member"},

		{NotXLSX, "文件不是 .xlsx 工作簿", "it is no .xlsx workbook", "用表格软件打开，另存为不含宏的 .xlsx 后重报", mendSheet},
		{WorkbookDamaged, "工作簿已损坏", "the workbook is damaged", "用表格软件打开修复并另存为 .xlsx，或重新导出", mendSheet},
		{WorkbookProtected, "工作簿设有密码", "the workbook has a password", "取消密码，另存为 .xlsx 后重报", mendSheet},
		{WorkbookTooLarge, "工作簿超出大小上限", "the workbook is too large", smaller, mendSmaller},
		{SheetMissing, "没有契约指定的工作表", "the workbook lacks the sheet that the contract names", "按契约的名称命名工作表", mendSheet},
		{SheetAmbiguous, "不止一个工作表符合契约指定的名称", "several sheets may be meant", "只保留一个符合名称的工作表", mendSheet},

		{JSONMalformed, "JSON 格式不正确", "the JSON is malformed", export, mendExport},
		{XMLMalformed, "XML 格式不正确", "the XML is malformed", export, mendExport},
		{XMLDoctype, "XML 含有 DOCTYPE 声明", "the XML has a DOCTYPE, which may draw in other files", "导出时不要带 DOCTYPE", "export it without one"},

		{LimitMemory, "解析超出内存上限", "reading it takes too much memory", smaller, mendSmaller},
		{LimitTime, "解析超出时间上限", "reading it takes too long for its size", smaller, mendSmaller},
		{LimitOutput, "解析结果超出大小上限", "what it holds is too large for its size", smaller, mendSmaller},
		{ReaderFailed, "解析程序异常退出", "the program that reads it broke down on it", "改用 CSV 报送，并将此文件告知信用中心", mendSmaller},

		{TooFewRows, "行数少于契约的下限", "fewer rows than the contract expects", expected, mendExpected},
		{TooManyRejects, "拒收的行超过契约允许的比例", "more rows rejected than the contract allows", expected, mendExpected},
		{RowsBelowUsual, "行数远少于以往", "far fewer rows than usual", expected, mendExpected},

		{SourceKeyMissing, "库表中有行缺少排序所用的列值", "rows of the table lack a value of their key", "补填该列，并设为不得为空", "fill it in and let the column be not null"},
		{SourceKeyRepeated, "库表中有行的键值重复", "rows of the table have the same key", "请信用中心在契约 source.tie 中写明区分各行的列", "name in source.tie what tells them apart"},
		{SourceKeyUnreadable, "库表中有键值无法按文字读取", "a key of the table cannot be read as text", "改正该行", "correct the row"},
		{SourceCursorUnreadable, "库表的游标列有无法使用的值", "the cursor of the table has a value that is of no use", "改正这些行，或在契约中改用其他游标列", "correct these rows, or name another cursor"},
		{SourceRenumbered, "库表的编号回退，可能已重新编号", "the table seems to be numbered anew", "确已重新编号的，由信用中心用 --from 指定重新读取的起点", "if the table was numbered anew, say with --from where to begin"},
	}
}

// explain finds the explanation of a code.
func (code RefusalCode) explain() RefusalReason {
	for _, known := range Refusals() {
		if known.Code == code {
			return known
		}
	}
	return RefusalReason{Code: code}
}

// isOfHeader reports whether the columns of another version of the contract may
// be in the file.
func (code RefusalCode) isOfHeader() bool {
	return code == HeaderMismatch || code == HeaderMissing || code == HeaderUnreadable
}
