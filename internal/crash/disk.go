package crash

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"path"
	"slices"
	"strings"
)

// A Disk is a model of what a program did to its files, and of how much of it
// would outlive a power cut.
type Disk struct {
	root *node
	dirs []*node // all that ever were, in the order of their making
}

// node is a file or a directory. Its content is in order of its writes.
type node struct {
	isDir bool

	writes []int64 // of a file, by size
	synced int     // so many of them are safe

	names   map[string]*node // of a directory, now
	safe    map[string]*node // those that outlive a cut
	pending []change         // made since the last sync, in order
}

// change is a name that came or went.
type change struct {
	name string
	node *node // nil: it went
	move *move // of a rename between directories: the other half is elsewhere
}

// move is a rename between two directories, which a journal keeps whole.
type move struct{ safe bool }

// NewDisk is an empty root directory that is itself safe.
func NewDisk() *Disk {
	d := &Disk{}
	d.root = d.dir()
	return d
}

func (d *Disk) dir() *node {
	n := &node{isDir: true, names: map[string]*node{}, safe: map[string]*node{}}
	d.dirs = append(d.dirs, n)
	return n
}

// Do applies a call that was made. A call that changes files in a way that the
// model does not know is an error.
func (d *Disk) Do(c Call) error {
	switch c.Name {
	case "close", "lock", "chmod":
		return nil
	case "open":
		if !c.New {
			return nil
		}
	case "sync", "write":
		if c.Path == "stdout" {
			return nil
		}
		n, err := d.find(c.Path)
		if err != nil {
			return err
		}
		if c.Name == "sync" {
			n.sync()
		} else {
			n.writes = append(n.writes, c.Size)
		}
		return nil
	}
	parent, name, err := d.parent(c.Path)
	if err != nil {
		return err
	}
	switch c.Name {
	case "mkdir":
		parent.set(change{name: name, node: d.dir()})
	case "open":
		if parent.names[name] == nil {
			parent.set(change{name: name, node: &node{}})
		}
	case "remove":
		parent.set(change{name: name})
	case "rename":
		target, to, err := d.parent(c.To)
		if err != nil {
			return err
		}
		moved := parent.names[name]
		if moved == nil {
			return fmt.Errorf("crash: rename of %s, which is not there", c.Path)
		}
		var m *move
		if parent != target {
			m = new(move)
		}
		target.set(change{to, moved, m})
		parent.set(change{name, nil, m})
	default:
		return fmt.Errorf("crash: no model of %s", c)
	}
	return nil
}

func (n *node) sync() {
	n.synced = len(n.writes)
	for _, c := range n.pending {
		c.apply(n.safe)
		if c.move != nil {
			c.move.safe = true
		}
	}
	n.pending = nil
}

func (n *node) set(c change) {
	c.apply(n.names)
	n.pending = append(n.pending, c)
}

func (c change) apply(names map[string]*node) {
	if c.node == nil {
		delete(names, c.name)
	} else {
		names[c.name] = c.node
	}
}

func (d *Disk) find(p string) (*node, error) {
	n := d.root
	if p == "." {
		return n, nil
	}
	for _, name := range strings.Split(p, "/") {
		if n = n.names[name]; n == nil {
			return nil, fmt.Errorf("crash: %s is not there", p)
		}
	}
	return n, nil
}

func (d *Disk) parent(p string) (*node, string, error) {
	n, err := d.find(path.Dir(p))
	return n, path.Base(p), err
}

// Content tells how much of a file there is.
type Content struct {
	Bytes int64 // written so far
	Whole bool  // and all of it is on the disk
}

// Now is every file as the program sees it, by path.
func (d *Disk) Now() map[string]Content {
	files := map[string]Content{}
	walk(d.root, "", func(n *node) map[string]*node { return n.names }, func(p string, n *node) {
		files[p] = Content{n.bytes(), true}
	})
	return files
}

// Cut is every file after a power cut. What was not synced is kept piece by
// piece with probability keep.
func (d *Disk) Cut(dice *rand.Rand, keep float64) map[string]Content {
	kept := d.keptChanges(dice, keep)
	names := func(n *node) map[string]*node {
		left := maps.Clone(n.safe)
		for _, c := range n.pending[:kept[n]] {
			c.apply(left)
		}
		return left
	}
	files := map[string]Content{}
	walk(d.root, "", names, func(p string, n *node) {
		whole := true
		for range n.writes[n.synced:] {
			whole = dice.Float64() < keep && whole
		}
		files[p] = Content{n.bytes(), whole}
	})
	return files
}

// keptChanges decides how many pending changes of each directory outlive a cut.
func (d *Disk) keptChanges(dice *rand.Rand, keep float64) map[*node]int {
	kept, came := map[*node]int{}, map[*move]bool{}
	for _, n := range d.dirs {
		for kept[n] < len(n.pending) && dice.Float64() < keep {
			kept[n]++
		}
		for i, c := range n.pending {
			if c.move != nil && c.move.safe {
				kept[n] = max(kept[n], i+1)
			}
		}
		for _, c := range n.pending[:kept[n]] {
			came[c.move] = came[c.move] || c.node != nil
		}
	}
	// What did not come where it was moved to has not gone from where it was.
	for _, n := range d.dirs {
		for i, c := range n.pending[:kept[n]] {
			if c.move != nil && c.node == nil && !c.move.safe && !came[c.move] {
				kept[n] = i
				break
			}
		}
	}
	return kept
}

func (n *node) bytes() (size int64) {
	for _, w := range n.writes {
		size += w
	}
	return size
}

func walk(n *node, at string, names func(*node) map[string]*node, file func(string, *node)) {
	children := names(n)
	for _, name := range slices.Sorted(maps.Keys(children)) {
		p, child := path.Join(at, name), children[name]
		if child.isDir {
			walk(child, p, names, file)
		} else {
			file(p, child)
		}
	}
}
