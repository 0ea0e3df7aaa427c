package city

import (
	"fmt"

	"rongxin/internal/credit"
)

// place is a county-level unit of Fuzhou (GB/T 2260), or the city itself as an
// authority. Weights follow the rough share of registered enterprises.
type place struct {
	code   string
	name   string // 鼓楼区
	full   string // 福州市鼓楼区, as authorities and addresses are written
	abbr   string // in document numbers: 榕鼓市监罚
	weight int
	roads  []string

	samr authority
}

// authority is an office with its made-up but valid code.
type authority struct{ name, code string }

func places() []*place {
	return []*place{
		{code: "350102", name: "鼓楼区", full: "福州市鼓楼区", abbr: "鼓", weight: 20, roads: []string{"五四路", "湖东路", "杨桥中路", "东街口", "软件大道", "温泉公园路"}},
		{code: "350103", name: "台江区", full: "福州市台江区", abbr: "台", weight: 10, roads: []string{"五一中路", "工业路", "江滨中大道", "八一七中路", "上浦路"}},
		{code: "350104", name: "仓山区", full: "福州市仓山区", abbr: "仓", weight: 16, roads: []string{"则徐大道", "浦上大道", "金山大道", "建新北路", "城门镇胪雷路"}},
		{code: "350105", name: "马尾区", full: "福州市马尾区", abbr: "马", weight: 5, roads: []string{"江滨东大道", "罗星中路", "儒江西路", "快安路"}},
		{code: "350111", name: "晋安区", full: "福州市晋安区", abbr: "晋", weight: 16, roads: []string{"福新中路", "连江北路", "福马路", "新店镇秀峰路", "鼓山镇福兴大道"}},
		{code: "350112", name: "长乐区", full: "福州市长乐区", abbr: "长", weight: 7, roads: []string{"吴航路", "朝阳中路", "金峰镇金港路", "航城街道广场路"}},
		{code: "350121", name: "闽侯县", full: "闽侯县", abbr: "侯", weight: 7, roads: []string{"甘蔗街道街心路", "上街镇科技东路", "青口镇奔驰大道", "南屿镇乌龙江大道"}},
		{code: "350122", name: "连江县", full: "连江县", abbr: "连", weight: 4, roads: []string{"凤城镇丹凤西路", "敖江镇文山北路", "琯头镇东江滨路"}},
		{code: "350123", name: "罗源县", full: "罗源县", abbr: "罗", weight: 1, roads: []string{"凤山镇东环路", "松山镇滨海路"}},
		{code: "350124", name: "闽清县", full: "闽清县", abbr: "梅", weight: 1, roads: []string{"梅城镇南北大街", "白樟镇云渡路"}},
		{code: "350125", name: "永泰县", full: "永泰县", abbr: "樟", weight: 1, roads: []string{"樟城镇县府路", "城峰镇刘岐路"}},
		{code: "350128", name: "平潭县", full: "平潭县", abbr: "岚", weight: 3, roads: []string{"潭城镇西航路", "北厝镇金井三路", "君山镇龙翔路"}},
		{code: "350181", name: "福清市", full: "福清市", abbr: "融", weight: 12, roads: []string{"音西街道福和路", "龙山街道清昌大道", "宏路街道融侨大道", "渔溪镇联华路", "龙田镇东华路"}},
	}
}

// The offices of the city itself.
type offices struct {
	samr, ecology, labour, credit authority
	city                          *place
}

// Offices get codes of category 11 (机关) with organisation codes MB9…, a block
// that no enterprise of the city uses.
func officeCode(division string, serial int) string {
	code, ok := credit.NewCode("11"+division, fmt.Sprintf("MB9%05d", serial))
	if !ok {
		return ""
	}
	return code
}

func newOffices(all []*place) offices {
	for i, p := range all {
		p.samr = authority{p.full + "市场监督管理局", officeCode(p.code, 100+i)}
	}
	o := offices{
		samr:    authority{"福州市市场监督管理局", officeCode("350100", 1)},
		ecology: authority{"福州市生态环境局", officeCode("350100", 2)},
		labour:  authority{"福州市人力资源和社会保障局", officeCode("350100", 3)},
		credit:  authority{"福州市公共信用信息中心", officeCode("350100", 4)},
	}
	o.city = &place{code: "350100", name: "福州市", full: "福州市", samr: o.samr}
	return o
}
