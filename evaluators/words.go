package evaluators

import "strings"

// A word is how a key of a rule file is called to its reader, and the unit of
// its value.
type word struct {
	label string
	unit  string
	says  map[string]string // values, or keys of data, that are words of the program; such values have no unit
	data  bool              // its keys are the rule's own, such as grades
	item  string            // what stands before such a key
	after string            // and after it
}

var yesNo = map[string]string{"true": "是", "false": "否"}

var trustWords = map[string]string{"official": "正式", "published": "公开发布", "proposal": "建议稿", "memory": "凭记忆，待核"}

// words are keyed by the end of a path, as much of it as is needed to tell.
var words = map[string]word{
	// every file
	"scorecard": {label: "评分卡"}, "scheme": {label: "行业评价"}, "rule": {label: "规则"}, "inspection_plan": {label: "抽查计划"},
	"title": {label: "名称"}, "version": {label: "版本"}, "effective_from": {label: "施行日期"}, "effective_to": {label: "失效日期"},
	"owner": {label: "责任单位"}, "basis": {label: "依据"}, "trust": {label: "可信程度", says: trustWords},
	"id": {label: "编号"}, "code": {label: "代码"}, "text": {label: "说明"}, "meaning": {label: "含义"}, "name": {label: "标识"},
	"class": {label: "记录类别"}, "list": {label: "名单"}, "dataset": {label: "数据集"}, "department": {label: "主管部门"},
	"grade": {label: "等级"}, "level": {label: "行业级别", unit: "级"}, "is": {label: "为"}, "kind": {label: "种类"}, "group": {label: "类组"},
	"effective": {label: "施行"}, "from": {label: "起"}, "status": {label: "状态", says: map[string]string{"active": "施行", "suspended": "停用", "withdrawn": "废止"}},

	// scorecards
	"advisory": {label: "仅供内部参考", says: yesNo}, "population": {label: "评分对象所在表"}, "base_points": {label: "基础分", unit: "分"},
	"lowest": {label: "得分下限", unit: "分"}, "highest": {label: "得分上限", unit: "分"},
	"better": {label: "优劣方向", says: map[string]string{"higher": "分数越高越好", "lower": "分数越低越好", "more": "越多越好", "less": "越少越好"}},
	"grades": {label: "等级", data: true, item: "等级 ", unit: "分"}, "grades.grade": {label: "等级"}, "grades.from": {label: "不低于", unit: "分"}, "grades.up_to": {label: "不高于", unit: "分"},
	"characteristics": {label: "指标"}, "vetoes": {label: "直接判级（或限级、限分）"}, "fact": {label: "取自表"}, "where": {label: "条件", data: true, after: " ="}, "of": {label: "其中", data: true, after: " ="},
	"day": {label: "日期字段"}, "within_months": {label: "回溯期", unit: "个月"}, "reason_code": {label: "原因代码"},
	"each": {label: "每条", unit: "分"}, "cap": {label: "累计上限", unit: "分"}, "present": {label: "有记录", unit: "分"}, "absent": {label: "无记录", unit: "分"},
	"decay": {label: "随时间减弱"}, "decay.within_months": {label: "不满", unit: "个月"}, "keep": {label: "保留"},
	"measure": {label: "计量"}, "bands": {label: "分档"}, "bands.from": {label: "达到", unit: byMeasure}, "points": {label: "得分", unit: "分"},
	"result":   {label: "采用结果", says: map[string]string{"national": "国家公共信用综合评价"}},
	"missing":  {label: "无记录时", unit: "分", says: map[string]string{"not_evaluated": "不予评价"}},
	"escalate": {label: "累进"}, "column": {label: "字段"}, "steps": {label: "档次"}, "steps.is": {label: "档"}, "every": {label: "每满几条升一档", unit: "条"},
	"at_least": {label: "至少", unit: "条"}, "vetoes.grade": {label: "直接判为"}, "ceiling": {label: "等级不高于"}, "vetoes.score": {label: "得分不优于", unit: "分"},

	// severity, publicity, states, lists, repairs, measures
	"severities": {label: "严重程度"}, "severities.severity": {label: "判为"}, "penalty_kind": {label: "处罚种类"},
	"fine_from": {label: "罚款不低于", unit: "元"}, "fine_up_to": {label: "罚款不高于", unit: "元"},
	"periods": {label: "公示期限"}, "fields": {label: "限于领域"}, "min_months": {label: "最短（起可申请修复）", unit: "个月"}, "max_months": {label: "最长", unit: "个月"},
	"transitions": {label: "新旧衔接"}, "applies": {label: "旧记录适用", says: map[string]string{"earlier": "旧规则", "later": "新规则"}},
	"states": {label: "情形"}, "state": {label: "情形"}, "counts": {label: "计入", says: yesNo}, "stop_within": {label: "停止报送时限", unit: "个工作日"},
	"exemptions": {label: "不予处罚"}, "lists": {label: "名单"}, "term_months": {label: "期限", unit: "个月"}, "stated_months": {label: "决定可延长至", unit: "个月"},
	"early_exit_months": {label: "可申请提前移出", unit: "个月后"}, "delete_within": {label: "期满删除时限", unit: "个工作日"},
	"accept_within": {label: "受理时限", unit: "个工作日"}, "answer_within": {label: "办结时限", unit: "个工作日"}, "city_within": {label: "市级审核目标", unit: "个工作日"},
	"conditions": {label: "修复条件"}, "decides": {label: "修复机关"}, "require": {label: "条件"}, "papers": {label: "材料"},
	"measures": {label: "措施（指标）"}, "for": {label: "适用于"}, "by": {label: "实施部门"}, "public_grade": {label: "公共信用等级"},
	"results": {label: "检查结果"}, "problem": {label: "属于问题", says: yesNo},

	// retention
	"runs": {label: "运行"}, "keep_months": {label: "保存", unit: "个月"}, "keep_days": {label: "保存", unit: "天"},
	"runs.of": {label: "对象", says: map[string]string{PublishedRun: "已公布的运行", UnpublishedRun: "未公布的运行", ChallengerRun: "规则试算"}},

	// schemes and overlay
	"imported": {label: "采用主管部门结果"}, "computed": {label: "由评分卡计算"}, "computed.scorecard": {label: "评分卡"}, "valid_months": {label: "有效期", unit: "个月"},
	"levels": {label: "换算为行业级别", data: true, item: "等级 ", unit: "级"}, "score_bands": {label: "公布的分数段"},
	"score_bands.from": {label: "不低于", unit: "分"}, "above": {label: "高于", unit: "分"}, "below": {label: "低于", unit: "分"}, "up_to": {label: "不高于", unit: "分"},
	"public": {label: "公共信用"}, "source": {label: "来源", says: map[string]string{"national": "国家公共信用综合评价"}}, "fallback": {label: "无国家结果时", says: map[string]string{"none": "不以城市评分代替"}},
	"matrix":    {label: "叠加矩阵（行业 1、2、3、4 级、无结果）", data: true, item: "公共信用 ", unit: "类", says: map[string]string{"not_evaluated": "未评价"}},
	"conflicts": {label: "冲突"}, "conflicts.public": {label: "公共信用"}, "use_level": {label: "按此级别计", unit: "级"},
	"overrides": {label: "调整（依次）"}, "when": {label: "情形", says: map[string]string{"severe_list": "在列严重失信主体名单", "record_category": "有此类记录",
		"registration_status": "登记状态", "objection_pending": "异议处理中", "manual": "经批准人工调整"}},
	"set_class": {label: "定为", unit: "类"}, "out": {label: "不列入名单", says: yesNo}, "mark": {label: "加标注", says: yesNo},
	"tiers": {label: "监管类别"}, "tiers.class": {label: "类别", unit: "类"}, "check_ratio": {label: "抽查比例"}, "max_checks": {label: "每年最多", unit: "次"}, "frequency": {label: "频次"},
	"publication_range": {label: "公开范围", says: map[string]string{"public": "社会公开", "government": "政府共享", "authorised": "授权查询"}},

	// quality
	"findings": {label: "问题"}, "finding": {label: "问题"}, "unanswerable": {label: "无需反馈的问题"}, "exceptions": {label: "不算重码的情形"}, "exception": {label: "情形"},
	"statuses": {label: "登记状态"}, "reviewed": {label: "逐条核实的代码"}, "until": {label: "止"}, "reason": {label: "理由"}, "approver": {label: "批准人"},
	"register": {label: "登记库"}, "live_statuses": {label: "计为存续的登记状态"}, "publication_items": {label: "双公示事项"}, "coverage_from": {label: "覆盖率起算日"},
	"numerator": {label: "分子"}, "denominator": {label: "分母"}, "goal": {label: "目标"},

	// limits of a change of rules
	"moves": {label: "类别变动限度"}, "direction": {label: "方向", says: map[string]string{"any": "不论", "stricter": "趋严", "milder": "趋宽"}},
	"moves.classes": {label: "变动至少", unit: "类"}, "moves.by": {label: "分组", says: map[string]string{"division": "区划", "industry": "行业门类", "size": "规模"}},
	"min_subjects": {label: "只看不少于", unit: "户"}, "stop_subjects": {label: "停止：多于", unit: "户"},
	"warn_above": {label: "预警：高于"}, "stop_above": {label: "停止：高于"}, "stability": {label: "稳定性限度"},
	"stability.of":         {label: "对象", says: map[string]string{"scorecard": "评分", "characteristic": "指标"}},
	"stability.warn_above": {label: "预警：高于", unit: "PSI"}, "stability.stop_above": {label: "停止：高于", unit: "PSI"},
	"inspections": {label: "检查次数限度"}, "sizes": {label: "规模"}, "size": {label: "规模"}, "sizes.bands": {label: "分档"},
	"entity_types": {label: "企业类型"}, "capital_below": {label: "注册资本不足", unit: "万元"}, "unknown": {label: "其余"},

	// inspection plans
	"schemes": {label: "适用的行业名单"}, "period": {label: "周期", says: map[string]string{"month": "每月", "quarter": "每季度", "year": "每年"}},
	"quotas": {label: "抽查比例"}, "classes": {label: "监管类别", unit: "类"}, "industries": {label: "行业（GB/T 4754）"}, "risk_classes": {label: "风险等级"},
	"ratio_min": {label: "比例下限"}, "ratio": {label: "比例"}, "max_checks_per_year": {label: "每年最多", unit: "次"}, "minimum": {label: "每层至少", unit: "户"},
	"control": {label: "对照组"}, "share": {label: "占比"}, "inspectors": {label: "检查人员"}, "per_object": {label: "每户", unit: "人"}, "spares": {label: "替补", unit: "人"},
	"conflict": {label: "回避情形"}, "months": {label: "期间", unit: "个月"}, "exclusions": {label: "不抽取的对象"}, "exclusion": {label: "情形"},
	"exclusions.results": {label: "最近检查结果代码"}, "joint": {label: "联合抽查"}, "initiators": {label: "发起部门顺序"},
	"max_visits_per_year": {label: "各类每年最多联合检查", data: true, item: "监管类别 ", unit: "次"}, "publish_within": {label: "公示时限"}, "working_days": {label: "时限", unit: "个工作日"},
}

// byMeasure stands for the unit of the measure that bands are of.
const byMeasure = "measure"

// unitOfMeasure is the unit of count, sum(column) and newest(column); a share
// has its sign.
func unitOfMeasure(measure string) string {
	switch {
	case measure == MeasureCount:
		return "条"
	case measure == MeasureShare:
		return ""
	case strings.HasSuffix(measure, "_amount)"):
		return "元"
	}
	return "（该字段的单位）"
}

// measureWords says what bands and grades look at.
func measureWords(measure string) string {
	m := measureForm.FindStringSubmatch(measure)
	if m == nil {
		return measure
	}
	switch m[1] + m[2] {
	case MeasureCount:
		return "记录条数"
	case MeasureShare:
		return "符合“其中”的记录占比"
	case MeasureSum:
		return m[3] + " 合计"
	}
	return "最新一条的 " + m[3]
}
