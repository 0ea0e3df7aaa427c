package ingest

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
	"unicode/utf8"

	"rongxin/warehouse/landing"
	"rongxin/warehouse/store"
)

// A Receipt tells the sender what became of a file. It lies beside it.
type Receipt struct {
	State      string        `json:"state"`   // landed, landed_before or refused
	Summary    string        `json:"summary"` // in Chinese, all that follows in words
	File       string        `json:"file"`    // path in the inbox
	Dataset    string        `json:"dataset"` // by its folders
	Title      string        `json:"title,omitempty"`
	Department string        `json:"department,omitempty"`
	BatchID    string        `json:"batch_id,omitempty"`
	ReceivedAt time.Time     `json:"received_at"`
	SHA256     string        `json:"sha256,omitempty"`
	Rows       landing.Rows  `json:"rows"`
	Reasons    []Counted     `json:"rejected_by_reason,omitempty"`
	Flags      []Counted     `json:"accepted_by_flag,omitempty"`
	Warnings   []Warning     `json:"warnings,omitempty"`
	Rejects    string        `json:"rejects,omitempty"` // where the refused rows can be got, in Chinese
	Refusal    *RefusalWords `json:"refusal,omitempty"`
}

// Counted is a reason or flag with the rows it was given to.
type Counted struct {
	Code     string `json:"code"`
	Rows     int    `json:"rows"`
	Meaning  string `json:"meaning"`
	WhatToDo string `json:"what_to_do"`
}

func newReceipt(f dropped, d *Delivery) Receipt {
	b := d.Result.Batch
	r := Receipt{
		State: "landed", File: filepath.ToSlash(f.rel), Dataset: f.dataset, Title: b.Title, Department: b.Department,
		BatchID: b.ID, ReceivedAt: f.receivedAt, SHA256: b.Extract.SHA256, Rows: b.Rows,
		Reasons: counted(b.Reasons), Flags: counted(b.Flags), Warnings: d.Result.Warnings,
	}
	words := []string{fmt.Sprintf("《%s》", b.Title)}
	switch refusal := new(Refusal); {
	case errors.As(d.Err, &refusal):
		r.Refusal = refusal.Words()
	case d.Result.AlreadyLanded:
		r.State = "landed_before"
		words = append(words, "此文件此前已经接收，未重复入库：")
	}
	if r.Refusal != nil {
		r.State, r.BatchID = "refused", "" // the batch of a refused file is nowhere
		r.Summary = r.Refusal.summary() + inWords("拒收原因", r.Reasons) + "改正后放回原文件夹即可。"
		return r
	}
	words = append(words, fmt.Sprintf("共 %d 行，接收 %d 行，拒收 %d 行。", r.Rows.Read, r.Rows.Accepted, r.Rows.Rejected))
	words = append(words, inWords("拒收原因", r.Reasons), inWords("已接收但有疑点", r.Flags))
	if b.Delivery == "snapshot" && b.Flags[Late] > 0 {
		words = append(words, "全量报送中此前已报过的行，是否迟报以首次报送为准，由运行核定，不重复计算。")
	}
	for _, warning := range r.Warnings {
		words = append(words, "请核实："+warning.Chinese+"。")
	}
	if r.Rows.Rejected > 0 {
		r.Rejects = fmt.Sprintf("逐行明细（行号、字段、原因、原值）由信用中心生成：rongxin feedback --department %s；批次 %s", b.Department, b.ID)
		again := "拒收的行改正后请重新报送。"
		if b.Delivery == "snapshot" {
			again = "改正后请重报全部数据：这是全量报送，文件中没有的记录视为撤销，不能只报改正的行。"
		}
		words = append(words, again+r.Rejects+"。")
	}
	r.Summary = strings.Join(words, "")
	return r
}

func inWords(what string, list []Counted) string {
	if len(list) == 0 {
		return ""
	}
	words := make([]string, len(list))
	for i, c := range list {
		words[i] = fmt.Sprintf("%s %d 行（%s）", c.Meaning, c.Rows, c.WhatToDo)
	}
	return what + "：" + strings.Join(words, "；") + "。"
}

// counted puts counts into words, in the order of Reasons.
func counted(counts map[string]int) []Counted {
	var list []Counted
	for _, reason := range Reasons() {
		if n := counts[reason.Code]; n > 0 {
			list = append(list, Counted{reason.Code, n, reason.Chinese, reason.WhatToDo})
		}
	}
	return list
}

const receiptSuffix = ".receipt.json"

// putAway writes the receipt and moves the file beside it. Where a file of that
// name lies already, it gets a number. A receipt without its file is of a move
// that was cut off; its file is still in the inbox, so it is written again.
func (l *Lander) putAway(in Inbox, f dropped, d *Delivery) error {
	r := newReceipt(f, d)
	shelf := doneDir
	if r.State == "refused" {
		shelf = refusedDir
	}
	dir, base := filepath.Join(in.Dir, shelf, filepath.Dir(f.rel)), filepath.Base(f.rel)
	if err := store.Sweep(dir); err != nil {
		return err
	}
	for n := 1; ; n++ {
		target := filepath.Join(dir, numbered(base, n))
		if _, err := os.Lstat(target); err == nil {
			continue
		} else if !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		if now, err := os.Lstat(d.Path); err != nil || !isSame(f.info, now) {
			return errors.Join(err, ErrChanging) // it was replaced: what lies there now is another file
		}
		receipt := target + receiptSuffix
		err := store.Write(receipt, 0o644, func(w io.Writer) error {
			enc := json.NewEncoder(w)
			enc.SetIndent("", "  ")
			enc.SetEscapeHTML(false)
			return enc.Encode(r)
		})
		if err != nil {
			return err
		}
		if err := store.Move(d.Path, target); err != nil {
			return err
		}
		d.MovedTo, d.Receipt = target, receipt
		return nil
	}
}

// maxName is the longest name of a file, in bytes, on the file systems we know.
const maxName = 255

// numbered is a file's name, from the second of its kind on with a number before
// its extension, and short enough for its receipt to have a name too.
func numbered(base string, n int) string {
	ext := filepath.Ext(base)
	if len(ext) > 16 {
		ext = "" // that is no extension
	}
	stem := strings.TrimSuffix(base, ext)
	if n > 1 {
		ext = fmt.Sprintf(".%d%s", n, ext)
	}
	if room := maxName - len(receiptSuffix) - len(ext); len(stem) > room {
		sum := sha256.Sum256([]byte(base))
		mark := "~" + hex.EncodeToString(sum[:4])
		cut := room - len(mark)
		for !utf8.RuneStart(stem[cut]) {
			cut--
		}
		stem = stem[:cut] + mark
	}
	return stem + ext
}
