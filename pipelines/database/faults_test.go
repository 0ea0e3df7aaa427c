package database_test

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"rongxin/pipelines/database"
	"rongxin/pipelines/ingest"
)

// What a pull says when the table is not as its contract has it, and who has to
// mend it: the department (a refusal) or the one who set it up.
func TestTableFaults(t *testing.T) {
	setup, refused := database.ErrSetup, error(nil)
	const good = "delivery: delta; cursor: 编号"
	tests := []struct {
		name, table, source string
		class               error // nil is a refusal
		want                string
	}{
		{"no table", "create table @.u (编号 int primary key)", good, setup, "there is no table"},
		{"column missing", "create table @.t (编号 int primary key)", good, refused, ".t: missing column 备注"},
		{"column new", "create table @.t (编号 int primary key, 备注 text, 备住 text, 附件 text)", good, refused,
			"the column 备住 is not in the contract (did you mean 备注?); the column 附件 is not in the contract; name the columns as the contract does"},
		{"all at once", "create table @.t (编号 int primary key, 备 text, 附件 text)", "delivery: delta; cursor: 更新", refused,
			"missing column 备注, 更新; the column 备 is not in the contract (did you mean 备注?); the column 附件"},
		{"bytes", "create table @.t (编号 int primary key, 备注 BYTES)", good, setup, "the column 备注 is BYTES, which holds no text"},
		{"cursor of text", "create table @.t (编号 int, 备注 varchar(10) primary key)", "delivery: delta; cursor: 备注", setup, "the cursor 备注 is "},
		{"cursor of floats", "create table @.t (编号 float, 备注 varchar(10) primary key)", good, setup, "want a time, a date or a whole number"},
		{"overlap of a number", "create table @.t (编号 int primary key, 备注 text)", good + "; overlap: 2 days", setup, "so source.overlap is a number"},
		{"overlap of a time", "create table @.t (编号 int primary key, 备注 text, 更新 timestamp not null)", "delivery: delta; cursor: 更新; tie: [编号]; overlap: 5", setup,
			"so source.overlap is a time such as 10 minutes"},
		{"no key", "create table @.t (编号 int not null, 备注 text)", good, setup, "编号 identify no row: no primary key and no unique index without nulls"},
		{"key with nulls", "create table @.t (编号 int unique, 备注 text)", good, setup, "identify no row"},
		{"key beyond", "create table @.t (编号 int not null, 备注 varchar(9) not null, primary key (编号, 备注))", good, setup, "identify no row"},
		{"cursor without value", "create table @.t (编号 int primary key, 备注 text, 更新 date); insert into @.t values (1, 'a', null)",
			"delivery: delta; cursor: 更新; tie: [编号]", refused, "rows have no 更新"},
		{"one key twice in a view", "create table @.u (编号 int, 备注 text); insert into @.u values (1, 'a'), (2, 'b'), (2, 'c'); create view @.t as select * from @.u",
			good, refused, "two rows have the key (2) of (编号); name in source.tie"},
	}
	onServers(t, func(t *testing.T, s *server) {
		for _, tt := range tests {
			t.Run(tt.name, func(t *testing.T) {
				bytesType := s.pick("bytea", "blob")
				for _, statement := range strings.Split(strings.ReplaceAll(tt.table, "BYTES", bytesType), ";") {
					s.exec(t, statement)
				}
				defer func() {
					s.exec(t, "drop schema @"+s.pick(" cascade", ""), "create schema @")
				}()
				_, err := s.puller(t, func(c *database.Connection) { c.PageRows = 1 }).pull(t, s.contractOf(t, "t", tt.source, note))
				var refusal *ingest.Refusal
				if isRefusal := errors.As(err, &refusal); err == nil || isRefusal != (tt.class == nil) || !isRefusal && !errors.Is(err, tt.class) {
					t.Fatalf("got %v", err)
				}
				if want := strings.ReplaceAll(tt.want, "BYTES", bytesType); !strings.Contains(err.Error(), want) {
					t.Errorf("want %s\ngot %v", want, err)
				}
			})
		}
	})
}

// A view has no key that a server vouches for, so its texts must not be equal
// when they differ.
func TestViewOrderedByText(t *testing.T) {
	onServers(t, func(t *testing.T, s *server) {
		s.exec(t, "create table @.u (编号 int, 备注 varchar(9))", "insert into @.u values (1, 'a'), (1, 'A'), (1, 'b')", "create view @.t as select * from @.u")
		c := s.contractOf(t, "t", "delivery: delta; cursor: 编号; tie: [备注]", note)
		p := s.puller(t, func(c *database.Connection) { c.PageRows = 1 })
		if s.driver == "mysql" {
			if _, err := p.pull(t, c); !errors.Is(err, database.ErrSetup) || !strings.Contains(err.Error(), "want one that ends in _bin") {
				t.Error(err)
			}
			s.exec(t, "alter table @.u modify 备注 varchar(9) collate utf8mb4_bin", "drop view @.t", "create view @.t as select * from @.u")
		}
		p.must(t, c)
		if got := p.landed(t, records, "note"); len(got) != 3 {
			t.Error(got)
		}
	})
}

