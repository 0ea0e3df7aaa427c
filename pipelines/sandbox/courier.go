package sandbox

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// CourierConfig says where packages come in and go out.
type CourierConfig struct {
	In      string // packages of batches, brought by a person
	Answers string // packages of answers, to be carried back
}

// Courier is the platform beyond an air gap. The caller calls Step when a disk
// was brought, from one goroutine, and closes it.
type Courier struct {
	*Drop
	CourierConfig
}

// OpenCourier makes the folders that are not there.
func OpenCourier(c Config, k CourierConfig) (*Courier, error) {
	if c.Agreed.settings.MAC == "" && (c.Agreed.settings.Signature == "" || c.Agreed.signKey == nil) {
		return nil, errors.New("sandbox: packages want an agreed mac, or a signature with keys of both sides")
	}
	inside := filepath.Join(c.Dir, "courier")
	d, err := OpenDrop(c, DropConfig{Out: filepath.Join(inside, "out"), Return: filepath.Join(inside, "return")})
	if err != nil {
		return nil, err
	}
	if err := errors.Join(os.MkdirAll(k.In, 0o755), os.MkdirAll(k.Answers, 0o755)); err != nil {
		return nil, fmt.Errorf("sandbox: %w", errors.Join(err, d.Close()))
	}
	return &Courier{d, k}, nil
}

// ServeHTTP answers whoever runs the platform.
func (k *Courier) ServeHTTP(w http.ResponseWriter, r *http.Request) { k.control(w, r) }

// received is what a package of answers says of a package of batches.
type received struct {
	Number  int    `json:"number"`
	Digest  string `json:"digest"`
	Result  string `json:"result"` // taken, repeated or refused
	Code    string `json:"code,omitempty"`
	Message string `json:"message,omitempty"`
}

// Step takes the packages that have come, as far as none is missing, deals with
// what is in them, and seals one package of answers when there is something to
// say. It returns how many packages it took in.
func (k *Courier) Step(ctx context.Context) (int, error) {
	if k.trouble.isDown() {
		k.trouble.draw(handOver, "")
		return 0, nil
	}
	names, err := endings(k.In, ".zip")
	if err != nil {
		return 0, err
	}
	taken := 0
	for _, name := range names {
		n, err := k.takePackage(ctx, name)
		if err != nil {
			return taken, fmt.Errorf("%s: %w", name, err)
		}
		taken += n
	}
	return taken, k.sealAnswers(ctx)
}

// takePackage takes one package in. One that is before its turn is left.
func (k *Courier) takePackage(ctx context.Context, name string) (int, error) {
	path := filepath.Join(k.In, name)
	p, err := k.openPackage(path)
	var r *refusal
	if errors.As(err, &r) && p.digest == "" { // nobody to answer
		k.unread[name] = r.Error()
		return 0, nil
	}
	if err != nil && r == nil {
		return 0, err
	}
	defer p.Close()
	result := received{Number: p.Number, Digest: p.digest, Result: "taken"}
	if err == nil {
		result.Result, err = k.turnOf(ctx, p)
	}
	if errors.As(err, &r) {
		if r.Code == "MISSING" {
			return 0, nil
		}
		result.Result, result.Code, result.Message = "refused", r.Code, r.Message
	} else if err != nil {
		return 0, err
	}
	if result.Result == "taken" {
		if err := p.unpack(k.Out); err != nil {
			return 0, err
		}
		if err := k.dealWithAll(ctx); err != nil {
			return 0, err
		}
	}
	err = k.change(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `insert into packages (source, number, digest, result, code, message) values (?, ?, ?, ?, ?, ?)`,
			p.Source, result.Number, result.Digest, result.Result, result.Code, result.Message)
		return err
	})
	if err != nil {
		return 0, err
	}
	return 1, os.Remove(path)
}

