package ingest

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"hash"
	"os"

	"rongxin/warehouse/landing"
	"rongxin/warehouse/secret"
	"rongxin/warehouse/store"
)

// openVault is the name of a vault until it is sealed. Clear values lie in it
// only in the staged directory, beside the extract that they come from.
const openVault = "vault.ndjson"

// lockAway notes the clear values of an accepted row.
func (j *judge) lockAway(r *row, v *verdict) error {
	if len(j.vault) == 0 {
		return nil
	}
	entry := landing.VaultEntry{
		RecordID: string(j.values[atRecordID].text), Line: r.line, Values: map[string]string{}}
	for _, i := range j.vault {
		if len(r.values[i]) > 0 {
			entry.Values[j.fields[i].As] = string(r.values[i])
		}
	}
	line, err := json.Marshal(entry)
	v.vault = append(append(v.vault, line...), '\n')
	return err
}

// A vaultFile takes the entries of a batch in the order of its rows. Without a
// field that asks for one there is none.
type vaultFile struct {
	file  *os.File
	space *bufio.Writer
	hash  hash.Hash
	size  int64
}

func createVault(path string, p *plan) (*vaultFile, error) {
	if len(p.vault) == 0 {
		return nil, nil
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, err
	}
	return &vaultFile{file: file, space: bufio.NewWriterSize(file, copyBytes), hash: sha256.New()}, nil
}

func (f *vaultFile) add(entries []byte) error {
	if f == nil {
		return nil
	}
	n, err := f.space.Write(entries)
	f.hash.Write(entries[:n])
	f.size += int64(n)
	return err
}

func (f *vaultFile) close() (*store.Digest, error) {
	if f == nil {
		return nil, nil
	}
	err := errors.Join(f.space.Flush(), f.file.Close())
	return &store.Digest{SHA256: hex.EncodeToString(f.hash.Sum(nil)), Bytes: f.size}, err
}

func (f *vaultFile) abandon() {
	if f != nil {
		f.file.Close()
	}
}

// seal seals the vault that a task wrote, if it wrote one.
func (t *task) seal(out *outcome, key secret.Key) (*store.Digest, error) {
	if out.Vault == nil {
		return nil, nil
	}
	digest, err := key.SealFile(t.path(openVault), t.path(landing.VaultName), *out.Vault)
	return &digest, errors.Join(err, os.Remove(t.path(openVault)))
}
