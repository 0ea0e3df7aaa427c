// Command rongxin lands what departments send, judges every enterprise by
// published rules, draws up supervision lists and delivers them. One file here
// is one verb: its flags and its wiring, no logic.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := Run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}
