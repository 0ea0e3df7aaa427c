package rest

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"slices"
	"syscall"
	"time"
)

// What is wrong with the server that was reached, or with its address.
var (
	errAddress = errors.New("the address is not allowed")
	errPin     = errors.New("the server's public key is none of pins")
)

const connectTimeout = 10 * time.Second

// pool makes connections as the settings allow, and keeps one for each lane.
func (s Settings) pool() (*http.Transport, error) {
	dialer, err := s.dialer()
	if err != nil {
		return nil, err
	}
	secure, err := s.tls()
	if err != nil {
		return nil, err
	}
	t := &http.Transport{
		DialContext:            dialer.DialContext,
		TLSClientConfig:        secure,
		TLSHandshakeTimeout:    connectTimeout,
		ForceAttemptHTTP2:      true,
		MaxIdleConns:           256,
		MaxIdleConnsPerHost:    256,
		IdleConnTimeout:        90 * time.Second,
		MaxResponseHeaderBytes: 64 << 10,
	}
	if s.Proxy != "" {
		proxy, err := url.Parse(s.Proxy)
		if err != nil {
			return nil, fmt.Errorf("proxy: %w", err)
		}
		t.Proxy = http.ProxyURL(proxy)
	}
	return t, nil
}

// dialer connects to allowed addresses only.
func (s Settings) dialer() (*net.Dialer, error) {
	allowed, err := s.allowed()
	return &net.Dialer{Timeout: connectTimeout, ControlContext: allowed.control}, err
}

// tls demands the server's name on a certificate that an authority vouches for,
// and one of the pinned keys where there are any.
func (s Settings) tls() (*tls.Config, error) {
	c := &tls.Config{MinVersion: tls.VersionTLS12}
	if s.CAFile != "" {
		text, err := os.ReadFile(s.CAFile)
		if err != nil {
			return nil, fmt.Errorf("ca_file: %w", err)
		}
		if c.RootCAs = x509.NewCertPool(); !c.RootCAs.AppendCertsFromPEM(text) {
			return nil, fmt.Errorf("ca_file: %s holds no certificate in PEM", s.CAFile)
		}
	}
	if len(s.Pins) > 0 {
		c.VerifyConnection = func(state tls.ConnectionState) error {
			sum := sha256.Sum256(state.PeerCertificates[0].RawSubjectPublicKeyInfo)
			if pin := base64.StdEncoding.EncodeToString(sum[:]); !slices.Contains(s.Pins, pin) {
				return fmt.Errorf("%w: it has %s", errPin, pin)
			}
			return nil
		}
	}
	return c, nil
}

// allowed are the addresses that may be connected to besides public ones: those
// that stand in the settings themselves, and networks.
type allowed struct {
	addresses []netip.Addr
	networks  []netip.Prefix
}

func (s Settings) allowed() (allowed, error) {
	var a allowed
	for _, text := range []string{s.URL, s.KeyURL, s.Proxy} {
		u, err := url.Parse(text)
		if err != nil {
			return a, err
		}
		if address, err := netip.ParseAddr(u.Hostname()); err == nil {
			a.addresses = append(a.addresses, address.Unmap())
		}
	}
	for _, text := range s.Networks {
		network, err := netip.ParsePrefix(text)
		if err != nil {
			return a, fmt.Errorf("networks: %w", err)
		}
		a.networks = append(a.networks, network)
	}
	return a, nil
}

// control looks at an address when it is about to be connected to, after a name
// was resolved, so that an answer of DNS that changes is looked at too.
func (a allowed) control(_ context.Context, _, address string, _ syscall.RawConn) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("%w: %w", errAddress, err)
	}
	ip := at.Addr().Unmap().WithZone("")
	if slices.Contains(a.addresses, ip) || slices.ContainsFunc(a.networks, func(n netip.Prefix) bool { return n.Contains(ip) }) || isPublic(ip) {
		return nil
	}
	return fmt.Errorf("%w: the host name stands for %s, which is neither public nor within networks", errAddress, ip)
}

// special are blocks that are no addresses of single public hosts, or stand for
// another address (IANA special-purpose registries), besides those that netip
// knows.
var special = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("192.0.0.0/24"),
	netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("192.88.99.0/24"), netip.MustParsePrefix("198.18.0.0/15"),
	netip.MustParsePrefix("198.51.100.0/24"), netip.MustParsePrefix("203.0.113.0/24"), netip.MustParsePrefix("240.0.0.0/4"),
	netip.MustParsePrefix("::/96"), netip.MustParsePrefix("64:ff9b::/96"), netip.MustParsePrefix("64:ff9b:1::/48"), netip.MustParsePrefix("100::/64"),
	netip.MustParsePrefix("2001::/23"), netip.MustParsePrefix("2001:db8::/32"), netip.MustParsePrefix("2002::/16"), netip.MustParsePrefix("fec0::/10"),
}

func isPublic(ip netip.Addr) bool {
	return ip.IsGlobalUnicast() && !ip.IsPrivate() && !slices.ContainsFunc(special, func(n netip.Prefix) bool { return n.Contains(ip) })
}
