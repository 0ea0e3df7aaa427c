package draw

import "fmt"

// Compare holds drawn rows against those that the draw gives. The error names
// the first row that was altered, added, dropped or moved.
func Compare(got, want []Drawn) error {
	gotIDs, wantIDs := subjects(got), subjects(want)
	for i := range max(len(got), len(want)) {
		row := i + 1
		switch {
		case i >= len(got):
			return fmt.Errorf("row %d: %s is missing", row, want[i].SubjectID)
		case i >= len(want):
			return fmt.Errorf("row %d: %s was added", row, got[i].SubjectID)
		case got[i] == want[i]:
		case got[i].SubjectID == want[i].SubjectID:
			return fmt.Errorf("row %d: %s was altered: %+v, wants %+v", row, got[i].SubjectID, got[i], want[i])
		case !wantIDs[got[i].SubjectID] && !gotIDs[want[i].SubjectID]:
			return fmt.Errorf("row %d: %s stands in the place of %s", row, got[i].SubjectID, want[i].SubjectID)
		case !gotIDs[want[i].SubjectID]:
			return fmt.Errorf("row %d: %s is missing", row, want[i].SubjectID)
		case !wantIDs[got[i].SubjectID]:
			return fmt.Errorf("row %d: %s was added", row, got[i].SubjectID)
		default:
			return fmt.Errorf("row %d: %s is out of order, wants %s", row, got[i].SubjectID, want[i].SubjectID)
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
