package crash_test

import (
	"math/rand/v2"
	"testing"

	"rongxin/internal/crash"
)

// What a model of power cuts must know: which orders of flushing lose work.
func TestPowerCuts(t *testing.T) {
	write := []crash.Call{{Name: "open", Path: "tmp", New: true}, {Name: "write", Path: "tmp", Size: 10}}
	sync, rename, syncDir := crash.Call{Name: "sync", Path: "tmp"}, crash.Call{Name: "rename", Path: "tmp", To: "file"}, crash.Call{Name: "sync", Path: "."}
	for _, c := range []struct {
		name         string
		ops          []crash.Call
		lost, broken bool // may it be lost, may it be there in part
	}{
		{"flushed, renamed, directory flushed", append(write, sync, rename, syncDir), false, false},
		{"renamed without a flush of the directory", append(write, sync, rename), true, false},
		{"renamed without a flush of the file", append(write, rename, syncDir), false, true},
		{"in a new directory that its parent does not know",
			[]crash.Call{{Name: "mkdir", Path: "d"}, {Name: "open", Path: "d/file", New: true}, {Name: "sync", Path: "d/file"}, {Name: "sync", Path: "d"}}, true, false},
		{"moved to another directory, neither flushed",
			[]crash.Call{{Name: "mkdir", Path: "d"}, {Name: "open", Path: "file", New: true}, {Name: "sync", Path: "."}, {Name: "rename", Path: "file", To: "d/file"}}, false, false},
	} {
		disk := crash.NewDisk()
		for _, o := range c.ops {
			if err := disk.Do(o); err != nil {
				t.Fatal(err)
			}
		}
		dice := rand.New(rand.NewPCG(1, 1))
		lost, broken := false, false
		for range 1000 {
			left := disk.Cut(dice, dice.Float64())
			content, found := left["file"]
			if other, ok := left["d/file"]; ok && !found {
				content, found = other, true
			}
			lost = lost || !found
			broken = broken || found && !content.Whole
		}
		if lost != c.lost || broken != c.broken {
			t.Errorf("%s: lost %t, broken %t", c.name, lost, broken)
		}
	}
}
