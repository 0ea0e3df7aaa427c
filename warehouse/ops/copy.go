package ops

import (
	"context"
	"errors"
	"fmt"
	"os"
)

// ErrOnServer is returned by [Store.CopyTo] for a store on a server, which the
// server's own means copy.
var ErrOnServer = errors.New("the operations store is on a server")

// CopyTo writes a copy of the store, as it is at one moment, to a file that does
// not exist yet; others may go on changing the store meanwhile.
func (s *Store) CopyTo(ctx context.Context, path string) error {
	if _, ok := s.system.(sqliteFile); !ok {
		return ErrOnServer
	}
	if _, err := s.db.ExecContext(ctx, "vacuum into ?", path); err != nil {
		return fmt.Errorf("copy the operations store to %s: %w", path, err)
	}
	return os.Chmod(path, 0o600)
}
