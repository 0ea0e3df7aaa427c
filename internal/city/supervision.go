package city

import (
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"rongxin/internal/credit"
)

// What authorities report to 互联网+监管: the items that each implements, and its
// penalties once more. The files are never spoilt, but some reports tell another
// amount, day or number than double publicity does, and truth/routes.csv tells
// which.

const (
	supervisedColumns = `*检查实施清单编码 *监管事项目录编码 *监管事项名称 *检查领域 *实施机构 *实施机构代码`
	actionColumns     = `*监管事项目录编码 *处罚行为名称 *处罚行为编号 *实施机构 *实施机构编码 *案件来源 检查行为编号 *行政相对人#name *行政相对人编码#code
		*处罚程序 *是否听证 处罚立案时间 *是否涉刑案件 是否重大案件 是否法制审核 法制审核日期 法制审核意见 是否集体讨论 集体讨论日期 集体讨论结论
		*处罚文书号 *作出行政处罚决定日期 *处罚种类 罚款金额 *行政复议 *行政诉讼 执行方式 执行结果 实缴罚款金额 *不予行政处罚 结案日期 其他处理情况
		移送时间 *报送时间`
)

// supervisedFields are the fields of checks by market supervision, each with the
// serial of its item.
var supervisedFields = []string{"食品安全", "产品质量", "公示信息", "特种设备", "广告", "价格"}

// itemCode is a made-up code of the national directory: 14 digits.
func itemCode(serial int) string { return fmt.Sprintf("0232%010d", serial) }

// sendSupervised writes the items of every body of market supervision. 平潭 has
// not claimed that of advertising: its checks of advertising have no item.
func (k *desk) sendSupervised() error {
	for _, p := range append([]*place{k.w.offices.city}, k.w.all...) {
		level := "4"
		if p == k.w.offices.city {
			level = "3"
		}
		for i, field := range supervisedFields {
			if p.code == "350128" && field == "广告" {
				continue
			}
			item := itemCode(1000 + i)
			if err := k.tell(k.x.supervised, p.samr.code+level+item, item, "对"+field+"的监督检查", field, p.samr.name, p.samr.code); err != nil {
				return err
			}
		}
	}
	return nil
}

// penaltyCodes are the codes of kinds of penalties in 互联网+监管.
var penaltyCodes = map[string]string{"警告": "01", "罚款": "02", "没收违法所得、没收非法财物": "03", "责令停产停业": "04", "吊销许可证件": "05", "其他": "07",
	"通报批评": "08", "暂扣许可证件": "11", "限制开展生产经营活动": "12", "限制从业": "13"}

// sendActions writes the penalties of an enterprise once more, as the authority
// reports them: some days after double publicity, nine in ten.
func (k *desk) sendActions(e *enterprise) error {
	d, x := newDice(k.w.seed, e.index, topicSupervision), k.x.actions
	for i, p := range e.penalties {
		told, different := d.chance(0.9), d.chance(0.03)
		submitted := p.reported.AddDays(d.between(3, 20))
		if p.natural != nil || p.withdrawn != 0 || !told || submitted > k.w.asOf {
			continue
		}
		a := newAction(d, e, p, i, submitted)
		if different && len(k.in.rates) > 0 {
			k.truth.route(a.differ(d))
		}
		if err := k.put(x, x.since(submitted), a.cells(x, e)...); err != nil {
			return err
		}
	}
	return nil
}

// action is a penalty as it is reported to 互联网+监管.
type action struct {
	p                        *penalty
	number, check, source    string
	procedure, hearing       string
	major                    bool
	filed, closed, submitted credit.Date
	no, fine                 string // as told, perhaps otherwise than in p
	on                       credit.Date
}

func newAction(d *dice, e *enterprise, p *penalty, i int, submitted credit.Date) *action {
	a := &action{p: p, number: fmt.Sprintf("榕罚办〔%d〕%07d-%02d", p.on.Year(), e.index, i+1), submitted: submitted, major: p.severity == serious,
		filed: p.on.AddDays(-d.between(3, 14)), no: p.no, on: p.on, fine: wan(p.fine), procedure: "普通程序", hearing: "否",
		source: pick(d, []string{"投诉举报", "投诉举报", "上级交办", "其他机关移送", "其他"})}
	if p.severity == slight {
		a.procedure = "简易程序"
	}
	if a.major && d.chance(0.3) {
		a.hearing = "是"
	}
	for _, c := range e.inspections {
		if c.problem != "" && c.on <= a.filed && !p.ecology {
			a.source, a.check = "监督检查", c.no
		}
	}
	if closed := p.on.AddDays(d.between(5, 40)); closed < submitted {
		a.closed = closed
	}
	return a
}

// differ makes the report tell something else than the decision, and says what.
func (a *action) differ(d *dice) (number, difference string) {
	kinds := []string{"decided_on", "document_no"}
	if a.p.fine > 0 {
		kinds = append(kinds, "amount_unit", "amount_unit", "amount")
	}
	difference = pick(d, kinds)
	switch difference {
	case "decided_on":
		a.on = a.on.AddDays(1)
	case "document_no":
		a.no = strings.NewReplacer("〔", "[", "〕", "]第").Replace(a.no)
	case "amount_unit":
		a.fine = fmt.Sprint(a.p.fine)
	case "amount":
		a.fine = wan(a.p.fine + 100*d.between(1, 30))
	}
	return a.number, difference
}

func (a *action) cells(x *extract, e *enterprise) []string {
	p := a.p
	item := itemCode(2000 + len(p.violation.kind)%97)
	reviewed, discussed := [3]string{"否", "", ""}, [3]string{"否", "", ""}
	if a.procedure == "普通程序" {
		reviewed = [3]string{"是", x.date(p.on.AddDays(-2)), "同意"}
	}
	if a.major {
		discussed = [3]string{"是", x.date(p.on.AddDays(-1)), "集体讨论同意处罚意见"}
	}
	paid, manner, result := "", "", ""
	if a.closed != 0 {
		paid, manner, result = wan(p.fine), "当事人自觉履行", "完全履行"
	}
	return []string{
		item, p.violation.kind, a.number, p.by.name, p.by.code, a.source, a.check, e.name, e.code,
		a.procedure, a.hearing, x.date(a.filed), "否", yesNo(a.major), reviewed[0], reviewed[1], reviewed[2], discussed[0], discussed[1], discussed[2],
		a.no, x.date(a.on), penaltyCodes[p.kind], a.fine, "未申请", "未提起", manner, result, paid, "否", x.date(a.closed), "", "", x.date(a.submitted),
	}
}

func yesNo(b bool) string {
	if b {
		return "是"
	}
	return "否"
}

// route notes that a report to 互联网+监管 differs from double publicity.
func (t *truth) route(number, difference string) {
	t.routes = append(t.routes, []string{number, difference})
}

func (t *truth) writeRoutes() error {
	f, err := os.Create(filepath.Join(t.dir, "routes.csv"))
	if err != nil {
		return err
	}
	slices.SortFunc(t.routes, func(a, b []string) int { return strings.Compare(a[0], b[0]) })
	rows := append([][]string{{"action_no", "difference"}}, t.routes...)
	return errors.Join(csv.NewWriter(f).WriteAll(rows), f.Close())
}
