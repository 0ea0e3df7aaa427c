package secret_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"rongxin/warehouse/secret"
	"rongxin/warehouse/store"
)

const (
	head  = 28            // bytes before the first chunk
	chunk = 64<<10 + 16   // sealed bytes of a whole chunk
	three = 2*64<<10 + 77 // bytes of a content of three chunks
)

func content(n int) []byte {
	b := make([]byte, n)
	source := rand.NewChaCha8([32]byte{1})
	source.Read(b)
	return b
}

// seal returns the sealed form of plain.
func seal(t testing.TB, k secret.Key, plain []byte) []byte {
	t.Helper()
	dir, err := os.MkdirTemp("", "seal")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	in, out := filepath.Join(dir, "in"), filepath.Join(dir, "out")
	if err := os.WriteFile(in, plain, 0o600); err != nil {
		t.Fatal(err)
	}
	digest, err := store.Sum(in)
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := k.SealFile(in, out, digest)
	if err != nil {
		t.Fatal(err)
	}
	if err := store.Check(out, sealed); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func unseal(r *secret.Ring, sealed []byte) ([]byte, error) {
	plain, err := r.Unseal(bytes.NewReader(sealed))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(plain)
}

func newRing(t testing.TB) (*secret.Ring, secret.Key) {
	t.Helper()
	r := secret.NewRing(filepath.Join(t.TempDir(), "keys"))
	k, err := r.Current()
	if err != nil {
		t.Fatal(err)
	}
	return r, k
}

func TestSealRoundTrip(t *testing.T) {
	ring, key := newRing(t)
	rapid.Check(t, func(rt *rapid.T) {
		n := rapid.OneOf(rapid.IntRange(0, 300), rapid.SampledFrom([]int{64<<10 - 1, 64 << 10, 64<<10 + 1, 128 << 10, three})).Draw(rt, "bytes")
		plain := content(n)
		sealed := seal(t, key, plain)
		if got, err := unseal(ring, sealed); err != nil || !bytes.Equal(got, plain) {
			rt.Fatalf("%d bytes come back as %d: %v", n, len(got), err)
		}
		if again := seal(t, key, plain); !bytes.Equal(sealed, again) {
			rt.Fatal("the same content is sealed differently")
		}
		if n > 32 && bytes.Contains(sealed, plain[:32]) {
			rt.Fatal("the content is in clear")
		}
	})
}

// Text takes a fraction of its space.
func TestSealPacks(t *testing.T) {
	ring, key := newRing(t)
	var plain []byte
	for i := range 10_000 {
		plain = fmt.Appendf(plain, "福州鼓楼华兴贸易有限公司,榕市监罚决〔2026〕%d号,罚款\n", i)
	}
	sealed := seal(t, key, plain)
	if got, err := unseal(ring, sealed); err != nil || !bytes.Equal(got, plain) {
		t.Fatalf("%d bytes come back as %d: %v", len(plain), len(got), err)
	}
	if 5*len(sealed) > len(plain) {
		t.Errorf("%d bytes are sealed as %d", len(plain), len(sealed))
	}
}

// A file that was sealed before contents were packed still opens.
func TestUnsealVersion1(t *testing.T) {
	keys := filepath.Join(t.TempDir(), "keys")
	err := errors.Join(os.Mkdir(keys, 0o700), os.WriteFile(filepath.Join(keys, "0001.key"),
		[]byte("0260f2e3cac4dab57c2a6d0931462b767664e8836e12442d20bb898cca5e2168\n"), 0o600))
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := os.ReadFile("testdata/version1.sm4")
	if err != nil {
		t.Fatal(err)
	}
	plain, err := unseal(secret.NewRing(keys), sealed)
	if want := "姓名,证件号码\n张某,350102190001010015\n"; err != nil || string(plain) != want {
		t.Errorf("%q, %v", plain, err)
	}
}

// No key stream is used for two contents: where two sealed files differ in one
// byte of content they have nothing in common after the id of the key.
func TestSealedContentsShareNothing(t *testing.T) {
	_, key := newRing(t)
	a, b := content(200), content(200)
	b[100]++
	x, y := seal(t, key, a), seal(t, key, b)
	same := 0
	for i := head - 16; i < len(x); i++ {
		if x[i] == y[i] {
			same++
		}
	}
	if same > 20 { // 1 in 256 by chance
		t.Errorf("%d of %d bytes are alike", same, len(x))
	}
}

// Whatever is flipped, cut off, added, moved or repeated is found.
func TestSealedDamageIsFound(t *testing.T) {
	ring, key := newRing(t)
	mutants := 0
	refuse := func(what string, sealed []byte) {
		t.Helper()
		mutants++
		if _, err := unseal(ring, sealed); !errors.Is(err, secret.ErrSealed) && !errors.Is(err, secret.ErrKey) {
			t.Fatalf("%s: opened, error %v", what, err)
		}
	}
	for _, n := range []int{0, 1, 200, 550} {
		small := seal(t, key, content(n))
		for bit := range 8 * len(small) {
			mutant := slices.Clone(small)
			mutant[bit/8] ^= 1 << (bit % 8)
			refuse("a flipped bit", mutant)
		}
		for end := range small {
			refuse("cut off", small[:end])
		}
		refuse("added to", append(slices.Clone(small), 0))
		refuse("twice", append(slices.Clone(small), small...))
	}
	big := seal(t, key, content(three))
	dice := rand.New(rand.NewPCG(1, 2))
	for range 1000 {
		mutant := slices.Clone(big)
		mutant[dice.IntN(len(mutant))] ^= byte(1 + dice.IntN(255))
		refuse("a changed byte", mutant)
		refuse("cut off", big[:dice.IntN(len(big))])
	}
	parts := [][]byte{big[:head], big[head : head+chunk], big[head+chunk : head+2*chunk], big[head+2*chunk:]}
	for _, order := range [][]int{{0, 2, 1, 3}, {0, 1, 3}, {0, 1, 2}, {0, 1}, {0}, {0, 3}, {0, 1, 1, 2, 3}, {0, 1, 2, 3, 3}, {1, 2, 3}, {0, 3, 2, 1}} {
		var mutant []byte
		for _, i := range order {
			mutant = append(mutant, parts[i]...)
		}
		refuse("chunks moved", mutant)
	}
	other := seal(t, key, content(three+1))
	refuse("a chunk of another file", slices.Concat(parts[0], parts[1], other[head+chunk:head+2*chunk], parts[3]))
	if mutants < 10_000 {
		t.Errorf("only %d mutants", mutants)
	}
}

func TestSealRefusesOtherContent(t *testing.T) {
	_, key := newRing(t)
	dir := t.TempDir()
	in := filepath.Join(dir, "in")
	if err := os.WriteFile(in, []byte("what came"), 0o600); err != nil {
		t.Fatal(err)
	}
	digest, err := store.Sum(in)
	if err != nil {
		t.Fatal(err)
	}
	for name, now := range map[string]string{"changed": "What came", "shorter": "what"} {
		if err := os.WriteFile(in, []byte(now), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := key.SealFile(in, filepath.Join(dir, name), digest); !errors.Is(err, store.ErrDigest) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func BenchmarkSeal(b *testing.B) {
	_, key := newRing(b)
	in := filepath.Join(b.TempDir(), "in")
	if err := os.WriteFile(in, content(16<<20), 0o600); err != nil {
		b.Fatal(err)
	}
	digest, err := store.Sum(in)
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(digest.Bytes)
	for b.Loop() {
		if _, err := key.SealFile(in, in+".sm4", digest); err != nil {
			b.Fatal(err)
		}
		os.Remove(in + ".sm4")
	}
}

func BenchmarkToken(b *testing.B) {
	_, key := newRing(b)
	tokens, space := key.TokenKey().Tokenizer(), make([]byte, 0, secret.TokenLength)
	for b.Loop() {
		tokens.Append(space, "居民身份证", "350102190001010015")
	}
}
