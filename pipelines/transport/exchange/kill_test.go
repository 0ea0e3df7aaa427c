package exchange_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"rongxin/pipelines/publish"
	"rongxin/pipelines/transport/exchange"
	"rongxin/warehouse/ops"
)

// A sender that is killed over and over is this program, started again.
func TestMain(m *testing.M) {
	if os.Getenv("KILLED_SENDER_DSN") != "" {
		if err := killedSender(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// killedSender hands 40 batches of 200 rows over and knows nothing of an earlier
// one.
func killedSender() error {
	epoch, err := strconv.ParseInt(os.Getenv("KILLED_SENDER_EPOCH"), 10, 64)
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	transport, err := exchange.New(exchange.Config{Source: "350100", Tables: []exchange.Table{penalties}, Settings: exchange.Settings{
		Driver: os.Getenv("KILLED_SENDER_DRIVER"), DSNFile: os.Getenv("KILLED_SENDER_DSN"), Schema: os.Getenv("KILLED_SENDER_SCHEMA")}})
	if err != nil {
		return err
	}
	for n := range 40 {
		var rows []publish.MessageRow
		for i := range 200 {
			rows = append(rows, row(ops.Insert, fmt.Sprintf("%05d", i), "basis", "依据", "note", fmt.Sprint(n), "points", i, "subject_name", "福州甲"))
		}
		m := batch(n+1, rows...)
		m.Epoch = epoch
		for {
			a := transport.Send(ctx, m)
			if a.Outcome == publish.Handed {
				break
			}
			if a.Outcome != publish.Unavailable { // what the one before held is let go of in a moment
				return fmt.Errorf("%s: %w", a.Outcome, a.Err)
			}
		}
	}
	return nil
}

// sender is the program as a sender.
func (s *server) sender(t *testing.T, dsnFile string, epoch int) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "KILLED_SENDER_DRIVER="+s.driver, "KILLED_SENDER_DSN="+dsnFile, "KILLED_SENDER_SCHEMA="+s.schema,
		"KILLED_SENDER_EPOCH="+strconv.Itoa(epoch))
	return cmd
}

func TestASenderKilledAnywhereWritesEachBatchOnce(t *testing.T) {
	onServers(t, func(t *testing.T, s *server) {
		random := rand.New(rand.NewPCG(6, 30))
		kills, dsnFile := 0, s.config(t).Settings.DSNFile
		for epoch := 1; ; epoch++ {
			cmd := s.sender(t, dsnFile, epoch)
			cmd.Stderr = os.Stderr
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			timer := time.AfterFunc(time.Duration(20+random.IntN(60))*time.Millisecond, func() { cmd.Process.Kill() })
			if kills >= 20 {
				timer.Stop() // now one may finish
			}
			err := cmd.Wait()
			timer.Stop()
			if err == nil {
				break
			}
			if cmd.ProcessState.ExitCode() != -1 {
				t.Fatalf("it was not killed but failed: %v", err)
			}
			kills++
		}
		if kills < 5 {
			t.Errorf("only %d were killed", kills)
		}
		same(t, "batches that are not whole, or there twice", s.list(t, "select b.cd_batch, b.cd_rows, count(p.cd_id) from @.cd_batches b left join @.penalties p on p.cd_batch = b.cd_batch group by b.cd_batch, b.cd_rows having count(p.cd_id) <> 200 or b.cd_rows <> 200"), nil)
		same(t, "rows and batches", s.list(t, "select (select count(*) from @.penalties), (select count(*) from @.cd_batches), (select count(distinct note) from @.penalties)"), []string{"8000|40|40"})
	})
}

// A sender that is told to stop while the rows of a batch are written ends at
// once, and the next one goes on.
func TestASenderToldToStopInATransactionLeavesNothing(t *testing.T) {
	onServers(t, func(t *testing.T, s *server) {
		dsnFile := s.config(t).Settings.DSNFile
		send(t, s.transport(t, nil), batch(99999, row(ops.Insert, "a")), publish.Handed) // which makes sure of the tables
		lock, err := s.db.Begin()                                                        // of a row that the first batch has too
		if err != nil {
			t.Fatal(err)
		}
		defer lock.Rollback()
		if _, err := lock.Exec("insert into " + s.schema + ".penalties (cd_operation, cd_batch, cd_id, cd_time, cd_source) values ('I', '2026063000001', '00100', '2026-06-30', '350100')"); err != nil {
			t.Fatal(err)
		}
		cmd := s.sender(t, dsnFile, 2)
		var said strings.Builder
		cmd.Stderr = &said
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		waiting := map[string]string{
			"postgres": "select 1 from pg_stat_activity where wait_event_type = 'Lock' and query like 'copy %" + s.schema + "%'",
			"mysql":    "select 1 from information_schema.innodb_trx where trx_state = 'LOCK WAIT' and trx_query like 'insert%" + s.schema + "%'"}[s.driver]
		for n := 0; len(s.list(t, waiting)) == 0; n++ {
			if n == 50 {
				t.Fatal("it does not come to the rows: " + said.String())
			}
			time.Sleep(200 * time.Millisecond) // MySQL renews this table no more often than every tenth of a second
		}
		told := time.Now()
		if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		if err := cmd.Wait(); cmd.ProcessState.ExitCode() != 1 || !strings.Contains(said.String(), string(publish.Interrupted)) {
			t.Errorf("%v: %s", err, said.String())
		}
		if took := time.Since(told); took > 5*time.Second {
			t.Errorf("it took %v to stop", took)
		}
		if err := lock.Rollback(); err != nil {
			t.Fatal(err)
		}
		same(t, "batches", s.list(t, "select cd_batch from @.cd_batches"), []string{"2026063099999"})
		if out, err := s.sender(t, dsnFile, 3).CombinedOutput(); err != nil {
			t.Errorf("%v: %s", err, out)
		}
		same(t, "rows and batches", s.list(t, "select (select count(*) from @.penalties), (select count(*) from @.cd_batches)"), []string{"8001|41"})
	})
}
