package draw

import "fmt"

// Verify repeats the draw and compares. The error names the first row that was
// altered, added or dropped; nil says that the result is that of this roster
// and this seed, to the last byte.
func Verify(result Result, roster Roster, seed string) error {
	want, err := Draw(roster, seed)
	if err != nil {
		return err
	}
	for _, part := range []struct{ name, got, want string }{
		{"algorithm", result.Algorithm, want.Algorithm},
		{"roster_digest", result.RosterDigest, want.RosterDigest},
		{"seed", result.Seed, want.Seed},
	} {
		if part.got != part.want {
			return fmt.Errorf("result: %s is %q, wants %q", part.name, part.got, part.want)
		}
	}
	return compare(result.Drawn, want.Drawn)
}

func compare(got, want []Drawn) error {
	gotIDs, wantIDs := subjects(got), subjects(want)
	for i := range max(len(got), len(want)) {
		row := i + 1
		switch {
		case i >= len(got):
			return fmt.Errorf("result row %d: %s is missing", row, want[i].SubjectID)
		case i >= len(want):
			return fmt.Errorf("result row %d: %s was added", row, got[i].SubjectID)
		case got[i] == want[i]:
		case got[i].SubjectID == want[i].SubjectID:
			return fmt.Errorf("result row %d: %s was altered: %+v, wants %+v", row, got[i].SubjectID, got[i], want[i])
		case !wantIDs[got[i].SubjectID] && !gotIDs[want[i].SubjectID]:
			return fmt.Errorf("result row %d: %s stands in the place of %s", row, got[i].SubjectID, want[i].SubjectID)
		case !gotIDs[want[i].SubjectID]:
			return fmt.Errorf("result row %d: %s is missing", row, want[i].SubjectID)
		case !wantIDs[got[i].SubjectID]:
			return fmt.Errorf("result row %d: %s was added", row, got[i].SubjectID)
		default:
			return fmt.Errorf("result row %d: %s is out of order, wants %s", row, got[i].SubjectID, want[i].SubjectID)
		}
	}
	return nil
}

func subjects(rows []Drawn) map[string]bool {
	ids := make(map[string]bool, len(rows))
	for _, r := range rows {
		ids[r.SubjectID] = true
	}
	return ids
}
