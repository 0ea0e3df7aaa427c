package ingest_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"rongxin/pipelines/ingest"
)

// However often files land, in whatever order, by how many at once and in what
// steps they are read: the landing area is the same to the byte.
func TestAnyOrderOfLandingIsOne(t *testing.T) {
	c := mustContract(t, plain)
	var requests []ingest.Request
	for i := range 5 {
		content := good + fmt.Sprintf("%d,丁,第 %d 份\n", 10+i, i)
		requests = append(requests, ingest.Request{Contract: c, File: writeFile(t, filepath.Join(t.TempDir(), "in.csv"), content),
			ReceivedAt: received.Add(time.Duration(i) * time.Hour)})
	}
	dice := rand.New(rand.NewPCG(3, 5))
	var want string
	different, landings, schedules := 0, 0, 300
	if testing.Short() {
		schedules = 30 // beside the race detector, which is asked only whether they race
	}
	for n := range schedules {
		home := t.TempDir()
		todo := slices.Clone(requests)
		for range dice.IntN(6) {
			todo = append(todo, requests[dice.IntN(len(requests))])
		}
		dice.Shuffle(len(todo), func(i, j int) { todo[i], todo[j] = todo[j], todo[i] })
		l := newLander(t, ingest.Config{Home: home, Workers: 1 + dice.IntN(4), BlockBytes: 1 << (4 + dice.IntN(8))})
		landAll(t, l, todo, 1+dice.IntN(4))
		landings += len(todo)
		got := treeDigest(t, home)
		if n == 0 {
			want = got
		}
		if got != want {
			different++
			t.Errorf("schedule %d: another landing area", n)
		}
	}
	t.Logf("figure schedules=%d landings=%d different=%d", schedules, landings, different)
}

// landAll lands the files, several at once.
func landAll(t *testing.T, l *ingest.Lander, todo []ingest.Request, atOnce int) {
	t.Helper()
	queue := make(chan ingest.Request, len(todo))
	for _, r := range todo {
		queue <- r
	}
	close(queue)
	var wg sync.WaitGroup
	for range atOnce {
		wg.Go(func() {
			for r := range queue {
				if _, err := l.Land(context.Background(), r); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
}

// treeDigest is one digest of all names and contents below a folder.
func treeDigest(t *testing.T, root string) string {
	t.Helper()
	files := map[string][sha256.Size]byte{}
	err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		files[path[len(root):]] = sha256.Sum256(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	all := sha256.New()
	for _, path := range slices.Sorted(maps.Keys(files)) {
		fmt.Fprintf(all, "%s %x\n", path, files[path])
	}
	return hex.EncodeToString(all.Sum(nil))
}
