package database

import (
	"context"
	"database/sql/driver"
	"errors"
	"io"
	"net"
	"net/url"
	"slices"
	"strings"
)

// secrets are the texts that no message may hold, the longest first.
func secrets(dsn, password string) []string {
	list := []string{dsn}
	if password != "" {
		list = append(list, url.QueryEscape(password), url.PathEscape(password), password)
	}
	slices.SortStableFunc(list, func(a, b string) int { return len(b) - len(a) })
	return list
}

// redact takes the secrets out of a message.
func redact(text string, secrets []string) string {
	for _, secret := range secrets {
		text = strings.ReplaceAll(text, secret, "***")
	}
	return strings.Join(strings.Fields(text), " ") // drivers write several lines
}

// isConnection reports an error of the way to the server, or of a server that
// went away or took too long.
func isConnection(err error) bool {
	var network net.Error
	return errors.As(err, &network) || errors.Is(err, driver.ErrBadConn) || errors.Is(err, io.EOF) ||
		errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, net.ErrClosed)
}
