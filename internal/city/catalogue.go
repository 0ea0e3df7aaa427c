package city

import (
	"fmt"
	"slices"

	"rongxin/internal/credit"
)

// extracts are the datasets of the city less samr/public_register,
// which is an excerpt of the real public register and not made up.
type extracts struct {
	registrations, penalties, permits, inspections, abnormal, riskClasses *extract // samr
	taxGrades, fraud                                                      *extract
	ecologyGrades, ecologyPenalties                                       *extract
	labourGrades, arrears                                                 *extract
	debt, national                                                        *extract
	cases, commitments, honours, exemptions, overrides                    *extract
	inspectors, interests, visits, items, annualPlans, tasks              *extract // libraries of the draw
	results                                                               *extract // of past draws
	supervised, actions                                                   *extract // 互联网+监管
	sectors                                                               sectors
}

func newExtracts(w *world) *extracts {
	snapshot := func(name string) []*edition { return []*edition{{name: name, sent: w.asOf}} }
	delta := func(name string) []*edition {
		return []*edition{{name: name, sent: w.cutoff}, {name: name, sent: w.asOf}}
	}
	yearly := func(name string, all []round) (editions []*edition) {
		for _, r := range all {
			editions = append(editions, &edition{name: fmt.Sprintf("%s_%d年度", name, r.year), sent: r.sent})
		}
		return editions
	}
	x := &extracts{
		registrations: &extract{dataset: "samr/registrations", columns: columns(registrationColumns), editions: snapshot("企业登记")},
		penalties:     &extract{dataset: "samr/penalties", columns: columns(penaltyColumns), slashes: true, editions: delta("行政处罚")},
		permits:       &extract{dataset: "samr/permits", format: bomCSV, columns: columns(permitColumns), slashes: true, editions: delta("行政许可")},
		inspections:   &extract{dataset: "samr/inspections", format: bomCSV, columns: columns(inspectionColumns), editions: w.months("监督检查结果")},
		abnormal: &extract{dataset: "samr/abnormal_operations", format: xlsxSheet, sheet: "经营异常名录", banner: "福州市企业经营异常名录",
			numbered: true, columns: columns(abnormalColumns), editions: snapshot("经营异常名录")},
		riskClasses: &extract{dataset: "samr/risk_classes", columns: columns(riskColumns), editions: snapshot("企业信用风险分类")},
		taxGrades: &extract{dataset: "tax/grades", format: xlsxSheet, sheet: "纳税信用级别", columns: columns(taxGradeColumns),
			editions: yearly("纳税信用级别", w.rounds.tax)},
		fraud:            &extract{dataset: "tax/major_violations", format: ndjson, columns: columns(fraudColumns), editions: snapshot("重大税收违法失信主体")},
		ecologyGrades:    &extract{dataset: "ecology/grades", columns: columns(ecologyGradeColumns), editions: yearly("环境信用评价", w.rounds.ecology)},
		ecologyPenalties: &extract{dataset: "ecology/penalties", columns: columns(penaltyColumns), slashes: true, editions: delta("生态环境行政处罚")},
		labourGrades:     &extract{dataset: "labour/grades", format: bomCSV, columns: columns(labourGradeColumns), editions: yearly("劳动保障守法诚信等级", w.rounds.labour)},
		arrears:          &extract{dataset: "labour/wage_arrears", columns: columns(arrearsColumns), editions: snapshot("拖欠农民工工资失信名单")},
		debt:             &extract{dataset: "court/judgment_debtors", format: ndjson, columns: columns(debtColumns), editions: snapshot("失信被执行人_法人和其他组织")},
		national:         &extract{dataset: "ndrc/public_results", format: utf8CSV, columns: columns(nationalColumns)},
		cases:            &extract{dataset: "credit/cases", format: utf8CSV, columns: columns(caseColumns), editions: delta("信用修复与异议")},
		commitments:      &extract{dataset: "credit/commitments", columns: columns(commitmentColumns), editions: delta("信用承诺")},
		honours:          &extract{dataset: "credit/honours", format: bomCSV, columns: columns(honourColumns), editions: snapshot("诚实守信荣誉")},
		exemptions:       &extract{dataset: "credit/force_majeure", format: utf8CSV, columns: columns(exemptionColumns), editions: snapshot("不可抗力认定")},
		overrides:        &extract{dataset: "credit/manual_overrides", format: bomCSV, columns: columns(overrideColumns), editions: snapshot("监管类别人工调整")},
		results:          &extract{dataset: "inspection/results", format: utf8CSV, columns: columns(resultColumns), editions: delta("随机抽查结果")},
		supervised:       &extract{dataset: "supervision/items", format: utf8CSV, columns: columns(supervisedColumns), editions: snapshot("检查实施清单")},
		actions:          &extract{dataset: "supervision/penalty_actions", format: utf8CSV, columns: columns(actionColumns), editions: delta("处罚行为")},
		inspectors:       &extract{dataset: "inspection/inspectors", columns: columns(inspectorColumns), editions: snapshot("执法检查人员名录库")},
		interests:        &extract{dataset: "inspection/interests", columns: columns(interestColumns), editions: snapshot("执法检查人员利害关系申报")},
		visits:           &extract{dataset: "inspection/visits", format: bomCSV, columns: columns(visitColumns), editions: delta("执法检查出勤")},
		items:            &extract{dataset: "inspection/items", format: bomCSV, columns: columns(itemColumns), editions: snapshot("随机抽查事项清单")},
		annualPlans:      &extract{dataset: "inspection/annual_plans", format: bomCSV, columns: columns(annualPlanColumns), editions: snapshot("年度双随机抽查工作计划")},
		tasks:            &extract{dataset: "inspection/tasks", format: bomCSV, columns: columns(taskColumns), editions: snapshot("双随机抽查任务")},
	}
	x.sectors = newSectors(w, snapshot, delta, yearly)
	for _, r := range w.rounds.national {
		x.national.editions = append(x.national.editions, &edition{name: "ggxypj_" + r.batch, sent: r.sent})
	}
	return x
}

