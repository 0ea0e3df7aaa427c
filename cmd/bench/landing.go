package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"golang.org/x/text/encoding/simplifiedchinese"

	"rongxin/internal/city"
	"rongxin/pipelines"
	"rongxin/pipelines/contract"
	"rongxin/pipelines/ingest"
)

// penalties lands the widest dataset: P1 and P2, and what sealing adds. The goals
// were set for checks and rejects alone; keeping persons' data apart (masks,
// tokens, an extract sealed with SM4) is measured on its own.
var penalties = contest{
	name: "penalties", title: "31 columns, 1 % of the rows bad, against DuckDB's own COPY of a clean twin",
	prepare: preparePenalties,
	contenders: []contender{
		copies(wide, "clean.csv"),
		keeps(wide, "clean.csv"),
		trial{wide, "utf8.csv", "utf-8", 2, false}.as("land-utf8", "rongxin land, all checks, UTF-8"),
		trial{wide, "gb18030.csv", "gb18030", 2, false}.as("land-gb18030", "rongxin land, all checks, GB18030"),
		trial{wide, "utf8.csv", "utf-8", 2, true}.as("land-sealed", "the same in UTF-8, persons masked, extract sealed"),
		{name: "hash", title: "rongxin land, then SHA-256 of what it wrote", run: hashLanded},
	},
	goals: []goal{
		{id: "P1", title: "validated landing of UTF-8, speed against COPY without checks", gate: 1.0, aim: 1.5, figures: faster("copy", "land-utf8")},
		{id: "P2", title: "validated landing of GB18030, speed against COPY of the UTF-8 twin", gate: 0.9, aim: 1.3, figures: faster("copy", "land-gb18030")},
		{id: "P1", title: "the same against COPY that keeps what landing keeps", gate: 1.0, aim: 1.5, figures: faster("copy-kept", "land-utf8")},
		{id: "P2", title: "the same against COPY that keeps what landing keeps", gate: 0.9, aim: 1.3, figures: faster("copy-kept", "land-gb18030")},
		{id: "—", title: "with persons' data masked and the extract sealed, no goal set", figures: faster("copy", "land-sealed")},
		{id: "P16", title: "digests, share of landing's CPU", gate: 15, aim: 10, unit: " %", atMost: true, figures: hashShare},
	},
}

// registrations lands the register, short fields and many codes.
var registrations = contest{
	name: "registrations", title: "a clean registration extract, 15 columns, against DuckDB's own COPY",
	prepare: prepareRegister,
	contenders: []contender{
		copies(register, "utf8.csv"),
		trial{register, "utf8.csv", "utf-8", 2, false}.as("land-utf8", "rongxin land, all checks, UTF-8"),
		trial{register, "gb18030.csv", "gb18030", 2, false}.as("land-gb18030", "rongxin land, all checks, GB18030"),
	},
	goals: []goal{
		{id: "P1", title: "the same of the register", gate: 1.0, aim: 1.5, figures: faster("copy", "land-utf8")},
		{id: "P2", title: "the same of the register", gate: 0.9, aim: 1.3, figures: faster("copy", "land-gb18030")},
	},
}

const register = "samr/registrations"

// received is after every date of the inputs.
var received = time.Date(2026, 6, 1, 9, 0, 0, 0, time.UTC)

// theContract is the catalogue's contract with another encoding and no bounds
// on what may be rejected.
func theContract(dataset, encoding string) (*contract.Contract, error) {
	catalog, err := contract.Load(pipelines.Catalog())
	if err != nil {
		return nil, err
	}
	c, err := catalog.Find(dataset)
	if err != nil {
		return nil, err
	}
	other := *c
	other.Source.Encoding, other.Expect = encoding, contract.Expect{MaxRejectPPM: 1_000_000}
	return &other, nil
}

// judgeRun is the process that reads the extract for landing.
const judgeRun = "judge"

// A trial is one way to land one file.
type trial struct {
	dataset, file, encoding string
	workers                 int
	persons                 bool // as the contract says; else nothing is masked or sealed
}

func (t trial) as(name, title string) contender {
	return contender{name: name, title: title, run: t.land}
}

// land says the digests of what it wrote.
func (t trial) land(ctx context.Context, j job) (string, error) {
	c, err := theContract(t.dataset, t.encoding)
	if err != nil {
		return "", err
	}
	if !t.persons {
		c.Fields = slices.Clone(c.Fields)
		for i := range c.Fields {
			f := &c.Fields[i]
			f.Mask, f.FreeText = nil, false
			if f.Type == contract.PersonID {
				f.Type = contract.Text
			}
		}
	}
	self, err := os.Executable()
	if err != nil {
		return "", err
	}
	lander, err := ingest.New(ingest.Config{Home: j.out, Catalog: &contract.Catalog{}, Workers: t.workers, Child: []string{self, "-run", judgeRun}})
	if err != nil {
		return "", err
	}
	result, err := lander.Land(ctx, ingest.Request{Contract: c, File: j.path(t.file), ReceivedAt: received})
	if err != nil {
		return "", err
	}
	b := result.Batch
	if b.Rows.Read == 0 || b.Rows.Accepted+b.Rows.Rejected != b.Rows.Read {
		return "", fmt.Errorf("rows: %+v", b.Rows)
	}
	return b.Records.SHA256 + " " + b.Rejects.SHA256, nil
}

// prepareRegister makes a clean city and keeps its registration extract, as it
// came and as UTF-8.
func prepareRegister(ctx context.Context, j job) error {
	summary, err := city.Generate(ctx, city.Config{Enterprises: j.rows, Seed: 1, Dir: j.path("city"), Clean: true})
	if err != nil {
		return err
	}
	for _, f := range summary.Files {
		if f.Dataset == register {
			from := filepath.Join(j.path("city"), "inbox", filepath.FromSlash(f.Path))
			return errors.Join(rewrite(from, j.path("utf8.csv"), fromGB18030), os.Rename(from, j.path("gb18030.csv")), os.RemoveAll(j.path("city")))
		}
	}
	return errors.New("the city has no registration extract")
}

func fromGB18030(r io.Reader) io.Reader { return simplifiedchinese.GB18030.NewDecoder().Reader(r) }
