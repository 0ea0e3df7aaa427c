package workbook

// A Meaning explains a finding code to the department that has to act on it,
// in Chinese.
type Meaning struct {
	Title  string // what was found
	Advice string // what to do about it
}

// CrossChecks explains the findings that appear only when the datasets stand
// side by side. Landing, which sees one row at a time, explains its own.
func CrossChecks() map[string]Meaning {
	return map[string]Meaning{
		"DUPLICATE_ROW":               {"同一文件中重复报送同一条记录", "核对后只保留一条；内容不同的，确认哪一条有效"},
		"DUPLICATE_CODE":              {"重码：同一统一社会信用代码对应两个以上名称", "对照营业执照核实代码归属，更正错误的一行"},
		"DUPLICATE_ORGANISATION_CODE": {"重码：同一组织机构代码（第9至17位）出现在两个以上统一社会信用代码中", "核实两个主体的代码，错赋的按规定更正并通知企业换照"},
		"DUPLICATE_SUBJECT":           {"重码：名称、注册号相同的主体有两个以上统一社会信用代码", "核实哪一个代码有效；多赋的按规定注销，分支机构补填自己的注册号"},
		"CODE_DIVISION_UNKNOWN":       {"代码第3至8位不是任何地区的行政区划", "对照营业执照核实代码"},
		"KIND_MISMATCH":               {"企业类型与代码前两位不符", "核实企业类型；个体工商户代码以 92 开头，农民专业合作社以 93 开头"},
		"CODE_UNREGISTERED":           {"该代码不在登记注册数据中，记录无法归到企业", "核实代码；外地企业或已迁出的在备注中说明"},
		"NAME_MISMATCH":               {"名称与登记注册的现名、曾用名均不一致", "核实是名称有误还是代码有误，更正后重新报送"},
		"DATES_REVERSED":              {"有效期起晚于有效期止", "对照原证件核实两个日期"},
		"GRADE_SCORE_CONFLICT":        {"评价得分不在该等级的公布分数段内", "核实得分和等级；属直接判级等特殊情形的予以说明"},
		"PUBLIC_GRADE_CONFLICT":       {"公共信用综合评价为 D，行业信用评价不得为最高等级", "按国办发〔2026〕8号复核该等级并重新报送；复核前按下一级别使用"},
		"KEPT_FROM_EARLIER":           {"本期全量中该记录的行被拒收，暂按上期内容保留", "改正被拒收的行后重报全量；确已撤销的从全量中去除"},
		"WITHDRAWN_STILL_SENT":        {"处罚决定被撤销或异议成立后仍在报送", "从报送数据中去除该记录，或说明恢复的依据"},
		"LISTED_PAST_TERM":            {"严重失信主体名单期限届满后仍在报送", "将期满的列入信息从名单中移出，或报送延长期限的决定"},
		"CORRECTION_AWAITED":          {"决定已变更或异议成立应更正，尚未报送更正后的数据", "按变更或更正后的内容重新报送该记录；此前该记录不计入"},
		"MEASURE_UNLISTED":            {"反馈的惩戒措施不在该名单可用的措施清单内", "清单以外不得惩戒：核对措施编号；确属误用的依法纠正并说明"},
		"REPAIR_TOO_EARLY":            {"信用修复的申请早于最短公示期限", "核对申请日期和所涉记录；修复决定由认定部门负责，确需提前的说明依据"},
	}
}