// turnOf tells whether a package is the next one, or was taken before.
func (k *Courier) turnOf(ctx context.Context, p *parcel) (result string, err error) {
	digests := map[int]string{0: strings.Repeat("0", 64)}
	err = k.read(ctx, func(tx *sql.Tx) error {
		type numbered struct {
			number int
			digest string
		}
		all, err := list(ctx, tx, func(rows *sql.Rows, n *numbered) error { return rows.Scan(&n.number, &n.digest) },
			`select number, digest from packages where source = ? and result = 'taken' and number in (?, ?)`, p.Source, p.Number-1, p.Number)
		for _, n := range all {
			digests[n.number] = n.digest
		}
		return err
	})
	before, known := digests[p.Number-1]
	switch taken := digests[p.Number]; {
	case err != nil:
		return "", err
	case taken == p.digest:
		return "repeated", nil
	case taken != "":
		return "", refuse(0, "CHAIN", "第 %d 号包已收过，内容不同", p.Number)
	case !known:
		return "", refuse(0, "MISSING", "第 %d 号包未到", p.Number-1)
	case before != p.Previous:
		return "", refuse(0, "CHAIN", "previous 与第 %d 号包不符", p.Number-1)
	}
	return "taken", p.check()
}

// dealWithAll deals with all batches that were unpacked, however often trouble
// strikes.
func (k *Courier) dealWithAll(ctx context.Context) error {
	for {
		if _, err := k.Drop.Step(ctx); err != nil {
			return err
		}
		left, err := endings(k.Out, manifestEnd)
		if err != nil || !slices.ContainsFunc(left, func(name string) bool { return k.unread[name] == "" }) {
			return errors.Join(err, k.Drop.writeStates(ctx))
		}
	}
}

// sealAnswers packs what lies in the return folder, and what became of packages,
// when either is new.
func (k *Courier) sealAnswers(ctx context.Context) error {
	if err := k.tellVerdicts(ctx); err != nil {
		return err
	}
	type source struct {
		name   string
		number int
		digest string
	}
	var sources []source
	err := k.read(ctx, func(tx *sql.Tx) (err error) {
		sources, err = list(ctx, tx, func(rows *sql.Rows, s *source) error { return rows.Scan(&s.name, &s.number, &s.digest) },
			`select source, coalesce((select max(number) from answers where answers.source = packages.source), 0),
				coalesce((select digest from answers where answers.source = packages.source order by number desc limit 1), ?)
			from packages group by source`, strings.Repeat("0", 64))
		return err
	})
	for _, s := range sources {
		if err == nil {
			err = k.sealFor(ctx, s.name, s.number+1, s.digest)
		}
	}
	return err
}

func (k *Courier) sealFor(ctx context.Context, source string, number int, previous string) error {
	var all []received
	err := k.read(ctx, func(tx *sql.Tx) (err error) {
		all, err = list(ctx, tx, func(rows *sql.Rows, r *received) error {
			return rows.Scan(&r.Number, &r.Digest, &r.Result, &r.Code, &r.Message)
		}, `select number, digest, result, code, message from packages where source = ? and answered = 0 order by seq`, source)
		return err
	})
	if err != nil {
		return err
	}
	files, err := k.answerFiles()
	isNews := func(name string) bool { return !isStanding(name) }
	if err != nil || len(all) == 0 && !slices.ContainsFunc(files, isNews) {
		return err
	}
	note := packageNote{Kind: "returned", Format: 1, Receiver: k.cfg.Name, Source: source, Number: number, Previous: previous,
		SealedOn: k.cfg.Now().In(china).Format(time.DateOnly), Received: all}
	digest, err := k.seal(note, files)
	if err != nil {
		return err
	}
	err = k.change(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `insert into answers (source, number, digest) values (?, ?, ?)`, source, number, digest)
		if err == nil {
			_, err = tx.ExecContext(ctx, `update packages set answered = 1 where source = ?`, source)
		}
		return err
	})
	for _, name := range files {
		if err == nil && !isStanding(name) {
			err = os.Remove(filepath.Join(k.Return, name))
		}
	}
	return err
}

// isStanding tells what is carried along each time and is no news by itself.
func isStanding(name string) bool {
	return strings.HasSuffix(name, ".keys") || strings.HasSuffix(name, ".state.json")
}
