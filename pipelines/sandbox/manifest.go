package sandbox

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
)

// manifest is the note beside a data file.
type manifest struct {
	Kind     string         `json:"kind"`
	Format   int            `json:"format"`
	Receiver string         `json:"receiver"`
	Source   string         `json:"source"`
	Batch    string         `json:"batch"`
	Table    string         `json:"table"`
	Key      string         `json:"key"`
	Lane     int            `json:"lane"`
	Epoch    int64          `json:"epoch"`
	Run      string         `json:"run"`
	AsOf     string         `json:"as_of"`
	Rows     map[string]int `json:"rows"`
	Columns  []column       `json:"columns"`
	Data     struct {
		Name     string `json:"name"`
		Form     string `json:"form"`
		Encoding string `json:"encoding"`
		Bytes    int64  `json:"bytes"`
		SHA256   string `json:"sha256"`
		SM3      string `json:"sm3"`
		Sealed   string `json:"sealed"`
	} `json:"data"`
}

const (
	maxNote = 16 << 20 // bytes
	maxData = 64 << 20
)

var keyForm = regexp.MustCompile(`^[0-9a-f]{64}$`)

// base is the name that the files of a batch and of its answers begin with.
func (m manifest) base() string { return m.Batch + "_" + m.Table + "_" + m.Key[:12] }

// readManifest reads a manifest. A refusal without a key in the manifest cannot
// be answered.
func (d *Drop) readManifest(name string) (m manifest, err error) {
	text, err := readBounded(d.Out, name, maxNote)
	if err != nil {
		return m, err
	}
	_, err = d.cfg.Agreed.readNote(text, &m)
	if !keyForm.MatchString(m.Key) || !batchNumber.MatchString(m.Batch) || !tableName.MatchString(m.Table) {
		m.Key = ""
	}
	switch {
	case err != nil:
		return m, err
	case m.Key == "":
		return m, refuse(0, "MALFORMED", "清单应有 batch、table、key")
	case m.Kind != "manifest" || m.Format != 1:
		return m, refuse(0, "FORMAT", "kind 应为 manifest，format 应为 1")
	case m.Receiver != d.cfg.Name:
		return m, refuse(0, "RECEIVER", "接收方为 %q，本平台为 %s", m.Receiver, d.cfg.Name)
	case name != m.base()+manifestEnd:
		return m, refuse(0, "NAME", "文件名应为 %s", m.base()+manifestEnd)
	}
	return m, nil
}

// takeFiles reads the data file of a manifest and takes the batch.
func (d *Drop) takeFiles(ctx context.Context, m manifest, lost bool) (given receipt, err error) {
	b := &batch{source: m.Source, number: m.Batch, table: m.Table, run: m.Run, asOf: m.AsOf, epoch: m.Epoch, left: true, lane: m.Lane}
	for _, n := range m.Rows {
		b.count += n
	}
	h := handed{m.Key, digest(m.Data.SHA256), b}
	if !exists(d.Out, m.Data.Name) { // we removed it while it was put there again
		if given, known, err := d.again(ctx, h, lost); known || err != nil {
			return given, err
		}
	}
	text, err := d.readData(m)
	if err != nil {
		return given, err
	}
	if b.rows, err = m.parse(text); err != nil {
		return given, refuse(0, "MALFORMED", "%s：%v", m.Data.Name, err)
	}
	has := map[string]int{}
	for _, r := range b.rows {
		has[r.operation]++
	}
	for _, operation := range []string{"I", "U", "D"} {
		if has[operation] != m.Rows[operation] {
			return given, refuse(0, "COUNT", "%s 应有 %d 行，实有 %d 行", operation, m.Rows[operation], has[operation])
		}
	}
	return d.takeReceipt(ctx, h, lost)
}

func exists(dir, name string) bool {
	_, err := os.Lstat(filepath.Join(dir, name))
	return !os.IsNotExist(err)
}

// readData reads a data file, holds it against its manifest and unseals it.
func (d *Drop) readData(m manifest) ([]byte, error) {
	text, err := readBounded(d.Out, m.Data.Name, maxData)
	if os.IsNotExist(err) {
		return nil, refuse(0, "ALTERED", "数据文件 %s 不存在", m.Data.Name)
	}
	if err != nil {
		return nil, err
	}
	agreed := d.cfg.Agreed
	wantSM3 := agreed.settings.Digest == "sm3"
	if int64(len(text)) != m.Data.Bytes || hashOf("sha256", text) != m.Data.SHA256 || wantSM3 && hashOf("sm3", text) != m.Data.SM3 {
		return nil, refuse(0, "ALTERED", "数据文件 %s 的字节数或摘要与清单不符", m.Data.Name)
	}
	if m.Data.Sealed != agreed.settings.Body {
		return nil, refuse(0, "BODY_SEALED", "数据文件的加密方式为 %q，约定为 %q", m.Data.Sealed, agreed.settings.Body)
	}
	if agreed.settings.Body != "" {
		if text, err = agreed.unseal(text, []byte(m.Key)); err != nil {
			return nil, refuse(0, "BODY_SEALED", "密文打不开：%v", err)
		}
	}
	return text, nil
}

func (m manifest) parse(text []byte) ([]row, error) {
	text, err := toUTF8(text, m.Data.Encoding)
	if err != nil {
		return nil, err
	}
	if m.Data.Form == "csv" {
		return readCSV(text, m.Columns)
	}
	if m.Data.Form != "xml" {
		return nil, refuse(0, "FORMAT", "数据格式 %q 应为 csv 或 xml", m.Data.Form)
	}
	rows, root, err := readXML(text, m.Data.Encoding, m.Columns)
	if err == nil && !slices.Equal([]string{root["source"], root["number"], root["table"], root["count"]},
		[]string{m.Source, m.Batch, m.Table, strconv.Itoa(len(rows))}) {
		err = refuse(0, "COUNT", "batch 元素的 source、number、table、count 与清单或记录数不符")
	}
	return rows, err
}
