package metrics

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/push"
	dto "github.com/prometheus/client_model/go"
)

// Push hands what a verb's text file says to a Pushgateway, in place of what that
// had of the verb from this machine: the file holds what earlier calls told too,
// so that a failure takes no earlier success away. ctx bounds the time.
func Push(ctx context.Context, gateway, home, verb string) error {
	list, err := read(filepath.Join(Dir(home), FileName(verb)))
	if err != nil {
		return err
	}
	machine, err := os.Hostname()
	if err != nil {
		return fmt.Errorf("metrics: %w", err)
	}
	all := prometheus.GathererFunc(func() ([]*dto.MetricFamily, error) { return families(list), nil })
	return push.New(strings.TrimSuffix(gateway, "/"), "rongxin_"+part(verb)).Grouping("instance", machine).Gatherer(all).PushContext(ctx)
}
