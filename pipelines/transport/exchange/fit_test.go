package exchange_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"rongxin/pipelines/publish"
	"rongxin/pipelines/transport/exchange"
	"rongxin/warehouse/ops"
)

func TestTablesAsPrintedAreAsTheyShouldBe(t *testing.T) {
	onServers(t, func(t *testing.T, s *server) {
		if err := s.transport(t, nil).Check(context.Background()); err != nil {
			t.Error(err)
		}
		same(t, "rows written by a check", s.list(t, "select cd_source from @.cd_fence"), nil)
	})
}

func TestEveryFaultOfTheTablesIsTold(t *testing.T) {
	onServers(t, func(t *testing.T, s *server) {
		alter := func(postgres, mysql string) {
			s.exec(t, "alter table @."+map[string]string{"postgres": postgres, "mysql": mysql}[s.driver])
		}
		alter("penalties alter column subject_name type varchar(20)", "penalties modify subject_name varchar(20)")
		alter("penalties alter column number set not null", "penalties modify number varchar(50) not null")
		alter("penalties alter column points type timestamp using null", "penalties modify points datetime")
		alter("penalties drop column basis", "penalties drop column basis")
		alter("penalties add column area varchar(6) not null", "penalties add column area varchar(6) not null")
		alter("penalties add column filled varchar(6) not null default ''", "penalties add column filled varchar(6) not null default ''")
		alter("cd_batches drop column cd_digest", "cd_batches drop column cd_digest")
		s.exec(t, "drop table @.cd_feedback")
		transport := s.transport(t, nil)
		err := transport.Check(context.Background())
		for _, want := range []string{
			"penalties.subject_name takes 20 characters: want varchar(100)", "penalties.number is not null", "penalties.points is ", ": want bigint",
			"penalties.basis is missing: want ", "penalties.area must be filled", "cd_batches.cd_digest is missing: want varchar(64)", "there is no table cd_feedback",
		} {
			if err == nil || !errors.Is(err, publish.ErrSetup) || !strings.Contains(err.Error(), want) {
				t.Errorf("no %q in %v", want, err)
			}
		}
		if strings.Contains(fmt.Sprint(err), "filled ") && strings.Contains(fmt.Sprint(err), "penalties.filled") {
			t.Errorf("a column with a default is a fault: %v", err)
		}
		send(t, transport, batch(1, row(ops.Insert, "a")), publish.Misconfigured)
		if _, _, _, err := transport.Collect(context.Background(), ""); !errors.Is(err, publish.ErrSetup) {
			t.Errorf("collect: %v", err)
		}
	})
}

// The least rights of the package comment suffice, and each that is missing is
// named.
func TestRights(t *testing.T) {
	onServers(t, func(t *testing.T, s *server) {
		user := s.schema
		account := map[string]string{"postgres": user, "mysql": "'" + user + "'"}[s.driver]
		s.exec(t, map[string]string{"postgres": "create role " + user + " login", "mysql": "create user " + account + " identified by 'least'"}[s.driver])
		t.Cleanup(func() {
			if s.driver == "postgres" {
				s.exec(t, "drop owned by "+user)
			}
			s.exec(t, map[string]string{"postgres": "drop role ", "mysql": "drop user "}[s.driver]+account)
		})
		if s.driver == "postgres" {
			s.exec(t, "grant usage on schema @ to "+user)
		}
		grants := []string{"insert on @.penalties", "select, insert on @.cd_batches", "select, insert, update on @.cd_fence", "select on @.cd_feedback", "select on @.cd_state"}
		for _, g := range grants {
			s.exec(t, "grant "+g+" to "+account)
		}
		as := *s
		as.dsn = strings.NewReplacer("exchange@127", user+"@127", "exchange:exchange@", user+":least@", ")/exchange", ")/"+user).Replace(s.dsn)
		least := as.transport(t, nil)
		if err := least.Check(context.Background()); err != nil {
			t.Fatal(err)
		}
		send(t, least, batch(1, row(ops.Insert, "a", "number", "1")), publish.Handed)
		if _, _, _, err := least.Collect(context.Background(), ""); err != nil {
			t.Error(err)
		}
		if _, err := least.Holdings(context.Background(), "penalties"); err != nil {
			t.Error(err)
		}
		s.exec(t, "revoke insert on @.cd_batches from "+account, "revoke update on @.cd_fence from "+account)
		err := as.transport(t, nil).Check(context.Background())
		for _, want := range []string{"the right to insert at cd_batches", "the right to update at cd_fence"} {
			if !errors.Is(err, publish.ErrSetup) || !strings.Contains(err.Error(), want) {
				t.Errorf("no %q in %v", want, err)
			}
		}
		send(t, as.transport(t, nil), batch(2, row(ops.Insert, "b")), publish.Misconfigured)
	})
}

func TestSettingsThatCannotBeMeant(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string, mode os.FileMode) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), mode); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for _, tt := range []struct {
		settings exchange.Settings
		want     string
	}{
		{exchange.Settings{Driver: "postgres", DSNFile: write("open", "postgres://u:hunter2@h/d", 0o644)}, "is open to others; chmod 600"},
		{exchange.Settings{Driver: "mysql", DSNFile: write("other", "postgres://u:hunter2@h/d", 0o600)}, "does not hold a data source name of mysql"},
		{exchange.Settings{Driver: "oracle"}, `driver: "oracle"`},
		{exchange.Settings{Driver: "mysql", DSNFile: "x", Tables: map[string]string{"a": "b; drop"}}, `tables.a: "b; drop"`},
	} {
		_, err := exchange.New(exchange.Config{Settings: tt.settings})
		if !errors.Is(err, publish.ErrSetup) || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%v, want %q", err, tt.want)
		}
	}
	good := exchange.Settings{Driver: "postgres", DSNFile: write("good", "postgres://u:hunter2@h/d", 0o600)}
	if _, err := exchange.New(exchange.Config{Settings: good, Tables: []exchange.Table{{Name: "t", Columns: []exchange.Column{{Name: `a"b`}}}}}); !errors.Is(err, publish.ErrSetup) {
		t.Errorf("a column that ends its quotes: %v", err)
	}
}
