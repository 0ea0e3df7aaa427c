package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"rongxin/internal/metrics"
	"rongxin/pipelines/sandbox"
	"rongxin/warehouse/secret"
	"rongxin/warehouse/store"
)

// sandboxFlags are those of the verb that are read before the platform opens.
type sandboxFlags struct {
	as, faults, keyFile, agreed string
	listen, addressFile         string
	driver, dsnFile, schema     string
	out, back                   string
	every                       time.Duration
	once, describe              bool
}

func (a *app) sandboxCmd() *cobra.Command {
	var f sandboxFlags
	cfg := sandbox.Config{Now: a.now}
	cmd := &cobra.Command{
		Use:   "sandbox",
		Short: "Play the receiving platform: take batches, validate them, answer receipts, fail on request",
		Long: `A stand-in for the platform, with its validation, receipts and state, kept in
--dir. docs/platform.md is its interface, as a platform's engineer reads it.

  --as rest       the platform's HTTP interface, on --listen
  --as exchange   looks into a front-end exchange database, of --driver and --dsn-file
  --as drop       watches the folder --out and answers into the folder --return
  --as courier    takes packages from --out and seals answers into --return

Whatever it plays, it answers /v1/audit, /v1/history, /v1/faults, /healthz and
/metrics on --listen. --faults makes it fail the way real platforms do, such as
"refuse=10%,timeout_after_taking=5%,cut=5%"; it can be changed while it runs
with PUT /v1/faults. It serves until it is interrupted, or with --once until
nothing is left to take.`,
		Example: `  rongxin sandbox --listen 127.0.0.1:8085 --dir sandbox-state
  rongxin sandbox --as drop --name city_platform --out out --return return --once`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if f.describe {
				page, err := sandbox.Describe()
				fmt.Fprint(a.out, page)
				return err
			}
			platform, err := openSandbox(cmd.Context(), cfg, f)
			if err != nil {
				return err
			}
			return errors.Join(a.playPlatform(cmd.Context(), platform, f), platform.Close())
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&f.as, "as", "rest", "rest, exchange, drop or courier")
	flags.StringVar(&cfg.Dir, "dir", "sandbox-state", "where the platform keeps what it got")
	flags.StringVar(&cfg.Name, "name", "", "the sender's name of the platform, as agreed; wanted by drop and courier")
	flags.StringVar(&f.faults, "faults", "", "failures to make, such as refuse=10%,cut=5%")
	flags.DurationVar(&cfg.Delay, "verdicts-after", 0, "time from the receipt of a batch to the verdicts of its records")
	flags.StringVar(&f.listen, "listen", "127.0.0.1:8085", "address to serve on; port 0 picks a free one")
	flags.StringVar(&f.addressFile, "address-file", "", "write the address here once serving")
	flags.StringVar(&f.keyFile, "key-file", "", "rest: demand requests signed with this key")
	flags.DurationVar(&cfg.KeyLife, "key-life", 0, "rest: the key is the application's; hand out keys that live so long at /v1/refreshappsecret")
	flags.StringVar(&cfg.KeyWrapping, "key-wrapping", "aes", "rest: how those are encrypted, aes or sm4-gcm")
	flags.StringVar(&f.agreed, "agreed", "", "file of the digests, codes, signatures and seals agreed; see docs/platform.md")
	flags.StringVar(&f.driver, "driver", "postgres", "exchange: postgres or mysql")
	flags.StringVar(&f.dsnFile, "dsn-file", "", "exchange: file with the data source name")
	flags.StringVar(&f.schema, "schema", "", "exchange: schema of the tables")
	flags.StringVar(&f.out, "out", "", "drop, courier: folder that the sender writes")
	flags.StringVar(&f.back, "return", "", "drop, courier: folder that the platform writes")
	flags.DurationVar(&f.every, "every", 500*time.Millisecond, "exchange, drop, courier: how often to look")
	flags.BoolVar(&f.once, "once", false, "exchange, drop, courier: end when nothing is left to take")
	flags.BoolVar(&f.describe, "describe", false, "print the tables and codes of the platform, docs/platform-tables.md, and end")
	return cmd
}

// platform is a sandbox of any kind.
type platform interface {
	http.Handler
	io.Closer
}

// looker is a platform that has to look for what was handed over.
type looker interface {
	Step(context.Context) (dealtWith int, err error)
}

