package rest

import (
	"context"
	"encoding/binary"
	"errors"
	"net"
	"sync/atomic"
	"testing"
)

// DNS may say something else each time; the address that is about to be connected
// to is looked at.
func TestAddresses(t *testing.T) {
	a, err := Settings{URL: "https://platform.example", KeyURL: "http://10.1.2.3:8181/key", Networks: []string{"10.20.0.0/16", "fd00:1::/64"}}.allowed()
	if err != nil {
		t.Fatal(err)
	}
	for address, want := range map[string]bool{
		"110.80.1.2:443": true, "[240e:1::1]:443": true, "10.1.2.3:8181": true, "10.20.255.1:443": true, "[fd00:1::5]:443": true, "[::ffff:10.20.0.1]:443": true,
		"10.1.2.4:443": false, "10.21.0.1:443": false, "127.0.0.1:443": false, "[::1]:443": false, "192.168.1.1:443": false, "172.16.0.1:443": false,
		"169.254.169.254:80": false, "[fe80::1%25eth0]:443": false, "0.0.0.0:443": false, "[::]:443": false, "100.64.0.1:443": false, "224.0.0.1:443": false,
		"255.255.255.255:443": false, "[::ffff:127.0.0.1]:443": false, "[64:ff9b::a00:1]:443": false, "[fd00:2::1]:443": false, "[2002:7f00:1::]:443": false,
		"198.18.0.1:443": false, "203.0.113.1:443": false, "platform.example:443": false,
	} {
		if err := a.control(context.Background(), "tcp", address, nil); (err == nil) != want || err != nil && !errors.Is(err, errAddress) {
			t.Errorf("%s: %v", address, err)
		}
	}
}

// A name is looked at each time: first it stands for an address that is allowed,
// then for one that is not, where somebody listens too.
func TestAnswersOfDNSThatChange(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	_, port, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	d, err := Settings{URL: "https://platform.example", Networks: []string{"127.0.0.1/32"}}.dialer()
	if err != nil {
		t.Fatal(err)
	}
	var last atomic.Uint32 // byte of the address that the name stands for
	d.Resolver = resolver(t, &last)
	for _, tt := range []struct {
		last    uint32
		refused bool
	}{{1, false}, {2, true}, {1, false}} {
		last.Store(tt.last)
		conn, err := d.DialContext(t.Context(), "tcp", net.JoinHostPort("platform.example", port))
		if errors.Is(err, errAddress) != tt.refused || err != nil && !tt.refused {
			t.Errorf("127.0.0.%d: %v", tt.last, err)
		}
		if conn != nil {
			conn.Close()
		}
	}
}

// resolver asks a server of DNS that says 127.0.0.n of every name.
func resolver(t *testing.T, last *atomic.Uint32) *net.Resolver {
	server, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Close() })
	go func() {
		for query := make([]byte, 1024); ; {
			n, from, err := server.ReadFrom(query)
			if err != nil {
				return
			}
			if _, err := server.WriteTo(reply(query[:n], byte(last.Load())), from); err != nil {
				return
			}
		}
	}()
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "udp", server.LocalAddr().String())
	}}
}

// reply answers a question of type A with one address, and others with none
// (RFC 1035, section 4.1).
func reply(query []byte, last byte) []byte {
	const head = 12
	end := head
	for query[end] != 0 {
		end += int(query[end]) + 1
	}
	question := query[head : end+5]
	answer := append([]byte{query[0], query[1], 0x81, 0x80, 0, 1, 0, 0, 0, 0, 0, 0}, question...)
	if binary.BigEndian.Uint16(query[end+1:]) == 1 {
		answer[7] = 1
		answer = append(answer, 0xc0, head, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4, 127, 0, 0, last)
	}
	return answer
}