// months are the sendings of a department that reports every month and does not
// always keep to it: a report of nothing in the second month, the third after
// its deadline, none in the fourth, whose records come with the fifth. The
// first holds all that was before.
func (w *world) months(name string) (editions []*edition) {
	y, m, _ := w.cutoff.YMD()
	for back, state := range []string{"received", "received", "missing", "late", "empty", "received"} {
		end := credit.NewDate(y, m+1-back+1, 1).AddDays(-1)
		sent := end
		switch {
		case back == 0:
			sent = w.asOf
		case state == "late":
			sent = end.AddDays(13)
		}
		ed := &edition{name: name, sent: sent, period: end.String()[:7], state: state}
		if back == 0 && sent > end.AddDays(10) {
			ed.period = "" // the as-of day is nearer to the next month's end
		}
		editions = append(editions, ed)
	}
	slices.Reverse(editions)
	return editions
}

// all lists the extracts in the order of their writing.
func (x *extracts) all() []*extract {
	return append([]*extract{
		x.registrations, x.penalties, x.permits, x.inspections, x.abnormal, x.riskClasses, x.taxGrades, x.fraud, x.ecologyGrades,
		x.ecologyPenalties, x.labourGrades, x.arrears, x.debt, x.national, x.cases, x.commitments, x.honours,
		x.exemptions, x.overrides, x.inspectors, x.interests, x.visits, x.items, x.annualPlans, x.tasks, x.results, x.supervised, x.actions,
	}, x.sectors.all()...)
}

// fileName ends in the day of sending, so files sort by name as they were sent.
func (ed *edition) fileName(part int, extension string) string {
	suffix := ""
	if part > 1 {
		suffix = fmt.Sprintf("-%d", part)
	}
	return fmt.Sprintf("%s_%s%s.%s", ed.name, compact(ed.sent), suffix, extension)
}

func compact(day credit.Date) string {
	y, m, d := day.YMD()
	return fmt.Sprintf("%04d%02d%02d", y, m, d)
}