// openSandbox opens the platform that the flags ask for. Its errors wrap
// errUsage or errConfig where those are at fault.
func openSandbox(ctx context.Context, cfg sandbox.Config, f sandboxFlags) (p platform, err error) {
	if cfg.Faults, err = sandbox.ParseFaults(f.faults); err != nil {
		return nil, fmt.Errorf("%w: --faults: %w", errUsage, err)
	}
	if f.keyFile != "" {
		if cfg.Key, err = secret.ReadFile(f.keyFile, 4096); err != nil {
			return nil, fmt.Errorf("%w: --key-file: %w", errConfig, err)
		}
	}
	if f.agreed != "" {
		if cfg.Agreed, err = sandbox.ReadAgreed(f.agreed); err != nil {
			return nil, fmt.Errorf("%w: --agreed: %w", errConfig, err)
		}
	}
	needs := map[string][]string{"exchange": {"dsn-file", f.dsnFile}, "drop": {"out", f.out, "return", f.back, "name", cfg.Name},
		"courier": {"out", f.out, "return", f.back, "name", cfg.Name, "agreed", f.agreed}}[f.as]
	for i := 0; i < len(needs); i += 2 {
		if needs[i+1] == "" {
			return nil, fmt.Errorf("%w: --as %s wants --%s", errUsage, f.as, needs[i])
		}
	}
	switch f.as {
	case "rest":
		p, err = sandbox.New(cfg)
	case "exchange":
		var dsn []byte
		if dsn, err = secret.ReadFile(f.dsnFile, 4096); err == nil {
			p, err = sandbox.OpenExchange(ctx, cfg, sandbox.ExchangeConfig{Driver: f.driver, DSN: string(dsn), Schema: f.schema})
		}
	case "drop":
		p, err = sandbox.OpenDrop(cfg, sandbox.DropConfig{Out: f.out, Return: f.back})
	case "courier":
		p, err = sandbox.OpenCourier(cfg, sandbox.CourierConfig{In: f.out, Answers: f.back})
	default:
		return nil, fmt.Errorf("%w: --as %s: want rest, exchange, drop or courier", errUsage, f.as)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errConfig, err)
	}
	return p, nil
}

// playPlatform serves the platform and lets it look, until the context ends or
// the one look that was asked for is done.
func (a *app) playPlatform(ctx context.Context, p platform, f sandboxFlags) error {
	looks, ok := p.(looker)
	if f.once {
		if !ok {
			return fmt.Errorf("%w: --once: a platform that is asked over HTTP has nothing to look for", errUsage)
		}
		return look(ctx, looks)
	}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return a.serveHTTP(ctx, a.watched(p, f.as), f.listen, f.addressFile, "sandbox") })
	if ok {
		group.Go(func() error {
			ticker := time.NewTicker(max(f.every, time.Millisecond))
			defer ticker.Stop()
			for {
				if err := look(ctx, looks); err != nil && ctx.Err() == nil {
					fmt.Fprintf(a.err, "sandbox: %v\n", err) // a database that is started again is found again
				}
				select {
				case <-ctx.Done():
					return nil
				case <-ticker.C:
				}
			}
		})
	}
	return group.Wait()
}

// platformPaths are the paths that requests are counted by; every other is other.
var platformPaths = []string{"/v1/batches", "/v1/notices", "/v1/state", "/v1/records", "/v1/receipts/{key}", "/v1/refreshappsecret",
	"/v1/audit", "/v1/history", "/v1/faults", "/healthz"}

// watched is a platform whose requests are counted, with its metrics beside it.
func (a *app) watched(p http.Handler, as string) http.Handler {
	requests, serving := metrics.NewCounter(metrics.SandboxRequests), metrics.NewGauge(metrics.SandboxServing)
	serving.WithLabelValues(as).Set(1)
	counted := func(path string) http.Handler {
		return promhttp.InstrumentHandlerCounter(requests.MustCurryWith(prometheus.Labels{"path": path}), p)
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", a.metricsHandler(requests, serving))
	mux.Handle("/", counted("other"))
	for _, path := range platformPaths {
		mux.Handle(path, counted(path))
	}
	return mux
}

// look looks until nothing is left.
func look(ctx context.Context, l looker) error {
	for {
		if n, err := l.Step(ctx); err != nil || n == 0 {
			return err
		}
	}
}

// serveHTTP serves until the context ends, then lets requests finish.
func (a *app) serveHTTP(ctx context.Context, handler http.Handler, listen, addressFile, what string) error {
	listener, err := net.Listen("tcp", listen)
	if err != nil {
		return fmt.Errorf("%w: --listen: %w: choose another address; port 0 picks a free one", errConfig, err)
	}
	address := "http://" + listener.Addr().String()
	if addressFile != "" {
		write := func(w io.Writer) error { _, err := io.WriteString(w, address+"\n"); return err }
		if err := store.Write(addressFile, 0o644, write); err != nil {
			return errors.Join(err, listener.Close())
		}
	}
	fmt.Fprintf(a.err, "%s: serving on %s\n", what, address)
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	done := make(chan error, 1)
	go func() {
		<-ctx.Done()
		limit, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		done <- server.Shutdown(limit)
	}()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return <-done
}
