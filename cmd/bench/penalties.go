package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"golang.org/x/text/encoding/simplifiedchinese"

	"rongxin/internal/credit"
	"rongxin/pipelines/contract"
)

// wide is the widest dataset of the field: penalties by the 2018 form of
// 双公示, 31 columns, most of the bytes Chinese text.
const wide = "samr/penalties"

// penaltyRows writes the same rows on every machine: a fifth of them with a
// quoted field, one in a hundred with doubled quotes or with a line end inside
// quotes. badPercent of them are wrong, each in one of eight ways.
type penaltyRows struct {
	contract   *contract.Contract
	badPercent uint64
	values     map[string]string
	line       []byte
}

// writePenalties writes n rows to path, as UTF-8 or as GB18030.
func writePenalties(path string, c *contract.Contract, n int, badPercent uint64, gb18030 bool) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	var encoder io.Writer = file
	if gb18030 {
		encoder = simplifiedchinese.GB18030.NewEncoder().Writer(file)
	}
	w := bufio.NewWriterSize(encoder, 1<<20)
	names := make([]string, len(c.Fields))
	for i := range c.Fields {
		names[i] = c.Fields[i].Name
	}
	w.WriteString(strings.Join(names, ",") + "\n") // an error stays with w
	rows := penaltyRows{contract: c, badPercent: badPercent, values: map[string]string{}}
	for i := range uint64(n) {
		w.Write(rows.row(i))
	}
	return errors.Join(w.Flush(), file.Close())
}

// dice are the numbers that belong to one row (splitmix64).
type dice uint64

func (d *dice) below(n uint64) uint64 {
	*d += 0x9E3779B97F4A7C15
	x := uint64(*d)
	x = (x ^ x>>30) * 0xBF58476D1CE4E5B9
	x = (x ^ x>>27) * 0x94D049BB133111EB
	return (x ^ x>>31) % n
}

func (d *dice) of(list []string) string { return list[d.below(uint64(len(list)))] }

var (
	places   = []string{"鼓楼", "台江", "仓山", "晋安", "马尾", "长乐", "福清", "闽侯", "连江", "罗源", "闽清", "永泰"}
	signs    = strings.Split("华 兴 盛 达 海 榕 城 东 方 闽 江 顺 通 鑫 源 泰 和 信 诚 嘉 隆 宏 远 博", " ")
	trades   = []string{"贸易", "食品", "建材", "餐饮管理", "物流", "信息科技", "建筑工程", "医药", "环保科技", "水产"}
	surnames = strings.Split("陈 林 黄 郑 王 张 李 吴 刘 蔡 杨 许", " ")
	kinds    = []string{"罚款", "罚款", "罚款", "警告", "没收违法所得、没收非法财物", "通报批评"}
	wrongs   = []struct{ kind, facts, basis string }{
		{"经营未按规定标注生产日期的食品", "店内货架上待售的预包装食品未标注生产日期和保质期，货值金额较小，当事人未能提供进货查验记录", "《中华人民共和国食品安全法》第六十七条、第一百二十五条第一款第二项"},
		{"未按规定公示年度报告", "当事人未在规定期限内通过国家企业信用信息公示系统报送并公示年度报告，经责令改正后仍未补报", "《企业信息公示暂行条例》第八条、第十七条第一款"},
		{"发布虚假广告", "当事人在其网页上宣传的产品功效与检验报告不符，对消费者的购买决定有实质性影响，点击量两千余次", "《中华人民共和国广告法》第二十八条第二款第二项、第五十五条第一款"},
		{"使用未经检定的计量器具", "经营场所内使用的三台电子计价秤未经检定合格，用于贸易结算，现场已责令停止使用", "《中华人民共和国计量法》第九条第一款、第二十五条"},
	}
)

