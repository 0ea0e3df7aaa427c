package contract

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"rongxin/internal/credit"
	"rongxin/internal/strictyaml"
)

// itemsName is the file of a catalogue that lists the items datasets bind to.
const itemsName = "items.yml"

// An item of the catalogue in force: what may be collected under it, and how
// wide it may be published at most.
type item struct {
	ID       string `yaml:"id"`
	Name     string `yaml:"name"`
	Class    string `yaml:"class"`
	Editions []int  `yaml:"editions"`
	Range    string `yaml:"range"`
}

// An Edition of the national catalogue, and the first day it holds. It holds
// until the next one.
type Edition struct {
	Edition int         `yaml:"edition"`
	From    credit.Date `yaml:"from"`
	Basis   string      `yaml:"basis"`
}

// Items is the list in force. What binds to no item of it may not be collected;
// the zero list binds nothing, for contracts that are only looked at.
type Items struct {
	byID     map[string]item
	editions []Edition // by ascending day; none: the items are not dated
}

// ReadItems reads the list of the first tree of contracts that has one, as
// items.yml. The error holds all its faults.
func ReadItems(trees ...fs.FS) (Items, error) {
	for _, tree := range trees {
		data, err := fs.ReadFile(tree, itemsName)
		if err == nil {
			return parseItems(data)
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return Items{}, err
		}
	}
	return Items{}, nil
}

func parseItems(data []byte) (Items, error) {
	var raw struct {
		Editions []Edition `yaml:"editions"`
		Items    []item    `yaml:"items"`
	}
	doc := strictyaml.Decode(itemsName, data, &raw)
	if doc.Err() != nil {
		return Items{}, doc.Err()
	}
	list := Items{byID: map[string]item{}, editions: raw.Editions}
	for i, e := range raw.Editions {
		path := fmt.Sprintf("editions[%d]", i)
		if !slices.Contains(knownEditions, e.Edition) || e.Basis == "" || !doc.Has(path+".from") {
			doc.Fault(path, "want edition, one of %v, the day from which it holds, and its basis", knownEditions)
		}
		if i > 0 && (e.Edition <= raw.Editions[i-1].Edition || e.From <= raw.Editions[i-1].From) {
			doc.Fault(path, "is not after the edition above it")
		}
	}
	for i, it := range raw.Items {
		path := fmt.Sprintf("items[%d]", i)
		if _, twice := list.byID[it.ID]; twice || !itemPattern.MatchString(it.ID) {
			doc.Fault(path+".id", "want an identifier in capitals that stands once, such as XZCF")
		}
		if since, known := classSince(it.Class); !known {
			doc.Fault(path+".class", "%q is no class of the national catalogue", it.Class)
		} else if len(it.Editions) == 0 || slices.Min(it.Editions) < since {
			doc.Fault(path+".editions", "want the editions that have it, from %d on", since)
		}
		if it.Name == "" || rangeRank(Range(it.Range)) == 0 {
			doc.Fault(path, "want a name, and as range public, government or authorised")
		}
		list.byID[it.ID] = it
	}
	return list, doc.Err()
}

// Parse is [Parse] of a contract that binds to an item of the list.
func (l Items) Parse(file string, data []byte) (*Contract, error) { return parse(file, data, "", l) }

// check notes where a contract goes beyond the item it binds to.
func (l Items) check(doc *strictyaml.Document, c *Contract) {
	if l.byID == nil {
		return
	}
	it, known := l.byID[c.Catalogue.Item]
	switch {
	case !known:
		ids := make([]string, 0, len(l.byID))
		for id := range l.byID {
			ids = append(ids, id)
		}
		slices.Sort(ids)
		doc.Fault("catalogue.item", "%s is no item of %s: what has none may not be collected; near it are %v", c.Catalogue.Item, itemsName, Nearest(c.Catalogue.Item, ids))
	case c.Catalogue.Class != it.Class:
		doc.Fault("catalogue.class", "the item %s is of %s", it.ID, it.Class)
	case !slices.Contains(it.Editions, c.Catalogue.Edition):
		doc.Fault("catalogue.edition", "the item %s is in the editions %v", it.ID, it.Editions)
	}
	if known && rangeRank(c.Range) < rangeRank(Range(it.Range)) {
		doc.Fault("range", "is wider than the item %s allows, %s", it.ID, it.Range)
	}
}

// A DatedItem says from which day on an item is in the catalogue or out of it.
type DatedItem struct {
	Edition  int
	From     credit.Date
	To       credit.Date // last day; 0 while it lasts
	IsListed bool
}

// dated is the item in each edition, by ascending day.
func (l Items) dated(id string) []DatedItem {
	var list []DatedItem
	for i, e := range l.editions {
		d := DatedItem{Edition: e.Edition, From: e.From, IsListed: slices.Contains(l.byID[id].Editions, e.Edition)}
		if i+1 < len(l.editions) {
			d.To = l.editions[i+1].From.AddDays(-1)
		}
		list = append(list, d)
	}
	return list
}
