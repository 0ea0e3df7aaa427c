package ingest_test

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"rongxin/pipelines/ingest"
)

// permit is a made-up permit by the newest version of samr/permits, or with the
// single id number of the representative that its first version had.
func permit(t *testing.T, version int, no string) string {
	t.Helper()
	values := map[string]string{
		"XK_XDR_MC": "福州甲公司", "XK_XDR_LB": "法人及非法人组织", "XK_XDR_SHXYM": codeA, "XK_FRDB": "林示例",
		"XK_FR_ZJLX": "身份证", "XK_FR_ZJHM": personID, "XK_FR_SFZH": personID, "XK_XKWS": "准予许可决定书",
		"XK_WSH": no, "XK_XKLB": "普通", "XK_NR": "食品销售", "XK_JDRQ": "2026-06-10", "XK_YXQZ": "2026-06-10",
		"XK_YXQZI": "2031-06-09", "XK_XKJG": "市市场监管局", "XK_XKJGDM": codeB, "XK_ZT": "1", "XK_LYDW": "市市场监管局",
		"XK_LYDWDM": codeB, "SJC": "2026-06-12",
	}
	var names, row []string
	for _, c := range mustCatalog(t).Versions("samr/permits") {
		if c.Version != version {
			continue
		}
		for _, f := range c.Fields {
			names, row = append(names, f.Name), append(row, values[f.Name])
		}
	}
	return strings.Join(names, ",") + "\n" + strings.Join(row, ",") + "\n"
}

// A department that has not changed over yet lands by the version it still
// sends, as long as that is valid; the record is the same in both.
func TestContractVersions(t *testing.T) {
	home := t.TempDir()
	l := newLander(t, ingest.Config{Home: home, Catalog: mustCatalog(t)})
	landed := func(content string, at time.Time) (ingest.Result, error) {
		file := writeFile(t, filepath.Join(t.TempDir(), "in.csv"), content)
		return l.Land(context.Background(), ingest.Request{Dataset: "samr/permits", File: file, ReceivedAt: at})
	}
	var ids, numbers []any
	for version := 1; version <= 2; version++ {
		r, err := landed(permit(t, version, "榕许1号"), received)
		if err != nil {
			t.Fatal(err)
		}
		if r.Batch.Contract.Version != version || r.Batch.Rows.Accepted != 1 {
			t.Errorf("version %d landed as %+v, %+v", version, r.Batch.Contract, r.Batch.Rows)
		}
		records := readBack(t, home, r).records
		ids, numbers = append(ids, records[0]["record_id"]), append(numbers, records[0]["representative_id"])
	}
	if ids[0] != ids[1] || numbers[0] != numbers[1] || numbers[0] == nil {
		t.Errorf("records %v, numbers %v", ids, numbers)
	}

	late := time.Date(2027, 1, 4, 9, 0, 0, 0, time.UTC) // the first version has ended
	_, err := landed(permit(t, 1, "榕许2号"), late)
	var refusal *ingest.Refusal
	if !errors.As(err, &refusal) || !strings.Contains(refusal.Problem, "missing column XK_FR_ZJLX, XK_FR_ZJHM; the column XK_FR_SFZH is not in the contract") {
		t.Error(err)
	}
	if r, err := landed(permit(t, 1, "榕许3号"), time.Date(2018, 12, 1, 0, 0, 0, 0, time.UTC)); r.Batch.Rows.Read != 1 || !errors.As(err, &refusal) || !strings.Contains(refusal.Problem, "DATE_IN_FUTURE") {
		t.Error(r.Batch.Rows, err) // by the version that was alone valid then; what it says of 2026 is refused
	}
	if _, err := landed(permit(t, 2, "榕许4号"), time.Date(2018, 12, 1, 0, 0, 0, 0, time.UTC)); !errors.As(err, &refusal) {
		t.Error(err)
	}
	if _, err := landed(permit(t, 2, "榕许5号"), time.Date(2016, 1, 1, 0, 0, 0, 0, time.UTC)); !errors.As(err, &refusal) || !strings.Contains(refusal.Problem, "no version of the contract is valid on 2016-01-01") {
		t.Error(err)
	}
	// A header that fits no version is told by the newest.
	if _, err := landed("XK_XDR_MC\n甲\n", received); err == nil || !strings.Contains(err.Error(), "XK_FR_ZJLX") {
		t.Error(err)
	}
}
