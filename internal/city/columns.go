package city

import "strings"

// columns reads a column list: one word a column. A leading * marks required
// columns; a suffix gives the role: #code #name #text #past #open, and =值 a
// category with a value outside its list.
func columns(list string) []column {
	var all []column
	for _, word := range strings.Fields(list) {
		var c column
		word, c.required = strings.TrimPrefix(word, "*"), strings.HasPrefix(word, "*")
		if before, wrong, ok := strings.Cut(word, "="); ok {
			c.role, c.wrong, word = category, wrong, before
		}
		if before, r, ok := strings.Cut(word, "#"); ok {
			word = before
			c.role = map[string]role{"code": code, "name": name, "text": text, "past": pastDate, "open": openDate}[r]
		}
		c.name = word
		all = append(all, c)
	}
	return all
}

const registrationColumns = `*统一社会信用代码#code 注册号 *企业名称#name *企业类型=民办企业 法定代表人#text 法定代表人证件号码
	注册资本 *成立日期#past *行业代码 *住所区划 住所#text 经营范围#text *登记状态=开业 核准日期#past`

const penaltyColumns = `*CF_XDR_MC#name *CF_XDR_LB=其他主体 CF_XDR_SHXYM#code CF_XDR_GSZC CF_XDR_ZZJG CF_XDR_SWDJ CF_XDR_SYDW CF_XDR_SHZZ
	CF_FRDB#text CF_FR_ZJLX CF_FR_ZJHM CF_XDR_ZJLX CF_XDR_ZJHM *CF_WSH *CF_WFXW#text *CF_SY#text *CF_YJ#text *CF_CFLB=罚金 *CF_NR#text
	CF_NR_FK CF_NR_WFFF CF_NR_ZKDX *CF_JDRQ#past *CF_YXQ#open *CF_GSJZQ#open *CF_CFJG#text *CF_CFJGDM *CF_SJLY#text *CF_SJLYDM BZ *SJC#past`

const permitColumns = `*XK_XDR_MC#name *XK_XDR_LB=其他主体 XK_XDR_SHXYM#code XK_XDR_GSZC XK_XDR_ZZJG XK_XDR_SWDJ XK_XDR_SYDW XK_XDR_SHZZ
	XK_FRDB#text XK_FR_ZJLX XK_FR_ZJHM XK_XDR_ZJLX XK_XDR_ZJHM *XK_XKWS#text *XK_WSH *XK_XKLB=确认 XK_XKZS XK_XKBH *XK_NR#text
	*XK_JDRQ#past *XK_YXQZ#open *XK_YXQZI#open *XK_XKJG#text *XK_XKJGDM *XK_ZT=9 *XK_LYDW#text *XK_LYDWDM BZ *SJC#past`

const inspectionColumns = `*检查编号 *统一社会信用代码#code *企业名称#name *检查领域=消防 *检查方式=突击检查 *检查日期#past *检查结果=Z
	发现问题#text *检查机关#text *检查机关代码`

const abnormalColumns = `*统一社会信用代码#code *企业名称#name *列入决定文书号 *列入日期#past *列入原因=其他原因 *作出决定机关#text 移出日期#past`

const taxGradeColumns = `*统一社会信用代码#code *纳税人名称#name *评价年度 *纳税信用级别=E 评价得分 *评价日期#past *主管税务机关#text`

const fraudColumns = `*uscc#code *taxpayer_name#name *document_no *violation_kind=漏税 amount_wan *decided_on#past published_on#past
	removed_on#past *authority#text`

const ecologyGradeColumns = `*社会信用代码#code *单位名称#name *评价年度 评价得分 *评价等级=橙 *评价日期#past`

const labourGradeColumns = `*统一社会信用代码#code *单位名称#name *评价年度 *诚信等级=D *评定日期#past`

const arrearsColumns = `*统一社会信用代码#code *单位名称#name *列入决定文书号 *列入日期#past 拖欠人数 拖欠金额 移出日期#past *决定机关#text`

const debtColumns = `*card_num#code *iname#name *party_type=企业 *case_code *court_name#text *publish_date#past *disruption#text
	*performance=未履行 removed_on#past`

const nationalColumns = `*统一社会信用代码#code *企业名称#name *评价等级=E 评价得分 *评价日期#past *评价周期#text 模型版本 *批次号`

const caseColumns = `*案件编号 *案件类型=3 *处理状态=9 *主体代码#code *主体名称#name *文书号 *申请日期#past 办结日期#past 处理结果=其他`

const commitmentColumns = `*承诺编码 *承诺主体名称#name *承诺主体代码#code *承诺类型=9 承诺事由 承诺内容 违诺责任 *作出日期#past 有效期至 *履行状态=未知
	未履行内容#text 责任追究内容 认定日期#past 认定单位#text 认定单位代码 受理单位 受理单位代码 公开类型 备注`

const honourColumns = `*统一社会信用代码#code *单位名称#name *荣誉名称#text *荣誉级别=乡级 *文书号 *认定日期#past 有效期至#open *认定单位#text`

const exemptionColumns = `*认定编号 *主体代码#code *主体名称#name *文书号 *认定日期#past *认定单位#text *证明文件#text`

const riskColumns = `*统一社会信用代码#code *企业名称#name *风险分类=E *分类日期#past`

const overrideColumns = `*调整编号 *主体代码#code *主体名称#name *监管类别 *调整理由#text *批准人#text *批准日期#past *失效日期#open`

const inspectorColumns = `*执法证号 *姓名 *部门 *所属单位 *所属单位代码 *执法区域 检查资格 *证件有效期起 *证件有效期止 *状态`

const interestColumns = `*执法证号 *统一社会信用代码 *企业名称 *关系 *申报日期 终止日期`

const visitColumns = `*检查编号 *统一社会信用代码 *企业名称 *检查日期 *执法证号`

const itemColumns = `*事项编号 *事项名称 *事项类别 抽查比例上限 *检查部门 *检查依据 所需资格`

const annualPlanColumns = `*计划编号 *计划名称 *年度 *制定单位 *制定单位代码 *公布日期`

const taskColumns = `*任务编号 *任务名称 *计划编号 *开始日期 *结束日期 *发起部门 *发起单位代码 *参与部门 *是否联合 *抽查事项
	区划范围 行业范围 监管类别范围 检查内容 检查要求 备注`

const resultColumns = `*抽取编号 *检查部门 *抽取方式 *统一社会信用代码#code *企业名称#name *监管类别 *行业门类 *区划代码 *检查结果 *检查日期#past
	发现问题#text 整改情况#text 文书编号 检查人员代码`
