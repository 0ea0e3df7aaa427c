package main

import (
	"bufio"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	_ "github.com/go-sql-driver/mysql"
	_ "github.com/jackc/pgx/v5/stdlib"

	"rongxin/internal/credit"
	"rongxin/warehouse/landing"
	"rongxin/warehouse/ops"
)

// An exchangeServer holds the table of the page's example, exchange.meters,
// under a schema of the test's own.
type exchangeServer struct {
	driver, dsn, schema string
	db                  *sql.DB
}

func onExchangeServers(t *testing.T, test func(t *testing.T, s *exchangeServer)) {
	for driver, variable := range map[string]string{"postgres": "TEST_POSTGRES_DSN", "mysql": "TEST_MYSQL_DSN"} {
		t.Run(driver, func(t *testing.T) {
			s := &exchangeServer{driver: driver, dsn: os.Getenv(variable), schema: fmt.Sprintf("c%d", time.Now().UnixNano())}
			if s.dsn == "" {
				t.Fatal(variable + " is not set: run scripts/servers.sh go test ./cmd/rongxin")
			}
			var err error
			if s.db, err = sql.Open(map[string]string{"postgres": "pgx", "mysql": "mysql"}[driver], s.dsn); err != nil {
				t.Fatal(err)
			}
			s.exec(t, "create schema @", `create table @.meters (户号 varchar(20) primary key, 统一社会信用代码 varchar(18), 单位名称 varchar(200),
				抄表员 varchar(20), 更新时间 timestamp(6) not null)`)
			t.Cleanup(func() {
				s.exec(t, "drop schema @"+map[string]string{"postgres": " cascade"}[driver])
				s.db.Close()
			})
			test(t, s)
		})
	}
}

func (s *exchangeServer) exec(t *testing.T, statements ...string) {
	t.Helper()
	for _, statement := range statements {
		if _, err := s.db.Exec(strings.ReplaceAll(statement, "@", s.schema)); err != nil {
			t.Fatalf("%.200s\n%v", statement, err)
		}
	}
}

// fill adds rows numbered from to below to, a thousand to a second.
func (s *exchangeServer) fill(t *testing.T, from, to int) {
	t.Helper()
	for from < to {
		var values []string
		for ; from < to && len(values) < 1000; from++ {
			code, _ := credit.NewCode("91350100", fmt.Sprintf("MA%06d", from))
			at := time.Date(2026, 6, 1, 0, 0, from/1000, 0, time.UTC).Format(time.DateTime)
			values = append(values, fmt.Sprintf("('h%d', '%s', '福州第%d用水户', '王', '%s')", from, code, from, at))
		}
		s.exec(t, "insert into @.meters values "+strings.Join(values, ", "))
	}
}

