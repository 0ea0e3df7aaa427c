package contract_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"rongxin/pipelines/contract"
)

const oneItem = "items:\n  - {id: SFQJ, name: 水费欠缴, class: 行政管理信息, editions: [2024], range: government}\n"

// A contract binds to an item of the list in force and goes no further than it.
func TestItems(t *testing.T) {
	for name, test := range map[string]struct{ items, contract, want string }{
		"bound":               {oneItem, small, ""},
		"no such item":        {oneItem, with("item: SFQJ", "item: SFQI"), "water/arrears.yml:6:28: catalogue.item: SFQI is no item of items.yml: what has none may not be collected; near it are [SFQJ]"},
		"of another class":    {oneItem, with("class: 行政管理信息", "class: 合同履行信息"), "catalogue.class: the item SFQJ is of 行政管理信息"},
		"of another edition":  {oneItem, with("edition: 2024", "edition: 2022"), "catalogue.edition: the item SFQJ is in the editions [2024]"},
		"published too wide":  {oneItem, with("range: government", "range: public"), "water/arrears.yml:8:1: range: is wider than the item SFQJ allows, government"},
		"an item twice":       {oneItem + oneItem[7:], small, "items.yml:3:6: items[1].id: want an identifier"},
		"an item of no class": {strings.Replace(oneItem, "行政管理信息", "管理", 1), small, `items[0].class: "管理" is no class`},
		"an unknown key":      {strings.Replace(oneItem, "name:", "title:", 1), small, "unknown key title"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := contract.Load(fstest.MapFS{"items.yml": {Data: []byte(test.items)}, "water/arrears.yml": {Data: []byte(test.contract)}})
			if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
				t.Errorf("got %v\nwant %s", err, test.want)
			}
		})
	}
}

// The list of the tree itself is in force, else that of the first other that has one.
func TestWhichItemsAreInForce(t *testing.T) {
	tree := fstest.MapFS{"water/arrears.yml": {Data: []byte(small)}}
	other := fstest.MapFS{"items.yml": {Data: []byte(strings.Replace(oneItem, "SFQJ", "XZCF", 1))}}
	refused := "water/arrears.yml:6:28: catalogue.item: SFQJ is no item of items.yml"
	if _, err := contract.Load(tree, fstest.MapFS{}, other); err == nil || !strings.Contains(err.Error(), refused) {
		t.Error(err)
	}
	tree["items.yml"] = &fstest.MapFile{Data: []byte(oneItem)}
	if _, err := contract.Load(tree, other); err != nil {
		t.Error(err)
	}
	list, err := contract.ReadItems(other)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := list.Parse("arrears.yml", []byte(small)); err == nil || !strings.Contains(err.Error(), "arrears.yml:6:28: catalogue.item") {
		t.Error(err)
	}
}
