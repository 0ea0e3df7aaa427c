package ops

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
)

// ErrConsent is returned for a proposal or a vote that is not allowed.
var ErrConsent = errors.New("not allowed")

// States of a proposal.
const (
	StateOpen     = "open"
	StateApproved = "approved"
	StateRejected = "rejected"
)

// Approvals is how many others must agree.
const Approvals = 2

// A Proposal is a change that holds from a day on, once two others have agreed.
type Proposal struct {
	ID          string          `json:"id"`
	Content     string          `json:"content"` // SHA-256 of what is proposed
	Base        string          `json:"base"`    // what it was held against
	PlannedFor  string          `json:"planned_for"`
	EffectiveOn string          `json:"effective_on"`
	Figures     json.RawMessage `json:"figures,omitempty"`
	Stopped     int             `json:"stopped"`    // limits it passes
	Overridden  bool            `json:"overridden"` // the proposer answers for that
	Reason      string          `json:"reason"`
	Proposer    string          `json:"proposer"`
	At          time.Time       `json:"proposed_at"`
	State       string          `json:"state"`
	Votes       []Vote          `json:"votes"`
}

// A Vote is what one person said of a proposal.
type Vote struct {
	Voter   string    `json:"voter"`
	Approve bool      `json:"approve"`
	Reason  string    `json:"reason"`
	Day     string    `json:"voted_on"` // in China
	At      time.Time `json:"voted_at"`
}

