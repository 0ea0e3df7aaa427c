package sandbox

import (
	"io"
	"net/http"
)

// control answers what is no part of any interface: the failures in force, and
// what happened so far.
func (p *platform) control(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/healthz":
		err := p.db.PingContext(r.Context())
		if p.trouble.isDown() {
			err = p.trouble.down(w)
		}
		reply(w, map[string]string{"status": "up"}, err)
	case "/v1/faults":
		err := p.putFaults(r)
		reply(w, map[string]string{"faults": p.trouble.inForce().String()}, err)
	case "/v1/audit":
		answer, err := p.audit(r.Context())
		reply(w, answer, err)
	case "/v1/history":
		t, err := p.table(r.FormValue("table"))
		var answer []effect
		if err == nil {
			answer, err = p.history(r.Context(), t, r.FormValue("key"))
		}
		reply(w, answer, err)
	default:
		reply(w, nil, refuse(http.StatusNotFound, "PATH", "没有这个地址"))
	}
}

// putFaults changes the failures in force.
func (p *platform) putFaults(r *http.Request) error {
	if r.Method != http.MethodPut {
		return nil
	}
	text, err := io.ReadAll(io.LimitReader(r.Body, 4096))
	if err != nil {
		return err
	}
	f, err := ParseFaults(string(text))
	if err == nil && f.Outage > 0 && p.cfg.Now == nil {
		err = errNoClock
	}
	if err != nil {
		return refuse(http.StatusBadRequest, "FAULTS", "%v", err)
	}
	p.trouble.set(f)
	return nil
}
