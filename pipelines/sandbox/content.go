package sandbox

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/big"
	"strings"
)

// split parts a row into the members of the exchange and its content.
func split(row map[string]any) (exchange, content map[string]any) {
	exchange, content = map[string]any{}, map[string]any{}
	for name, value := range row {
		if strings.HasPrefix(name, "cd_") {
			exchange[name] = value
		} else {
			content[name] = value
		}
	}
	return exchange, content
}

// canonical writes content in the one form that is digested: encoding/json
// orders the names of a map by bytes and leaves out white space.
func canonical(content map[string]any) (string, error) {
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(content); err != nil {
		return "", err
	}
	return strings.TrimSuffix(b.String(), "\n"), nil
}

func decode(text []byte, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	return decoder.Decode(into)
}

func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// stateSum is the sum of the records' digests modulo 2^256.
type stateSum struct{ n *big.Int }

var modulus = new(big.Int).Lsh(big.NewInt(1), 256)

func emptyState() stateSum { return stateSum{new(big.Int)} }

func parseState(text string) (stateSum, error) {
	n, ok := new(big.Int).SetString(text, 16)
	if !ok {
		return stateSum{}, fmt.Errorf("state digest %q", text)
	}
	return stateSum{n}, nil
}

func recordNumber(key, payload string) *big.Int {
	sum := sha256.Sum256([]byte(key + "\n" + digest(payload)))
	return new(big.Int).SetBytes(sum[:])
}

func (s stateSum) add(key, payload string) {
	s.n.Mod(s.n.Add(s.n, recordNumber(key, payload)), modulus)
}

func (s stateSum) remove(key, payload string) {
	s.n.Mod(s.n.Sub(s.n, recordNumber(key, payload)), modulus)
}

func (s stateSum) String() string { return fmt.Sprintf("%064x", s.n) }
