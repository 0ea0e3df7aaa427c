package rest_test

import (
	"crypto/aes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"rongxin/pipelines/publish"
	"rongxin/pipelines/transport/rest"
)

var noon = time.Date(2026, 6, 30, 4, 0, 0, 0, time.UTC)

// clock is a time that a test moves.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

var message = publish.Message{Receiver: "city", Key: strings.Repeat("ab", 32), Number: "2026063000001", Source: "350100", Table: "penalties", Epoch: 7,
	AsOf: noon, Target: publish.Holdings{Count: 3, Digest: strings.Repeat("0", 64)}, Rows: []publish.MessageRow{{Operation: "I", Key: "a"}},
	Body: []byte(`{"batch": "2026063000001", "rows": ["榕信"]}` + "\n")}

const receipt = `{"receipt_id": "r1", "batch": "2026063000001", "accepted": 1, "rejected": []}`

func open(t *testing.T, c rest.Config) *rest.Transport {
	t.Helper()
	if c.Now == nil {
		c.Now = time.Now
	}
	transport, err := rest.New(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { transport.Close(t.Context()) })
	return transport
}

func serve(t *testing.T, handler http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server.URL
}

// file writes a file that only its owner may read.
func file(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// A platform signs people in as the national sharing platform does, and hands out
// keys that end.
type platform struct {
	t            *testing.T
	url          string
	clock        *clock
	life         time.Duration // of a key
	mu           sync.Mutex
	current      string // the only key that is taken; "" takes none
	fetched      int    // keys handed out
	under        int    // requests for keys under way at once
	most         int
	batches      int
	unauthorised int
	answer       http.HandlerFunc // of the refresh endpoint instead of a key; nil hands one out
}

const application = "an application key, made up"

func newPlatform(t *testing.T) *platform {
	p := &platform{t: t, clock: &clock{at: noon}, life: time.Hour}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /sys/refreshappsecret", p.refresh)
	mux.HandleFunc("POST /api/v1/batches", p.take)
	mux.HandleFunc("GET /api/healthz", func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "ok") })
	mux.HandleFunc("GET /api/v1/notices", func(w http.ResponseWriter, r *http.Request) {
		if p.signed(w, r) {
			io.WriteString(w, `{"notices": [], "next": "0", "more": false}`)
		}
	})
	p.url = serve(t, mux.ServeHTTP)
	return p
}

func (p *platform) config() rest.Config {
	return rest.Config{Now: p.clock.now, Settings: rest.Settings{URL: p.url + "/api", KeyURL: p.url + "/sys/refreshappsecret",
		Requester: "rid-1", Service: "sid-1", KeyFile: file(p.t, application+"\n")}}
}

// fits checks the four values of a signature.
func (p *platform) fits(key string, value func(string) string) bool {
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte(value("gjgxjhpt_sid") + value("gjgxjhpt_rid") + value("gjgxjhpt_rtime")))
	return key != "" && value("gjgxjhpt_sign") == base64.StdEncoding.EncodeToString(mac.Sum(nil)) &&
		value("gjgxjhpt_rtime") == fmt.Sprint(p.clock.now().UnixMilli()) && value("gjgxjhpt_rid") == "rid-1"
}

func (p *platform) signed(w http.ResponseWriter, r *http.Request) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.fits(p.current, r.Header.Get) {
		p.unauthorised++
		w.WriteHeader(http.StatusUnauthorized)
		io.WriteString(w, `{"code": "SIGNATURE", "message": "密钥已过期"}`)
		return false
	}
	return true
}

func (p *platform) refresh(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	p.under++
	p.most = max(p.most, p.under)
	answer := p.answer
	p.mu.Unlock()
	time.Sleep(20 * time.Millisecond)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.under--
	if answer != nil {
		answer(w, r)
		return
	}
	var body map[string]string
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
		p.t.Error(err)
	}
	if !p.fits(application, func(name string) string { return body[name] }) || !p.fits(application, r.Header.Get) {
		io.WriteString(w, `{"code": "E-106", "message": "请求不存在于授权列表中", "data": ""}`)
		return
	}
	p.fetched++
	p.current = fmt.Sprintf("short-lived key %04d, made up", p.fetched)
	fmt.Fprintf(w, `{"code": "0", "message": "", "data": {"secret": %q, "secretEndTime": "%d"}}`, wrapped(p.current), p.clock.now().Add(p.life).UnixMilli())
}

func (p *platform) take(w http.ResponseWriter, r *http.Request) {
	if p.signed(w, r) {
		p.mu.Lock()
		p.batches++
		p.mu.Unlock()
		io.WriteString(w, receipt)
	}
}

func (p *platform) set(change func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	change()
}

// wrapped encrypts a key as the national sharing platform does.
func wrapped(key string) string {
	once := sha1.Sum([]byte(application))
	twice := sha1.Sum(once[:])
	block, err := aes.NewCipher(twice[:16])
	if err != nil {
		panic(err)
	}
	n := 16 - len(key)%16
	text := []byte(key + strings.Repeat(string(rune(n)), n))
	for at := 0; at < len(text); at += 16 {
		block.Encrypt(text[at:], text[at:])
	}
	return base64.StdEncoding.EncodeToString(text)
}

// A secureServer has a certificate of its own authority.
type secureServer struct {
	url, caFile, pin string
	asked            int
}

func newSecureServer(t *testing.T, names ...string) *secureServer {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	certificate := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "platform"}, NotBefore: time.Now().Add(-time.Hour),
		NotAfter: time.Now().Add(time.Hour), DNSNames: names, IPAddresses: []net.IP{net.ParseIP("127.0.0.1")}, IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, certificate, certificate, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	s := &secureServer{}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.asked++
		io.WriteString(w, receipt)
	}))
	server.Config.ErrorLog = nil
	server.TLS = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
	server.StartTLS()
	t.Cleanup(server.Close)
	s.url = server.URL
	s.caFile = file(t, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})))
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(parsed.RawSubjectPublicKeyInfo)
	s.pin = base64.StdEncoding.EncodeToString(sum[:])
	return s
}
