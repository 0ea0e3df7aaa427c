package sandbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
)

// Sandbox is the platform behind its HTTP interface. It is an [http.Handler] and
// safe for concurrent use. The caller serves it and closes it after the server.
type Sandbox struct {
	*platform
	mux  *http.ServeMux
	keys keys
}

// New opens the platform's file in Dir; what an earlier sandbox took is there.
func New(c Config) (*Sandbox, error) {
	p, err := openPlatform(c)
	if err != nil {
		return nil, fmt.Errorf("sandbox: %w", err)
	}
	s := &Sandbox{platform: p, mux: http.NewServeMux()}
	for pattern, handler := range map[string]http.HandlerFunc{
		"POST /v1/batches":       s.postBatch,
		"GET /v1/notices":        s.getNotices,
		"GET /v1/state":          s.getState,
		"GET /v1/records":        s.getRecords,
		"GET /v1/receipts/{key}": s.getReceipt,
	} {
		s.mux.HandleFunc(pattern, s.signed(handler))
	}
	if c.KeyLife > 0 {
		s.mux.HandleFunc("POST /v1/refreshappsecret", s.postKey)
	}
	return s, nil
}

// Close releases the file.
func (s *Sandbox) Close() error { return s.db.Close() }

// ServeHTTP answers one request, or fails it as the faults in force say.
func (s *Sandbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/healthz", "/v1/faults", "/v1/audit", "/v1/history":
		s.control(w, r)
	default:
		s.trouble.serve(w, r, s.mux)
	}
}

func (s *Sandbox) postBatch(w http.ResponseWriter, r *http.Request) {
	ctx := context.WithoutCancel(r.Context()) // once the batch is here it is taken, whether or not the sender waits
	var epoch int64
	var err error
	if token := r.Header.Get("Fencing-Token"); token != "" {
		if epoch, err = strconv.ParseInt(token, 10, 64); err != nil || epoch < 0 {
			reply(w, nil, refuse(http.StatusBadRequest, "FENCING_TOKEN", "Fencing-Token %q 应为整数", token))
			return
		}
	}
	var h handed
	var answer json.RawMessage
	if err = s.replaced(ctx, epoch); err == nil {
		h, err = s.readBatch(r, epoch)
	}
	if err == nil {
		isLost, _ := r.Context().Value(lost{}).(bool)
		answer, err = s.take(ctx, h, isLost)
	}
	reply(w, answer, err)
}

// readBatch reads the request; what it refuses is no batch at all.
func (s *Sandbox) readBatch(r *http.Request, epoch int64) (handed, error) {
	bad := func(code, format string, args ...any) (handed, error) {
		return handed{}, refuse(http.StatusBadRequest, code, format, args...)
	}
	body, err := io.ReadAll(r.Body)
	switch {
	case err != nil:
		return bad("BODY", "%v", err)
	case len(body) > maxBody:
		return handed{}, refuse(http.StatusRequestEntityTooLarge, "TOO_LARGE", "超过 %d 字节", maxBody)
	case !isJSON(r.Header.Get("Content-Type")):
		return handed{}, refuse(http.StatusUnsupportedMediaType, "CONTENT_TYPE", "Content-Type 应为 application/json")
	}
	if body, err = s.cfg.Agreed.open(r, body); err != nil {
		return handed{}, err
	}
	if err := s.fence(r.Context(), epoch); err != nil {
		return handed{}, err
	}
	key := r.Header.Get("Idempotency-Key")
	if s.cfg.Name != "" && key != digest(s.cfg.Name+"\n"+string(body)) {
		return bad("IDEMPOTENCY_KEY", "Idempotency-Key 应为平台名称 %s、换行、批次的 SHA-256", s.cfg.Name)
	}
	b, err := parse(body)
	if errors.Is(err, errEncoding) {
		return bad("ENCODING", "%v", err)
	}
	if err != nil {
		return bad("MALFORMED", "%v", err)
	}
	b.epoch, b.target = epoch, r.Header.Get("State-Target")
	return handed{key, digest(string(body)), b}, nil
}

// isJSON lets a request without a type pass.
func isJSON(contentType string) bool {
	kind, _, _ := strings.Cut(contentType, ";")
	return kind == "" || strings.EqualFold(strings.TrimSpace(kind), "application/json")
}

func (s *Sandbox) getState(w http.ResponseWriter, r *http.Request) {
	t, err := s.table(r.FormValue("table"))
	var answer state
	if err == nil {
		answer, err = s.state(r.Context(), t, keyRange{r.FormValue("after"), r.FormValue("upto")})
	}
	reply(w, answer, err)
}

func (s *Sandbox) getRecords(w http.ResponseWriter, r *http.Request) {
	t, err := s.table(r.FormValue("table"))
	limit, limitErr := limitOf(r)
	var answer page
	if err = errors.Join(err, limitErr); err == nil {
		answer, err = s.records(r.Context(), t, r.FormValue("after"), limit)
	}
	reply(w, answer, err)
}

func (s *Sandbox) getNotices(w http.ResponseWriter, r *http.Request) {
	limit, err := limitOf(r)
	after := 0
	if text := r.FormValue("after"); text != "" && err == nil {
		if after, err = strconv.Atoi(text); err != nil || after < 0 {
			err = refuse(http.StatusBadRequest, "AFTER", "after %q 应为上次应答中的 next", text)
		}
	}
	var answer notices
	if err == nil {
		answer, err = s.noticesAfter(r.Context(), after, limit)
	}
	reply(w, answer, err)
}

func limitOf(r *http.Request) (int, error) {
	text := r.FormValue("limit")
	if text == "" {
		return maxPage, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > maxPage {
		return 0, refuse(http.StatusBadRequest, "LIMIT", "limit %q 应为 1 至 %d", text, maxPage)
	}
	return n, nil
}

func (s *Sandbox) getReceipt(w http.ResponseWriter, r *http.Request) {
	answer, err := s.receiptOf(r.Context(), r.PathValue("key"))
	reply(w, answer, err)
}
