package sandbox

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	_ "github.com/go-sql-driver/mysql" // the driver "mysql"
	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
)

// ExchangeConfig is a front-end exchange database that the platform looks into.
type ExchangeConfig struct {
	Driver string // postgres or mysql
	DSN    string
	Schema string // of all tables; that of the connection when empty
}

// Exchange is the platform behind the tables of an exchange database. The caller
// calls Step again and again, from one goroutine, and closes it.
type Exchange struct {
	*platform
	base database
}

// OpenExchange makes the tables that are not there.
func OpenExchange(ctx context.Context, c Config, e ExchangeConfig) (*Exchange, error) {
	p, err := openPlatform(c)
	if err != nil {
		return nil, fmt.Errorf("sandbox: %w", err)
	}
	base, err := openDatabase(e)
	if err == nil {
		err = base.make(ctx, p.tables)
	}
	if err != nil {
		return nil, fmt.Errorf("sandbox: exchange database: %w", errors.Join(err, p.db.Close()))
	}
	return &Exchange{p, base}, nil
}

// Close releases the platform's file and the connection.
func (x *Exchange) Close() error { return errors.Join(x.db.Close(), x.base.Close()) }

// ServeHTTP answers whoever runs the platform.
func (x *Exchange) ServeHTTP(w http.ResponseWriter, r *http.Request) { x.control(w, r) }

// handedBatch is a row of cd_batches that has no verdict yet.
type handedBatch struct {
	key, source, number, table string
	lane                       int
	epoch                      int64
	rows                       int
	digest, run                string
	asOf                       string
	targetCount, targetDigest  sql.NullString
}

// Step looks once for batches and for verdicts that are due, and returns how
// many batches it dealt with.
func (x *Exchange) Step(ctx context.Context) (int, error) {
	if x.trouble.isDown() {
		x.trouble.draw(handOver, "")
		return 0, nil
	}
	waiting, err := x.base.waiting(ctx)
	if err != nil {
		return 0, err
	}
	done := 0
	left := map[int]bool{} // lanes in which a batch was left for the next step: those behind it are too
	for _, h := range waiting {
		if left[h.lane] {
			continue
		}
		dealt, err := x.deal(ctx, h)
		if err != nil {
			return done, fmt.Errorf("batch %s: %w", h.number, err)
		}
		left[h.lane] = !dealt
		if dealt {
			done++
		}
	}
	return done, x.tellVerdicts(ctx)
}

// deal takes one batch and writes its verdict, unless trouble keeps it from that:
// then it comes again with the next step.
func (x *Exchange) deal(ctx context.Context, h handedBatch) (bool, error) {
	fault, before := x.trouble.draw(handOver, h.key)
	switch fault {
	case "down", "refuse":
		return false, nil
	case "slow":
		hold(ctx, x.trouble.delay())
	case "cut", "garbage":
		if before {
			return false, nil
		}
	}
	given, refused, err := x.takeHanded(ctx, h, fault == "lose_receipt")
	if err != nil {
		return false, err
	}
	switch fault {
	case "cut", "timeout_after_taking", "lose_receipt": // taken, and not told before the next step
		return false, nil
	case "garbage":
		return false, x.base.say(ctx, h, verdict{verdict: "系统繁忙"})
	}
	said := verdictsOf(given, refused)
	if fault == "twice" {
		said = append(said, said...)
	}
	return true, x.base.finish(ctx, h, said, func() (map[string]string, error) { return x.digestsOf(ctx, h) })
}

// takeHanded reads the rows of a batch and takes them.
func (x *Exchange) takeHanded(ctx context.Context, h handedBatch, lost bool) (given receipt, refused *refusal, err error) {
	b := &batch{source: h.source, number: h.number, table: h.table, run: h.run, asOf: h.asOf, epoch: h.epoch, left: true, lane: h.lane, count: h.rows,
		target: strings.TrimSpace(h.targetCount.String + " " + h.targetDigest.String)}
	t, err := x.table(h.table)
	if err == nil {
		b.rows, err = x.base.rows(ctx, t, h)
	}
	if sum := rowsDigest(b.rows); err == nil && sum != h.digest {
		err = refuse(0, "DIGEST", "cd_digest 与各行不符，应为 %s", sum)
	}
	if err == nil {
		given, err = x.takeReceipt(ctx, handed{h.key, digest(h.digest), b}, lost)
	}
	if errors.As(err, &refused) {
		return given, refused, nil
	}
	return given, nil, err
}

// rowsDigest adds up what the rows of a batch are.
func rowsDigest(rows []row) string {
	var sum stateSum
	for _, r := range rows {
		content := ""
		if r.operation != "D" {
			content = digest(r.payload)
		}
		sum.addText(r.operation + "\n" + r.key + "\n" + content)
	}
	return sum.String()
}

// verdict is a row of cd_feedback.
type verdict struct {
	key                    sql.NullString // of a record; not valid for the whole batch
	verdict, code, message string
}

func verdictsOf(given receipt, refused *refusal) (said []verdict) {
	if refused != nil {
		return []verdict{{verdict: "refused", code: refused.Code, message: refused.Message}}
	}
	return append(refusals(given.Rejected), verdict{verdict: given.Level})
}

func refusals(rejected []rejection) (said []verdict) {
	for _, r := range rejected {
		said = append(said, verdict{sql.NullString{String: r.Key, Valid: true}, "refused", r.Code, r.Message})
	}
	return said
}

// digestsOf returns what is held now of the records of a batch.
func (x *Exchange) digestsOf(ctx context.Context, h handedBatch) (digests map[string]string, err error) {
	t, err := x.table(h.table)
	if err != nil {
		return nil, nil // refused, nothing held
	}
	keys, err := x.base.keys(ctx, t, h)
	if err != nil {
		return nil, err
	}
	digests = map[string]string{}
	err = x.read(ctx, func(tx *sql.Tx) error {
		for _, key := range keys {
			var payload string
			err := tx.QueryRowContext(ctx, `select payload from records where tbl = ? and key = ?`, t.Name, key).Scan(&payload)
			switch {
			case errors.Is(err, sql.ErrNoRows):
				digests[key] = ""
			case err != nil:
				return err
			default:
				digests[key] = digest(payload)
			}
		}
		return nil
	})
	return digests, err
}

// tellVerdicts writes what was said of batches after their receipt.
func (x *Exchange) tellVerdicts(ctx context.Context) error {
	return x.tell(ctx, func(n notice, table, source string) error {
		h := handedBatch{key: n.Key, source: source, number: n.Batch, table: table}
		return x.base.finish(ctx, h, append(refusals(n.Rejected), verdict{verdict: n.Level}),
			func() (map[string]string, error) { return x.digestsOf(ctx, h) })
	})
}

// stamp is a time as the exchange writes it.
func stamp(t time.Time) string { return t.Format(time.DateTime) }

// china is where the platform stands.
var china = time.FixedZone("CST", 8*60*60)
