// Package airflow asks an Airflow 3 server over its REST API v2: start a DAG run
// for a day, wait for it, read its tasks, logs and results, start a backfill. The
// types are Airflow's own, see airflowapi; the transport is here: a token that is
// fetched and renewed, requests that are repeated only when a repeat does no harm,
// and errors that say what the server said.
package airflow

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

// Config is where the server is and who asks.
type Config struct {
	URL      string // such as http://airflow.example:8080
	User     string
	Password string
	HTTP     *http.Client                               // http.DefaultClient when nil
	Attempts int                                        // at a request that may be repeated; at least 1
	Sleep    func(context.Context, time.Duration) error // passes the time between attempts
}

// A Client asks one server. It may be used by several goroutines.
type Client struct {
	cfg  Config
	base *url.URL

	mu    sync.Mutex
	token string
}

// New checks the settings; nothing is asked yet.
func New(cfg Config) (*Client, error) {
	base, err := url.Parse(strings.TrimSuffix(cfg.URL, "/"))
	if err != nil || base.Scheme != "http" && base.Scheme != "https" || base.Host == "" {
		return nil, fmt.Errorf("the address of Airflow %q is not like http://host:8080", cfg.URL)
	}
	if cfg.HTTP == nil {
		cfg.HTTP = http.DefaultClient
	}
	return &Client{cfg: cfg, base: base}, nil
}

// A request is one call of an operation.
type request struct {
	method, path string
	query        url.Values
	body         any
	repeat       bool // a repeat does no harm
}

const apiPath = "/api/v2"

// limit bounds what is read of one answer.
const limit = 64 << 20

// do sends a request and decodes its answer into out. A token that has expired is
// renewed once; a server that is away is asked again where a repeat does no harm.
func (c *Client) do(ctx context.Context, r request, out any) error {
	for attempt, wait := 1, 250*time.Millisecond; ; attempt, wait = attempt+1, wait*2 {
		err := c.authorised(ctx, r, out)
		if !r.repeat || attempt >= c.cfg.Attempts || !errors.Is(err, ErrTemporary) || ctx.Err() != nil {
			return err
		}
		if err := c.cfg.Sleep(ctx, wait); err != nil {
			return err
		}
	}
}

func (c *Client) authorised(ctx context.Context, r request, out any) error {
	token, err := c.signIn(ctx, "")
	if err != nil {
		return err
	}
	err = c.send(ctx, r, apiPath, token, out)
	if said := new(Error); errors.As(err, &said) && said.Status == http.StatusUnauthorized {
		if token, err = c.signIn(ctx, token); err != nil {
			return err
		}
		err = c.send(ctx, r, apiPath, token, out)
	}
	return err
}

// signIn returns the token at hand, or a new one when that at hand is expired.
func (c *Client) signIn(ctx context.Context, expired string) (string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.token != expired {
		return c.token, nil
	}
	var answer struct {
		Token string `json:"access_token"`
	}
	login := request{method: http.MethodPost, path: "/auth/token", body: map[string]string{"username": c.cfg.User, "password": c.cfg.Password}}
	if err := c.send(ctx, login, "", "", &answer); err != nil {
		return "", fmt.Errorf("sign in to Airflow as %q: %w", c.cfg.User, err)
	}
	if answer.Token == "" {
		return "", fmt.Errorf("sign in to Airflow as %q: the answer holds no token", c.cfg.User)
	}
	c.token = answer.Token
	return c.token, nil
}

// send makes one request.
func (c *Client) send(ctx context.Context, r request, prefix, token string, out any) error {
	var body io.Reader
	if r.body != nil {
		data, err := json.Marshal(r.body)
		if err != nil {
			return err
		}
		body = bytes.NewReader(data)
	}
	address := c.base.String() + prefix + r.path
	if len(r.query) > 0 {
		address += "?" + r.query.Encode()
	}
	req, err := http.NewRequestWithContext(ctx, r.method, address, body)
	if err != nil {
		return err
	}
	req.Header.Set("Accept", "application/json")
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	answer, err := c.cfg.HTTP.Do(req)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrTemporary, err)
	}
	defer answer.Body.Close()
	data, err := io.ReadAll(io.LimitReader(answer.Body, limit))
	if err != nil {
		return fmt.Errorf("%w: %s %s: %w", ErrTemporary, r.method, r.path, err)
	}
	if answer.StatusCode/100 != 2 {
		return failure(r, answer.StatusCode, data)
	}
	if out == nil {
		return nil
	}
	if err := json.Unmarshal(data, out); err != nil {
		return fmt.Errorf("%s %s: the answer is not what Airflow's interface says: %w", r.method, r.path, err)
	}
	return nil
}