// setUp writes the page's contract, with this schema, and a configuration. It
// returns the folder, in which commands are run.
func (s *exchangeServer) setUp(t *testing.T, settings string) string {
	t.Helper()
	page := pages(t)["docs/contracts.md"]
	_, text, found := strings.Cut(page, "<!-- example: water/meters.yml -->\n```yaml\n")
	text, _, closed := strings.Cut(text, "```")
	if !found || !closed {
		t.Fatal("docs/contracts.md has no contract of water/meters")
	}
	dir := t.TempDir()
	for name, content := range map[string]string{
		"catalog/water/meters.yml": strings.Replace(text, "exchange.meters", s.schema+".meters", 1),
		"water.dsn":                s.dsn,
		"rongxin.yml": fmt.Sprintf("home: home\ncatalog: catalog\ndatabases:\n  water: {driver: %s, dsn_file: %s%s}\n",
			s.driver, filepath.Join(dir, "water.dsn"), settings),
	} {
		path := filepath.Join(dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(content), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// reasons are those that the register has for beginning again.
func (s *exchangeServer) reasons(t *testing.T, dir string) (list []string) {
	t.Helper()
	store, err := ops.Open(t.Context(), filepath.Join(dir, "home", "ops.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	for entry, err := range store.Entries(t.Context(), ops.EntryFilter{Action: "land from", Subject: "water/meters"}) {
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, entry.Purpose)
	}
	return list
}

// program starts the program as a process in dir.
func program(dir string, args ...string) *exec.Cmd {
	cmd := exec.Command(os.Args[0], args...)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "RONGXIN_TEST_AS_PROGRAM=1")
	return cmd
}

// The page's example, as its reader would try it.
func TestLandDatabase(t *testing.T) {
	onExchangeServers(t, func(t *testing.T, s *exchangeServer) {
		dir := s.setUp(t, "")
		s.fill(t, 0, 3)
		s.exec(t, "insert into @.meters values ('h3', '91350100', '福州乙公司', '李', '2026-06-02 08:00:00')")
		steps := []struct {
			line string
			code int
			want string
		}{
			{"land --database water", exitDone, "         4         3         1"},
			{"land --database water", exitNothing, "no row is new"},
			{"land --database water water/meters", exitNothing, "no row is new"},
			{"land --database water water/meters --from 2026-06-02 --reason 六月数据重新导入", exitDone, "         1         0         1"},
			{"land --database water water/meters --from 2026-06-02", exitBadConfig, "wants a --reason"},
			{"land --database water water/meters --from 6月2日 --reason 误", exitBadConfig, "is no day"},
			{"land --database water water/meters --from 2999-01-01 --reason 误", exitBadConfig, "lies in the future"},
			{"land --database gas", exitBadConfig, "there is no gas in rongxin.yml"},
			{"land --database water gas/meters", exitBadConfig, "gas/meters"},
			{"land --database water --inbox x", exitBadConfig, "or --database NAME"},
			{"land water/meters f.csv --from 2026-06-01", exitBadConfig, "are for --database"},
			{"contracts show water/meters", exitDone, "table"},
		}
		for _, step := range steps {
			cmd := program(dir, strings.Fields(step.line)...)
			out, err := cmd.CombinedOutput()
			if code := cmd.ProcessState.ExitCode(); code != step.code || !strings.Contains(string(out), step.want) {
				t.Errorf("rongxin %s: exit %d, want %d with %q\n%s%v", step.line, code, step.code, step.want, out, err)
			}
			if strings.Contains(string(out), s.dsn) {
				t.Errorf("rongxin %s: tells the data source name", step.line)
			}
		}
		if got := s.reasons(t, dir); !slices.Equal(got, []string{"六月数据重新导入"}) {
			t.Errorf("the register has the reasons %q", got)
		}
		s.exec(t, "alter table @.meters add column 新列 varchar(9)")
		out, _ := program(dir, "land", "--database", "water").CombinedOutput()
		if !strings.Contains(string(out), "the column 新列 is not in the contract") {
			t.Errorf("%s", out)
		}
		s.exec(t, "drop table @.meters")
		cmd := program(dir, "land", "--database", "water")
		if out, _ := cmd.CombinedOutput(); cmd.ProcessState.ExitCode() != exitBadConfig || !strings.Contains(string(out), "there is no table") {
			t.Errorf("%s", out)
		}
	})
}

// A pull that is killed again and again, in pages and between batches, ends with
// the batches of one that never was, and its memory does not grow with the table.
func TestKilledPull(t *testing.T) {
	const rows = 100_000
	onExchangeServers(t, func(t *testing.T, s *exchangeServer) {
		s.fill(t, 0, rows)
		const settings = ", page_rows: 3000, batch_rows: 40000"
		killed, undisturbed := s.setUp(t, settings), s.setUp(t, settings)
		land := []string{"--log-level", "debug", "land", "--database", "water", "--received", "2026-06-30"}
		cmd := program(undisturbed, land...)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		if peak := cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss >> 10; peak > 480 { // 62 of it the program itself
			t.Errorf("pulling %d rows took %d MB", rows, peak)
		}
		kills := 0
		for ; kills < 100; kills++ {
			if !killPull(t, program(killed, land...), 1+kills%4, time.Duration(kills%6)*7*time.Millisecond) {
				break
			}
		}
		if kills < 8 || kills == 100 {
			t.Errorf("killed %d times", kills)
		}
		var batches [2][]landing.Batch
		for i, dir := range []string{undisturbed, killed} {
			var err error
			if batches[i], err = landing.List(filepath.Join(dir, "home")); err != nil {
				t.Fatal(err)
			}
		}
		var total int64
		for i, b := range batches[1] {
			total += b.Rows.Accepted
			if len(batches[0]) != len(batches[1]) || batches[0][i].ID != b.ID || batches[0][i].Extract.Name != b.Extract.Name {
				t.Errorf("batch %d is %s %s", i, b.Extract.Name, b.ID)
			}
		}
		if total != rows || len(batches[1]) != 3 {
			t.Errorf("%d rows in %d batches", total, len(batches[1]))
		}
		if left, _ := filepath.Glob(filepath.Join(killed, "home", "spool", "*", "*", "*")); len(left) > 0 {
			t.Errorf("left behind: %v", left)
		}
		t.Logf("killed %d times", kills)
	})
}

// killPull kills a pull some time after it has spooled so many pages. It
// reports false when the pull ended by itself.
func killPull(t *testing.T, cmd *exec.Cmd, pages int, delay time.Duration) bool {
	t.Helper()
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(stderr)
	for lines.Scan() {
		if strings.Contains(lines.Text(), `"page spooled"`) {
			pages--
		}
		if pages == 0 {
			pages = -1
			time.Sleep(delay)
			cmd.Process.Kill()
		}
	}
	err = cmd.Wait()
	var exit *exec.ExitError
	if err != nil && (!errors.As(err, &exit) || exit.Exited()) && !cmd.ProcessState.Success() && cmd.ProcessState.ExitCode() != exitNothing {
		t.Fatal(err)
	}
	return cmd.ProcessState.Sys().(syscall.WaitStatus).Signaled()
}
