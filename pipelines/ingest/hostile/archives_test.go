package hostile_test

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"fmt"
	"io"
)

// archives are ZIP and GZIP files around a CSV, or around nothing good.
func archives() []hostile {
	var list []hostile
	add := func(name, want string, write func(io.Writer) error) {
		list = append(list, hostile{name: name, format: "csv", write: write, want: want})
	}
	good := csvHead + csvRow
	const mb = 1 << 20
	add("ZIP", lands, zipped(member{"a.csv", text(good)}))
	add("GZIP", lands, gzipped(text(good)))
	add("ZIP of 150 MB of zeros", "unpacks to more than", zipped(member{"a.csv", repeat("", "\x00", 150*mb, "")}))
	add("GZIP of 150 MB of zeros", "unpacks to more than", gzipped(repeat("", "\x00", 150*mb, "")))
	add("GZIP of GZIP", "GZIP archive", gzipped(gzipped(text(good))))
	add("ZIP of ZIP", "ZIP archive", zipped(member{"a.csv", zipped(member{"a.csv", text(good)})}))
	add("ZIP of nothing", anything, zipped())
	add("ZIP of an empty file", anything, zipped(member{"a.csv", text("")}))
	add("ZIP of two", anything, zipped(member{"a.csv", text(good)}, member{"b.csv", text(good)}))
	add("ZIP of the same twice", anything, zipped(member{"a.csv", text(good)}, member{"a.csv", text(csvHead)}))
	many := make([]member, 30_000)
	for i := range many {
		many[i] = member{fmt.Sprintf("%d.csv", i), text("")}
	}
	add("ZIP of 30,000", anything, zipped(many...))
	for _, name := range []string{"../../../../tmp/evil.csv", "/etc/cron.d/evil.csv", `..\..\evil.csv`, `C:\evil.csv`, "a\x00.csv", "", ".", "..", "a/../../b.csv",
		"\xff\xfe.csv", "~/.ssh/a.csv", "extract.zip", "records.parquet", "unpacked.tmp", "\u202evsc.exe"} {
		add(fmt.Sprintf("member %.20q", name), anything, zipped(member{name, text(good)}))
	}
	plain := packed(zipped(member{"a.csv", repeat(csvHead, csvRow, 200, "")}))
	for _, cut := range []int{4, 30, 100, len(plain) / 2, len(plain) - 22, len(plain) - 1} {
		add(fmt.Sprintf("ZIP cut at %d", cut), anything, text(string(plain[:cut])))
	}
	pressed := packed(gzipped(repeat(csvHead, csvRow, 200, "")))
	for _, cut := range []int{3, 10, 20, len(pressed) / 2, len(pressed) - 8, len(pressed) - 1} {
		add(fmt.Sprintf("GZIP cut at %d", cut), anything, text(string(pressed[:cut])))
	}
	add("GZIP twice over", anything, text(string(pressed)+string(pressed)))
	add("GZIP with a tail", anything, text(string(pressed)+"tail"))
	end := bytes.LastIndex(plain, []byte("PK\x05\x06"))
	for name, change := range map[string]func(b []byte){
		"a password":             func(b []byte) { b[entry(b)+8] |= 1 },
		"an unknown method":      func(b []byte) { b[entry(b)+10] = 99 },
		"a wrong checksum":       func(b []byte) { b[entry(b)+16] ^= 1 },
		"4 GB promised":          func(b []byte) { binary.LittleEndian.PutUint32(b[entry(b)+24:], 0xFFFFFFFE) },
		"less than there is":     func(b []byte) { binary.LittleEndian.PutUint32(b[entry(b)+24:], 10) },
		"packed less than it is": func(b []byte) { binary.LittleEndian.PutUint32(b[entry(b)+20:], 10) },
		"an entry elsewhere":     func(b []byte) { binary.LittleEndian.PutUint32(b[entry(b)+42:], 0x7FFFFFFF) },
		"65,000 entries claimed": func(b []byte) { binary.LittleEndian.PutUint16(b[end+10:], 65_000) },
		"a directory elsewhere":  func(b []byte) { binary.LittleEndian.PutUint32(b[end+16:], 0x7FFFFFFF) },
		"a long comment claimed": func(b []byte) { binary.LittleEndian.PutUint16(b[end+20:], 60_000) },
	} {
		changed := bytes.Clone(plain)
		change(changed)
		add("ZIP with "+name, anything, text(string(changed)))
	}
	return list
}

// entry is where the first entry of the directory begins.
func entry(b []byte) int { return bytes.Index(b, []byte("PK\x01\x02")) }

type member struct {
	name  string
	write func(io.Writer) error
}

func zipped(members ...member) func(io.Writer) error {
	return func(w io.Writer) error {
		z := zip.NewWriter(w)
		for _, m := range members {
			f, err := z.Create(m.name)
			if err == nil && (m.name == "" || m.name[len(m.name)-1] != '/') {
				err = m.write(f)
			}
			if err != nil {
				return err
			}
		}
		return z.Close()
	}
}

func gzipped(write func(io.Writer) error) func(io.Writer) error {
	return func(w io.Writer) error {
		z := gzip.NewWriter(w)
		if err := write(z); err != nil {
			return err
		}
		return z.Close()
	}
}

// packed is what write makes, for a few kilobytes.
func packed(write func(io.Writer) error) []byte {
	var b bytes.Buffer
	if err := write(&b); err != nil {
		panic(err) // a buffer does not fail
	}
	return b.Bytes()
}
