package secret_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"rongxin/warehouse/secret"
)

func TestTheFirstKeyIsMadeOnce(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "keys")
	ids := make([]string, 16)
	var wg sync.WaitGroup
	for i := range ids {
		wg.Go(func() {
			key, err := secret.NewRing(dir).Current()
			if err != nil {
				t.Error(err)
				return
			}
			ids[i] = key.ID()
		})
	}
	wg.Wait()
	for _, id := range ids {
		if id != ids[0] || len(id) != 8 {
			t.Fatalf("several first keys: %v", ids)
		}
	}
	names, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(names) != 1 {
		t.Errorf("in the directory: %v %v", names, err)
	}
	for path, want := range map[string]os.FileMode{dir: 0o700, names[0]: 0o600} {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: %v %v, want %v", path, info.Mode(), err, want)
		}
	}
}

func TestANewKeyIsCurrentAndTheOldOneStays(t *testing.T) {
	ring, first := newRing(t)
	second, err := ring.New()
	if err != nil {
		t.Fatal(err)
	}
	if current, err := ring.Current(first.ID()); err != nil || current.ID() != second.ID() || second.ID() == first.ID() {
		t.Errorf("current %v %v, want %v", current, err, second)
	}
	if found, err := ring.Find(first.ID()); err != nil || found.ID() != first.ID() {
		t.Errorf("%v %v", found, err)
	}
	if got, err := unseal(ring, seal(t, first, content(10))); err != nil || !bytes.Equal(got, content(10)) {
		t.Errorf("%v %v", got, err)
	}
	if bytes.Equal(seal(t, first, content(10)), seal(t, second, content(10))) {
		t.Error("two keys seal alike")
	}
}

// A warehouse whose keys are gone gets no second key in silence.
func TestAMissingKeyIsNotReplaced(t *testing.T) {
	_, lost := newRing(t)
	empty := secret.NewRing(filepath.Join(t.TempDir(), "keys"))
	if _, err := empty.Current(lost.ID()); !errors.Is(err, secret.ErrKey) || !strings.Contains(err.Error(), lost.ID()) {
		t.Errorf("%v", err)
	}
	if _, err := os.Stat(empty.Dir()); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a key was made: %v", err)
	}
	if _, err := unseal(empty, seal(t, lost, content(10))); !errors.Is(err, secret.ErrKey) {
		t.Errorf("%v", err)
	}
}

func TestKeysOpenToOthersAreRefused(t *testing.T) {
	ring, _ := newRing(t)
	file := filepath.Join(ring.Dir(), "0001.key")
	for path, mode := range map[string]os.FileMode{file: 0o640, ring.Dir(): 0o750} {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		if _, err := ring.Current(); !errors.Is(err, secret.ErrKey) || !strings.Contains(err.Error(), "chmod") {
			t.Errorf("%s with %v: %v", path, mode, err)
		}
		if err := os.Chmod(path, info.Mode()); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(file, []byte("0123"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := ring.Current(); !errors.Is(err, secret.ErrKey) || strings.Contains(err.Error(), "0123") {
		t.Errorf("a damaged key: %v", err)
	}
}

// A key shows its id and nothing else, whoever prints it.
func TestKeysAreNotPrinted(t *testing.T) {
	ring, key := newRing(t)
	text, err := os.ReadFile(filepath.Join(ring.Dir(), "0001.key"))
	if err != nil {
		t.Fatal(err)
	}
	token, err := key.TokenKey().MarshalText()
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%d", "%q"} {
		fmt.Fprintf(&out, verb+verb, key, key.TokenKey())
		fmt.Fprintf(&out, verb, struct{ K any }{key})
	}
	slog.New(slog.NewTextHandler(&out, nil)).Info("made", "key", key, "token", key.TokenKey())
	slog.New(slog.NewJSONHandler(&out, nil)).Info("made", "key", key, "token", key.TokenKey())
	for _, hidden := range []string{strings.TrimSpace(string(text)), string(token)} {
		if strings.Contains(strings.ToLower(out.String()), hidden[:16]) {
			t.Errorf("printed: %s", out.String())
		}
	}
	if data, err := json.Marshal(struct{ K secret.Key }{key}); err == nil {
		t.Errorf("a key became a document: %s", data)
	}
}

func TestTokens(t *testing.T) {
	ring, key := newRing(t)
	other, err := ring.New()
	if err != nil {
		t.Fatal(err)
	}
	token := func(k secret.TokenKey, kind, number string) string {
		return string(k.Tokenizer().Append(nil, kind, number))
	}
	one := token(key.TokenKey(), "a", "123")
	if len(one) != secret.TokenLength || one != token(key.TokenKey(), "a", "123") {
		t.Errorf("%s is not the same again", one)
	}
	for what, another := range map[string]string{
		"number": token(key.TokenKey(), "a", "124"), "kind": token(key.TokenKey(), "b", "123"),
		"key": token(other.TokenKey(), "a", "123"), "boundary": token(key.TokenKey(), "a1", "23"),
	} {
		if another == one {
			t.Errorf("another %s, the same token", what)
		}
	}
	// To a child process and back.
	data, err := json.Marshal(key.TokenKey())
	if err != nil {
		t.Fatal(err)
	}
	var back secret.TokenKey
	if err := json.Unmarshal(data, &back); err != nil || token(back, "a", "123") != one {
		t.Errorf("%v: the token key did not survive its way", err)
	}
	if err := json.Unmarshal([]byte(`"00ff"`), &back); !errors.Is(err, secret.ErrKey) || strings.Contains(err.Error(), "00ff") {
		t.Errorf("%v", err)
	}
}
