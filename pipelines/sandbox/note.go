package sandbox

import (
	"bytes"
	"crypto/hmac"
	"encoding/base64"
	"encoding/json"
)

// A note is a line of JSON and, where codes are agreed, a line of codes over it.

// readNote checks the codes of a note and reads it.
func (a Agreed) readNote(text []byte, into any) ([]byte, error) {
	first, rest, _ := bytes.Cut(text, []byte("\n"))
	first = bytes.TrimSuffix(first, []byte("\r"))
	s := a.settings
	if s.MAC != "" || s.Signature != "" {
		second, _, _ := bytes.Cut(rest, []byte("\n"))
		var codes map[string]string
		if err := json.Unmarshal(bytes.TrimSuffix(second, []byte("\r")), &codes); err != nil {
			return nil, refuse(0, "SIGNATURE_MISSING", "第二行应为 %s %s 校验码", s.MAC, s.Signature)
		}
		if s.MAC != "" {
			code, err := base64.StdEncoding.DecodeString(codes[s.MAC])
			if err != nil || !hmac.Equal(code, a.mac(first)) {
				return nil, refuse(0, "BODY_MAC", "%s 校验码缺失或不符", s.MAC)
			}
		}
		if s.Signature != "" && !a.verify(first, codes[s.Signature]) {
			return nil, refuse(0, "BODY_SIGNATURE", "%s 签名缺失或不符", s.Signature)
		}
	}
	if err := json.Unmarshal(first, into); err != nil {
		return nil, refuse(0, "MALFORMED", "第一行应为一个 JSON 对象：%v", err)
	}
	return first, nil
}

// writeNote writes a document as a note.
func (a Agreed) writeNote(document any) ([]byte, error) {
	line, err := marshalLine(document)
	if err != nil {
		return nil, err
	}
	codes := map[string]string{}
	if a.settings.MAC != "" {
		codes[a.settings.MAC] = base64.StdEncoding.EncodeToString(a.mac(line))
	}
	if a.signKey != nil {
		if codes[a.settings.Signature], err = a.sign(line); err != nil {
			return nil, err
		}
	}
	text := append(line, '\n')
	if len(codes) == 0 {
		return text, nil
	}
	second, err := marshalLine(codes)
	return append(append(text, second...), '\n'), err
}

// marshalLine leaves angle brackets and Chinese as they are.
func marshalLine(document any) ([]byte, error) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(document)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}
