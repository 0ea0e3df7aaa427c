package run

import "path/filepath"

// Challengers is where runs by rules that do not hold stand, beside those of the
// line and laid out as they are. [Open], [Before], [AsOf] and [Publish] never look
// here, so what reads a run to publish, list, draw or deliver cannot meet one.
func Challengers(home string) string { return filepath.Join(home, "challengers") }

// OpenChallenger returns a finished run of a challenger, for comparing it.
func OpenChallenger(home, id string) (*Run, error) { return open(Challengers(home), id) }
