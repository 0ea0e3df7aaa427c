package landing

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"

	"rongxin/warehouse/secret"
)

// VaultName is the file of a batch with the clear values of masked fields, of
// which the contract says that they are kept: one entry a line, sealed.
const VaultName = "vault.ndjson" + SealedSuffix

// A VaultEntry holds the clear values of one record, by their columns.
type VaultEntry struct {
	RecordID string            `json:"record_id"`
	Line     int64             `json:"line"`
	Values   map[string]string `json:"values"`
}

// ErrNoEntry is returned when no vault holds a record.
var ErrNoEntry = errors.New("no vault holds this record")

// FindVault returns the entry of the newest version of a record of a dataset,
// and the batch that it came with. Damage is an error, not a missing entry.
func FindVault(home, dataset, recordID string, keys *secret.Ring) (VaultEntry, Batch, error) {
	batches, err := List(home)
	if err != nil {
		return VaultEntry{}, Batch{}, err
	}
	for i := len(batches) - 1; i >= 0; i-- {
		b := batches[i]
		if b.Dataset != dataset || b.Vault == nil {
			continue
		}
		entry, err := searchVault(home, b, recordID, keys)
		if !errors.Is(err, ErrNoEntry) {
			return entry, b, err
		}
	}
	return VaultEntry{}, Batch{}, fmt.Errorf("%s record %s: %w", dataset, recordID, ErrNoEntry)
}

// searchVault reads a vault to its end, where alone it is known to be whole; of
// two lines of one record the later holds, as in staging.
func searchVault(home string, b Batch, recordID string, keys *secret.Ring) (VaultEntry, error) {
	vault, err := openSealed(filepath.Join(Dir(home, b.Dataset, b.ID), VaultName), *b.Vault, keys)
	if err != nil {
		return VaultEntry{}, err
	}
	defer vault.Close()
	found, result := VaultEntry{}, ErrNoEntry
	for dec := json.NewDecoder(vault); ; {
		var entry VaultEntry
		err := dec.Decode(&entry)
		switch {
		case errors.Is(err, io.EOF):
			return found, result
		case err != nil:
			return VaultEntry{}, fmt.Errorf("%s batch %s: %s: %w", b.Dataset, b.ID, VaultName, err)
		case entry.RecordID == recordID:
			found, result = entry, nil
		}
	}
}