// Names are the department's: whatever signs they hold, they stay names.
func TestNamesAreQuoted(t *testing.T) {
	onServers(t, func(t *testing.T, s *server) {
		odd := "a`b\"c'); drop table x; --" // a field and the table bear it
		mark := s.pick(`"`, "`")
		quoted := mark + strings.ReplaceAll(odd, mark, mark+mark) + mark
		s.exec(t, "create table @."+quoted+" (编号 int primary key, "+quoted+" text)", "insert into @."+quoted+" values (1, 'a')")
		c := s.contractOf(t, odd, "delivery: delta; cursor: 编号", "  - {name: "+yamlText(odd)+", title: 奇, as: odd, type: text}\n")
		p := s.puller(t, nil)
		p.must(t, c)
		if got := p.landed(t, records, "odd"); len(got) != 1 || got[0] != "a" {
			t.Error(got)
		}
	})
}

func yamlText(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// A server that is away, or takes too long, is worth another try.
func TestTemporary(t *testing.T) {
	onServers(t, func(t *testing.T, s *server) {
		s.exec(t, "create table @.t (编号 int primary key)", "insert into @.t values (1)",
			s.pick("create view @.slow as select 编号, pg_sleep(30)::text as 备注 from @.t", "create view @.slow as select 编号, cast(sleep(30) as char) as 备注 from @.t"))
		c := s.contractOf(t, "slow", "delivery: delta; cursor: 编号", note)
		p := s.puller(t, func(c *database.Connection) { c.Timeout = time.Second })
		begun := time.Now()
		if _, err := p.pull(t, c); !errors.Is(err, database.ErrTemporary) || time.Since(begun) > 10*time.Second {
			t.Errorf("a statement without end: %v after %v", err, time.Since(begun))
		}
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		address := listener.Addr().String()
		listener.Close()
		away := *s
		away.dsn = s.pick("postgres://exchange:geheim@"+address+"/exchange", "exchange:geheim@tcp("+address+")/exchange")
		_, err = away.puller(t, nil).pull(t, s.contractOf(t, "t", "delivery: delta; cursor: 编号", ""))
		if !errors.Is(err, database.ErrTemporary) {
			t.Error("a server that is away:", err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := p.Pull(ctx, database.Request{Contract: c, ReceivedAt: p.at}); !errors.Is(err, context.Canceled) {
			t.Error("called off:", err)
		}
		release, err := p.Store.Lock("pull.samr__sample")
		if err != nil {
			t.Fatal(err)
		}
		defer release()
		if _, err := p.pull(t, c); !errors.Is(err, database.ErrTemporary) {
			t.Error("a second pull of one table:", err)
		}
	})
}

// No message holds the password, however wrong the rest is.
func TestSecretsStaySecret(t *testing.T) {
	const password = "geheim#1/x"
	onServers(t, func(t *testing.T, s *server) {
		s.exec(t, "create table @.t (编号 int primary key)", "insert into @.t values (1)")
		user := "u" + s.schema
		s.exec(t, s.pick("create role "+user+" login password '"+password+"'", "create user "+user+" identified by '"+password+"'"))
		t.Cleanup(func() { s.exec(t, s.pick("drop role "+user, "drop user "+user)) })
		c := s.contractOf(t, "t", "delivery: delta; cursor: 编号", "")
		_, rest, _ := strings.Cut(s.dsn, "@")
		for name, dsn := range map[string]string{
			"no permission": s.pick("postgres://"+user+":geheim%231%2Fx@", user+":"+password+"@") + strings.Replace(rest, "/exchange", s.pick("/exchange", "/"), 1),
			"no database":   s.pick("postgres://"+user+":geheim%231%2Fx@", user+":"+password+"@") + strings.Replace(rest, "/exchange", "/"+s.pick(`geheim%231%2Fx`, "geheim"), 1),
			"no dsn":        "://" + user + ":" + password + "@",
		} {
			t.Run(name, func(t *testing.T) {
				file := filepath.Join(t.TempDir(), "dsn")
				if err := os.WriteFile(file, []byte(dsn), 0o600); err != nil {
					t.Fatal(err)
				}
				db, err := database.Open(database.Connection{Name: "samr", Driver: s.driver, DSNFile: file, Timeout: time.Second})
				if err == nil {
					defer db.Close()
					p := s.puller(t, nil)
					p.Database = db
					p.Database.PageRows, p.Database.BatchRows = 1, 1
					_, err = p.pull(t, c)
				}
				if !errors.Is(err, database.ErrSetup) {
					t.Error(err)
				}
				if text := err.Error(); strings.Contains(text, password) || strings.Contains(text, "geheim%23") || strings.Contains(text, dsn) {
					t.Error("the message tells the secret:", text)
				}
			})
		}
	})
}

// The file with the data source name is for its owner's eyes.
func TestDSNFile(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string, mode os.FileMode) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), mode); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for _, tt := range []struct{ name, file, driver, want string }{
		{"readable by others", write("open", "postgres://u@h/d", 0o644), "postgres", "is open to others; chmod 600"},
		{"empty", write("empty", "\n", 0o600), "postgres", "is empty"},
		{"missing", filepath.Join(dir, "none"), "postgres", "no such file"},
		{"a folder", dir, "postgres", "is not a file"},
		{"driver", write("good", "postgres://u@h/d", 0o600), "oracle", `unknown driver "oracle": want mysql or postgres`},
		{"other driver's", write("other", "postgres://u@h/d", 0o600), "mysql", "does not hold a data source name of mysql"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := database.Open(database.Connection{Name: "samr", Driver: tt.driver, DSNFile: tt.file})
			if !errors.Is(err, database.ErrSetup) || !strings.Contains(err.Error(), tt.want) {
				t.Error(err)
			}
		})
	}
}
