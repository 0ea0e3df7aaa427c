package rest

import (
	"context"
	"errors"
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