// row returns row i with its line end; it is valid until the next call.
func (p *penaltyRows) row(i uint64) []byte {
	d := dice(i * 0x632BE59BD9B4E019)
	place, wrong := d.of(places), wrongs[d.below(uint64(len(wrongs)))]
	bureau := "福州市" + place + "区市场监督管理局"
	bureauCode := code("1135010"+strconv.Itoa(int(d.below(8))+1), 0x3000+uint64(place[1]))
	subject := code("91350100", i)
	name := "福州" + place + d.of(signs) + d.of(signs) + d.of(signs) + d.of(trades) + "有限公司"
	decided := credit.NewDate(2024, 1, 1).AddDays(int(d.below(700)))
	kind := d.of(kinds)
	fine := strconv.FormatFloat(float64(5+d.below(995))/100, 'f', -1, 64)
	if kind != "罚款" {
		fine = ""
	}
	facts := fmt.Sprintf("%s，执法人员在%s区%s路%d号检查发现，%s。", decided.AddDays(-20), place, d.of(signs)+d.of(signs), 1+d.below(600), wrong.facts)
	switch style := d.below(100); {
	case style < 18:
		facts = quoted(strings.Replace(facts, "，", ",", 2))
	case style < 19:
		facts = quoted(facts + `（笔录记为"` + wrong.kind + `"）`)
	case style < 20:
		facts = quoted(facts + "\n当事人对上述事实无异议，并已改正。")
	}
	v := p.values
	clear(v)
	v["CF_XDR_MC"], v["CF_XDR_LB"], v["CF_XDR_SHXYM"] = name, "法人及非法人组织", subject
	v["CF_FRDB"] = d.of(surnames) + d.of(signs) + d.of(signs)
	v["CF_WSH"] = fmt.Sprintf("榕%s市监罚决〔%s〕%d号", place, decided.String()[:4], i)
	v["CF_WFXW"], v["CF_SY"], v["CF_YJ"], v["CF_CFLB"] = wrong.kind, facts, wrong.basis, kind
	v["CF_NR"] = "责令改正，并处以" + kind + fine
	v["CF_NR_FK"], v["CF_JDRQ"], v["CF_YXQ"] = fine, decided.String(), "2099-12-31"
	v["CF_GSJZQ"] = decided.AddMonths(12).String()
	v["CF_CFJG"], v["CF_CFJGDM"], v["CF_SJLY"], v["CF_SJLYDM"] = bureau, bureauCode, bureau, bureauCode
	v["SJC"] = decided.AddDays(int(d.below(10))).String()
	columns := len(p.contract.Fields)
	if d.below(100) < p.badPercent {
		columns += p.spoil(d.below(8))
	}
	return p.write(columns)
}

// spoil makes one value of the row wrong and returns how many columns it has
// too many.
func (p *penaltyRows) spoil(way uint64) int {
	v := p.values
	switch way {
	case 0:
		v["CF_XDR_MC"] = ""
	case 1: // both check signs are wrong
		c := v["CF_XDR_SHXYM"]
		v["CF_XDR_SHXYM"] = c[:9] + string('0'+(c[9]-'0'+1)%10) + c[10:16] + "00"
	case 2:
		v["CF_XDR_SHXYM"] = v["CF_XDR_SHXYM"][:17]
	case 3:
		v["CF_NR_FK"] = "两万元"
	case 4:
		v["CF_JDRQ"] = "2025-02-30"
	case 5:
		v["CF_JDRQ"] = "2025"
	case 6:
		return -1
	case 7:
		return 1
	}
	return 0
}

func (p *penaltyRows) write(columns int) []byte {
	p.line = p.line[:0]
	for i := range columns {
		if i > 0 {
			p.line = append(p.line, ',')
		}
		if i < len(p.contract.Fields) {
			p.line = append(p.line, p.values[p.contract.Fields[i].Name]...)
		}
	}
	p.line = append(p.line, '\n')
	return p.line
}

func quoted(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }

// code is the unified social credit code of organisation number n.
func code(first8 string, n uint64) string {
	c, ok := credit.NewCode(first8, fmt.Sprintf("MA%06d", n%1_000_000))
	if !ok {
		panic("bench: " + first8 + " begins no code")
	}
	return c
}

// preparePenalties makes what the landing contests need: a clean file for the
// yardstick, and one with a hundredth of bad rows in both encodings.
func preparePenalties(_ context.Context, j job) error {
	c, err := theContract(wide, "auto")
	if err != nil {
		return err
	}
	return errors.Join(
		writePenalties(j.path("clean.csv"), c, j.rows, 0, false),
		writePenalties(j.path("utf8.csv"), c, j.rows, 1, false),
		writePenalties(j.path("gb18030.csv"), c, j.rows, 1, true))
}