// Propose registers a proposal and its line in the journal, whose actor is the
// proposer. An open proposal of the same content is refused with [ErrConsent].
func (s *Store) Propose(ctx context.Context, p Proposal, e Entry) (Proposal, error) {
	p.Proposer, p.At, p.State, p.Votes = strings.TrimSpace(e.Actor), e.At.UTC(), StateOpen, []Vote{}
	err := s.consent(ctx, e, func(tx *sql.Tx, r Record) error {
		var twin string
		err := tx.QueryRowContext(ctx, `select p.id from proposals as p join proposal_states as s on s.id = p.id
			where p.content = ? and s.state = 'open'`, p.Content).Scan(&twin)
		if err == nil {
			return fmt.Errorf("%w: the same content is open as %s", ErrConsent, twin)
		}
		if !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		if p.Stopped > 0 && !p.Overridden {
			return fmt.Errorf("%w: it passes %d limits, and nobody answers for that", ErrConsent, p.Stopped)
		}
		p.ID = "P" + r.Digest[:10]
		_, err = tx.ExecContext(ctx, `insert into proposals
			(id, content, base, planned_for, effective_on, figures, stopped, overridden, reason, proposer, proposed_at, entry)
			values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, p.ID, p.Content, p.Base, p.PlannedFor, p.EffectiveOn, string(p.Figures),
			p.Stopped, p.Overridden, p.Reason, p.Proposer, formatTime(p.At), r.Seq)
		return err
	})
	if err != nil {
		return Proposal{}, fmt.Errorf("proposal: %w", err)
	}
	return p, nil
}

// Vote registers what the actor of the entry says of a proposal on a day, and its
// line in the journal, and returns the proposal as it then stands. Nobody approves
// what they proposed, votes twice, votes on what is decided, or approves what would
// hold from a day that is past: [ErrConsent]. A proposer may reject, which takes
// the proposal back.
func (s *Store) Vote(ctx context.Context, id string, approve bool, reason, day string, e Entry) (Proposal, error) {
	voter := strings.TrimSpace(e.Actor)
	p, err := s.Proposal(ctx, id)
	if err == nil {
		err = p.allows(voter, approve, day)
	}
	if err == nil {
		verdict := map[bool]string{true: "approve", false: "reject"}[approve]
		err = s.consent(ctx, e, func(tx *sql.Tx, r Record) error {
			_, err := tx.ExecContext(ctx, `insert into votes (proposal, voter, verdict, reason, voted_on, voted_at, entry) values (?, ?, ?, ?, ?, ?, ?)`,
				p.ID, voter, verdict, reason, day, formatTime(e.At), r.Seq)
			return err
		})
	}
	if err != nil {
		return Proposal{}, fmt.Errorf("proposal %s: %w", id, err)
	}
	return s.Proposal(ctx, id)
}

// allows says early, and in words, what the database refuses too.
func (p Proposal) allows(voter string, approve bool, day string) error {
	if p.State != StateOpen {
		return fmt.Errorf("%w: it is %s already", ErrConsent, p.State)
	}
	if approve && strings.EqualFold(p.Proposer, voter) {
		return fmt.Errorf("%w: %s proposed it; two others approve", ErrConsent, p.Proposer)
	}
	for _, v := range p.Votes {
		if strings.EqualFold(v.Voter, voter) {
			return fmt.Errorf("%w: %s has voted already; another person must", ErrConsent, v.Voter)
		}
	}
	if approve && p.EffectiveOn < day {
		return fmt.Errorf("%w: it would hold from %s, which is past on %s; propose it anew for a later day", ErrConsent, p.EffectiveOn, day)
	}
	return nil
}

// consent writes a journal entry and what goes with it in one transaction.
func (s *Store) consent(ctx context.Context, e Entry, do func(*sql.Tx, Record) error) error {
	record := Record{Entry: e}
	if err := record.normalise(); err != nil {
		return err
	}
	err := s.change(ctx, func(tx *sql.Tx) error {
		if err := record.append(ctx, tx); err != nil {
			return err
		}
		return do(tx, record)
	})
	// What another process did since it was asked for, and the database refuses.
	if s.system.constraint(err) {
		err = fmt.Errorf("%w: %w", ErrConsent, err)
	}
	return err
}

// Proposal returns one by its ID.
func (s *Store) Proposal(ctx context.Context, id string) (Proposal, error) {
	list, err := s.proposals(ctx, `where p.id = ?`, id)
	if err == nil && len(list) == 0 {
		err = fmt.Errorf("%w: there is no such proposal", ErrConsent)
	}
	if err != nil {
		return Proposal{}, err
	}
	return list[0], nil
}

// Proposals returns all of them, the newest first.
func (s *Store) Proposals(ctx context.Context) ([]Proposal, error) { return s.proposals(ctx, "") }

// InForce returns the approved proposal that holds on a day: of those that have
// become effective the one of the latest day, and of several of one day the one
// decided last. None is nil.
func (s *Store) InForce(ctx context.Context, day string) (*Proposal, error) {
	list, err := s.proposals(ctx, `where s.state = 'approved' and p.effective_on <= ?`, day)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	last := list[0]
	for _, p := range list[1:] {
		if p.EffectiveOn > last.EffectiveOn || p.EffectiveOn == last.EffectiveOn && p.decidedAt().After(last.decidedAt()) {
			last = p
		}
	}
	return &last, nil
}

func (p Proposal) decidedAt() (at time.Time) {
	for _, v := range p.Votes {
		if v.At.After(at) {
			at = v.At
		}
	}
	return at
}

func (s *Store) proposals(ctx context.Context, where string, args ...any) ([]Proposal, error) {
	rows, err := s.db.QueryContext(ctx, `select p.id, p.content, p.base, p.planned_for, p.effective_on, p.figures, p.stopped, p.overridden,
		p.reason, p.proposer, p.proposed_at, s.state
		from proposals as p join proposal_states as s on s.id = p.id `+where+` order by p.entry desc`, args...)
	if err != nil {
		return nil, fmt.Errorf("proposals: %w", err)
	}
	defer rows.Close()
	list := []Proposal{}
	for rows.Next() {
		var p Proposal
		var figures, at string
		if err := rows.Scan(&p.ID, &p.Content, &p.Base, &p.PlannedFor, &p.EffectiveOn, &figures, &p.Stopped, &p.Overridden,
			&p.Reason, &p.Proposer, &at, &p.State); err != nil {
			return nil, fmt.Errorf("proposals: %w", err)
		}
		p.Figures = json.RawMessage(figures)
		if p.At, err = parseTime(at); err != nil {
			return nil, fmt.Errorf("proposal %s: %w", p.ID, err)
		}
		list = append(list, p)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("proposals: %w", err)
	}
	for i := range list {
		if list[i].Votes, err = s.votes(ctx, list[i].ID); err != nil {
			return nil, err
		}
	}
	return list, nil
}

func (s *Store) votes(ctx context.Context, id string) ([]Vote, error) {
	rows, err := s.db.QueryContext(ctx, `select voter, verdict = 'approve', reason, voted_on, voted_at from votes where proposal = ? order by entry`, id)
	if err != nil {
		return nil, fmt.Errorf("proposal %s: %w", id, err)
	}
	defer rows.Close()
	list := []Vote{}
	for rows.Next() {
		var v Vote
		var at string
		if err := rows.Scan(&v.Voter, &v.Approve, &v.Reason, &v.Day, &at); err != nil {
			return nil, fmt.Errorf("proposal %s: %w", id, err)
		}
		if v.At, err = parseTime(at); err != nil {
			return nil, fmt.Errorf("proposal %s: %w", id, err)
		}
		list = append(list, v)
	}
	return list, rows.Err()
}
