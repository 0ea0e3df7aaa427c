package exchange

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

var errContent = errors.New("the content is no object of texts and integers")

// eachMember reads a content: canonical JSON of one object whose members are texts
// or integers, as the package comment of pipelines/publish defines it.
func eachMember(content []byte, yield func(name, value string, isText bool) error) error {
	rest, ok := strings.CutPrefix(string(content), "{")
	if !ok {
		return errContent
	}
	if rest == "}" {
		return nil
	}
	for {
		var name, value string
		var isText bool
		if name, rest, ok = cutText(rest); !ok {
			return errContent
		}
		if rest, ok = strings.CutPrefix(rest, ":"); !ok {
			return errContent
		}
		if strings.HasPrefix(rest, `"`) {
			value, rest, ok = cutText(rest)
			isText = true
		} else {
			value, rest, ok = cutInteger(rest)
		}
		if !ok {
			return fmt.Errorf("%s: %w", name, errContent)
		}
		if err := yield(name, value, isText); err != nil {
			return err
		}
		if rest == "}" {
			return nil
		}
		if rest, ok = strings.CutPrefix(rest, ","); !ok {
			return errContent
		}
	}
}

// cutText takes a text off the beginning.
func cutText(s string) (text, rest string, ok bool) {
	if !strings.HasPrefix(s, `"`) {
		return "", s, false
	}
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '"': // nothing was escaped
			return s[1:i], s[i+1:], true
		case '\\':
			return cutEscaped(s)
		}
	}
	return "", s, false
}

// cutEscaped takes a text off that holds escapes.
func cutEscaped(s string) (text, rest string, ok bool) {
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			err := json.Unmarshal([]byte(s[:i+1]), &text)
			return text, s[i+1:], err == nil
		}
	}
	return "", s, false
}

func cutInteger(s string) (digits, rest string, ok bool) {
	end := strings.IndexAny(s, ",}")
	if end < 0 {
		return "", s, false
	}
	_, err := strconv.ParseInt(s[:end], 10, 64)
	return s[:end], s[end:], err == nil
}
