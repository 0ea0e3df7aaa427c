package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"rongxin/pipelines/sandbox"
	"rongxin/warehouse/store"
)

func (a *app) sandboxCmd() *cobra.Command {
	var listen, dir, faults, keyFile, addressFile string
	cmd := &cobra.Command{
		Use:   "sandbox",
		Short: "Play the receiving platform: take batches, validate them, answer receipts, fail on request",
		Long: `A stand-in for the platform, with its validation, receipts and state, kept in
DIR. --faults makes it fail the way real platforms do, such as
"refuse=10%,timeout_after_taking=5%,cut=5%"; it can be changed while it runs
with PUT /v1/faults. It serves until it is interrupted.`,
		Example: "  rongxin sandbox --listen 127.0.0.1:8085 --dir sandbox-state",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			parsed, err := sandbox.ParseFaults(faults)
			if err != nil {
				return fmt.Errorf("%w: --faults: %w", errUsage, err)
			}
			cfg := sandbox.Config{Dir: dir, Faults: parsed, Now: a.now}
			if keyFile != "" {
				key, err := os.ReadFile(keyFile)
				if err != nil {
					return fmt.Errorf("%w: %w", errConfig, err)
				}
				cfg.Key = []byte(strings.TrimSpace(string(key)))
			}
			platform, err := sandbox.New(cfg)
			if err != nil {
				return err
			}
			return errors.Join(a.serveHTTP(cmd.Context(), platform, listen, addressFile, "sandbox"), platform.Close())
		},
	}
	f := cmd.Flags()
	f.StringVar(&listen, "listen", "127.0.0.1:8085", "address to serve on; port 0 picks a free one")
	f.StringVar(&dir, "dir", "sandbox-state", "where the platform keeps what it got")
	f.StringVar(&faults, "faults", "", "failures to make, such as refuse=10%,cut=5%")
	f.StringVar(&keyFile, "key-file", "", "demand requests signed with this key")
	f.StringVar(&addressFile, "address-file", "", "write the address here once serving")
	return cmd
}

// serveHTTP serves until the context ends, then lets requests finish.
func (a *app) serveHTTP(ctx context.Context, handler http.Handler, listen, addressFile, what string) error {
	listener, err := net.Listen("tcp", listen)
	if err != nil {
		return err
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
