package sandbox_test

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/emmansun/gmsm/sm2"
	"github.com/emmansun/gmsm/smx509"

	"rongxin/pipelines/publish"
	"rongxin/pipelines/sandbox"
	"rongxin/pipelines/signing"
	"rongxin/pipelines/transport/courier"
	"rongxin/pipelines/transport/drop"
	"rongxin/pipelines/transport/rest"
)

const macKey = "an agreed key, made up"

// agree makes keys and both sides' settings of them.
func agree(t *testing.T, body string) (sandbox.Agreed, signing.Settings) {
	t.Helper()
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	keyPair := func(name string) (private, public string) {
		key, err := sm2.GenerateKey(rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		der, err := smx509.MarshalPKCS8PrivateKey(key)
		if err != nil {
			t.Fatal(err)
		}
		private = file(name+".pem", string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})))
		point := append(key.X.FillBytes(make([]byte, 32)), key.Y.FillBytes(make([]byte, 32))...)
		return private, file(name+".pub", hex.EncodeToString(point))
	}
	ours, ourPublic := keyPair("sender")
	theirs, theirPublic := keyPair("platform")
	mac, seal := file("mac", macKey+"\n"), file("seal", "00112233445566778899aabbccddeeff")
	agreed, err := sandbox.ReadAgreed(file("agreed.yml", fmt.Sprintf(`digest: sm3
mac: hmac-sm3
mac_key_file: %s
signature: sm2
verify_key_file: %s
sign_key_file: %s
body: %s
body_key_file: %s
`, mac, ourPublic, theirs, body, seal)))
	if err != nil {
		t.Fatal(err)
	}
	if shown := fmt.Sprintf("%v %+v %#v %s", agreed, agreed, agreed, agreed); strings.Contains(shown, macKey) || strings.Contains(shown, "0011") {
		t.Errorf("keys show: %s", shown)
	}
	return agreed, signing.Settings{Digest: "sm3", MAC: "hmac-sm3", MACKeyFile: mac, Signature: "sm2", SignKeyFile: ours,
		VerifyKeyFile: theirPublic, Body: body, BodyKeyFile: seal}
}

func open(t *testing.T, s signing.Settings) signing.Provider {
	t.Helper()
	keys, err := signing.Open(s)
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

func TestSignedAndSealed(t *testing.T) {
	for _, body := range []string{"sm4-gcm", "sm4-cbc"} {
		agreed, settings := agree(t, body)
		t.Run("drop "+body, func(t *testing.T) { dropPair(t, drop.Format{}, agreed, settings).reaches(t) })
		t.Run("courier "+body, func(t *testing.T) { courierPair(t, agreed, settings).reaches(t) })
		for _, wrapping := range []string{"aes", "sm4-gcm"} {
			t.Run("rest "+body+" "+wrapping, func(t *testing.T) {
				clock := &hands{noon}
				key := filepath.Join(t.TempDir(), "key")
				if err := os.WriteFile(key, []byte(macKey), 0o600); err != nil {
					t.Fatal(err)
				}
				s := start(t, sandbox.Config{Name: "city_platform", Now: clock.now, Agreed: agreed,
					Key: []byte(macKey), KeyLife: time.Hour, KeyWrapping: wrapping})
				transport, err := rest.New(rest.Config{Settings: rest.Settings{URL: s.url, Requester: "fz", Service: "supervision", KeyFile: key,
					KeyURL: s.url + "/v1/refreshappsecret", Wrapping: wrapping}, Now: clock.now, Keys: open(t, settings)})
				if err != nil {
					t.Fatal(err)
				}
				p := pair{t: t, transport: transport, audit: s.audit,
					step: func(context.Context) (int, error) { clock.at = clock.at.Add(25 * time.Minute); return 0, nil }} // keys end under way
				p.reaches(t)
			})
		}
	}
}

// courierPair carries packages there and back in each step.
func courierPair(t *testing.T, agreed sandbox.Agreed, settings signing.Settings) pair {
	t.Helper()
	p, _, platform := couriers(t, agreed, settings)
	t.Cleanup(func() {
		for name, why := range platform.Unread() {
			t.Errorf("%s: %s", name, why)
		}
	})
	return p
}

// couriers returns the pair, the folder that packages are brought to, and the
// platform.
func couriers(t *testing.T, agreed sandbox.Agreed, settings signing.Settings) (p pair, in string, platform *sandbox.Courier) {
	t.Helper()
	dir := t.TempDir()
	ours, in, answers := filepath.Join(dir, "ours"), filepath.Join(dir, "in"), filepath.Join(dir, "answers")
	if err := os.Mkdir(ours, 0o700); err != nil {
		t.Fatal(err)
	}
	platform, err := sandbox.OpenCourier(sandbox.Config{Dir: dir, Name: "city_platform", Delay: time.Minute, Now: later(noon), Agreed: agreed},
		sandbox.CourierConfig{In: in, Answers: answers})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { platform.Close() })
	round := &rounds{open: func() publish.Transport {
		c, err := courier.New(courier.Config{Settings: courier.Settings{Dir: ours}, Receiver: "city_platform", Source: "350100",
			Keys: open(t, settings), Now: func() time.Time { return noon }, Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
		if err != nil {
			t.Fatal(err)
		}
		return c
	}}
	round.reopen()
	served := at(t, platform)
	p = pair{t: t, transport: round, audit: served.audit, faults: served.faults}
	p.carry = func(t *testing.T) { carry(t, filepath.Join(ours, "out"), in) }
	p.step = func(ctx context.Context) (int, error) {
		if err := round.Close(ctx); err != nil {
			return 0, err
		}
		p.carry(t)
		n, err := platform.Step(ctx)
		carry(t, answers, filepath.Join(ours, "in"))
		round.reopen()
		return n, err
	}
	return p, in, platform
}

// rounds is a transport that is opened anew for each round.
type rounds struct {
	publish.Transport
	open func() publish.Transport
}

func (r *rounds) reopen() { r.Transport = r.open() }

// carry copies packages, as a person with a disk does.
func carry(t *testing.T, from, to string) {
	t.Helper()
	packages, err := filepath.Glob(filepath.Join(from, "*.zip"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range packages {
		text, err := os.ReadFile(path)
		if err == nil {
			err = os.WriteFile(filepath.Join(to, filepath.Base(path)), text, 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}
