package exchange_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
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
			a := transport.Send(context.Background(), m)
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

func TestASenderKilledAnywhereWritesEachBatchOnce(t *testing.T) {
	onServers(t, func(t *testing.T, s *server) {
		random := rand.New(rand.NewPCG(6, 30))
		kills, dsnFile := 0, s.config(t).Settings.DSNFile
		for epoch := 1; ; epoch++ {
			cmd := exec.Command(os.Args[0])
			cmd.Stderr = os.Stderr
			cmd.Env = append(os.Environ(), "KILLED_SENDER_DRIVER="+s.driver, "KILLED_SENDER_DSN="+dsnFile, "KILLED_SENDER_SCHEMA="+s.schema,
				"KILLED_SENDER_EPOCH="+strconv.Itoa(epoch))
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			timer := time.AfterFunc(time.Duration(50+random.IntN(150))*time.Millisecond, func() { cmd.Process.Kill() })
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
