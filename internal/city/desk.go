package city

import (
	"errors"
	"fmt"
)

// desk is the second stage: it numbers documents, seeds faults and writes rows,
// one enterprise after the other.
type desk struct {
	w        *world
	inbox    string
	x        *extracts
	registry *registry
	in       *injector
	truth    *truth
}

func (k *desk) file(e *enterprise) error {
	if err := k.in.prepare(e); err != nil {
		return err
	}
	k.registry.numberAll(e)
	for _, send := range []func(*enterprise) error{
		k.sendRegistration, k.sendPenalties, k.sendPermits, k.sendInspections, k.sendAbnormal, k.sendRisk, k.sendTax,
		k.sendGrades, k.sendLists, k.sendCases, k.sendCommitments, k.sendConduct, k.sendResults, k.sendWitnessed,
		k.sendSectors, k.sendListed, k.sendClinic, k.sendAssociation,
		k.sendMoreLists, k.sendAftermath, k.sendActions,
	} {
		if err := send(e); err != nil {
			return err
		}
	}
	k.in.last = e
	return nil
}

// send writes one row, perhaps with a fault.
func (k *desk) send(x *extract, to *edition, e *enterprise, hint string, cells ...string) error {
	r := &row{x: x, to: to, e: e, hint: hint, cells: cells}
	f, faulty := k.in.seed(r)
	path, line, err := k.write(r)
	if err == nil && faulty && f.kind == DuplicateRow {
		path, line, err = k.write(r)
	}
	if err != nil || !faulty {
		return err
	}
	to.faults++
	return k.truth.tell(path, line, r, f)
}

// sendWithdrawn writes a penalty into the newer file that should not hold it.
func (k *desk) sendWithdrawn(x *extract, to *edition, e *enterprise, p *penalty) error {
	r := &row{x: x, to: to, e: e, hint: p.no, cells: penaltyCells(x, e, p, to)}
	path, line, err := k.write(r)
	if err != nil {
		return err
	}
	return k.truth.tell(path, line, r, fault{kind: WithdrawnStillSent, field: x.index("CF_WSH"), wrong: p.no})
}

func (k *desk) write(r *row) (string, int, error) {
	if r.to.out == nil {
		var err error
		if r.to.out, err = newSink(k.inbox, r.x, r.to); err != nil {
			return "", 0, err
		}
	}
	r.to.rows++
	path, line, err := r.to.out.write(r.cells)
	if err != nil {
		err = fmt.Errorf("%s: %w", r.x.dataset, err)
	}
	return path, line, err
}

// close finishes every file and adds it to the summary.
func (k *desk) close(s *Summary) error {
	var errs []error
	for _, x := range k.x.all() {
		for _, ed := range x.editions {
			if ed.period != "" {
				k.truth.delivery(x.dataset, ed)
			}
			if ed.out == nil && ed.period != "" && ed.state != "missing" {
				var err error // a calendar is kept without rows too
				if ed.out, err = newSink(k.inbox, x, ed); err != nil {
					return errors.Join(append(errs, err)...)
				}
			}
			if ed.out == nil {
				continue
			}
			files, err := ed.out.close()
			errs = append(errs, err)
			for _, f := range files {
				s.Files = append(s.Files, f)
				s.Rows[f.Dataset] += f.Rows
				s.Bytes += f.Bytes
			}
		}
	}
	return errors.Join(append(errs, k.truth.close())...)
}
