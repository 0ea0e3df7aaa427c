package ingest_test

import (
	"bufio"
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	_ "github.com/duckdb/duckdb-go/v2"
	"golang.org/x/text/encoding/simplifiedchinese"

	"rongxin/internal/credit"
	"rongxin/pipelines/contract"
	"rongxin/pipelines/ingest"
)

// benchRows of 双公示 penalties, about 700 bytes each, are landed with every
// check on and compared with DuckDB's own COPY of the UTF-8 file, which checks
// nothing. The two run in turn; the figure is the median of the ratios, above
// one when landing is the faster.
const benchRows = 200_000

func BenchmarkLandUTF8(b *testing.B)    { benchLand(b, "ecology/penalties", false) }
func BenchmarkLandGB18030(b *testing.B) { benchLand(b, "samr/penalties", true) }

func benchLand(b *testing.B, dataset string, gb18030 bool) {
	catalog := mustCatalog(b)
	c, err := catalog.Find(dataset)
	if err != nil {
		b.Fatal(err)
	}
	dir := b.TempDir()
	plain := filepath.Join(dir, "utf8.csv")
	size := writePenalties(b, plain, c, benchRows, false)
	file := plain
	if gb18030 {
		file = filepath.Join(dir, "gb18030.csv")
		size = writePenalties(b, file, c, benchRows, true)
	}
	db, err := sql.Open("duckdb", "")
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	b.SetBytes(size)
	var ratios, cpuRatios []float64
	for b.Loop() {
		start, cpu := time.Now(), cpuTime(b)
		copyWithDuckDB(b, db, c, plain, filepath.Join(dir, "duckdb.parquet"))
		bare, bareCPU := time.Since(start), cpuTime(b)-cpu

		start, cpu = time.Now(), cpuTime(b)
		l := newLander(b, ingest.Config{Home: b.TempDir(), Catalog: catalog})
		r, err := l.Land(context.Background(), ingest.Request{Dataset: dataset, File: file, ReceivedAt: received})
		if err != nil || r.Batch.Rows.Accepted != benchRows {
			b.Fatal(r.Batch.Rows, r.FirstRejects, err)
		}
		ratios = append(ratios, bare.Seconds()/time.Since(start).Seconds())
		cpuRatios = append(cpuRatios, bareCPU.Seconds()/(cpuTime(b)-cpu).Seconds())
	}
	slices.Sort(ratios)
	slices.Sort(cpuRatios)
	b.ReportMetric(ratios[len(ratios)/2], "x_DuckDB_COPY")
	b.ReportMetric(cpuRatios[len(cpuRatios)/2], "x_DuckDB_CPU")
}

// cpuTime is the processor time of this process so far. On a busy machine its
// ratio is the steadier of the two.
func cpuTime(b *testing.B) time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		b.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

func copyWithDuckDB(b *testing.B, db *sql.DB, c *contract.Contract, from, to string) {
	var columns []string
	for i := range c.Fields {
		f := &c.Fields[i]
		kind := f.SQLType()
		if f.Type == contract.Money {
			kind = "DECIMAL(18,6)"
		}
		columns = append(columns, fmt.Sprintf("'%s': '%s'", f.Name, kind))
	}
	_, err := db.Exec(fmt.Sprintf(`SET preserve_insertion_order = false;
		COPY (SELECT * FROM read_csv('%s', header = true, auto_detect = false, delim = ',', quote = '"', escape = '"',
			columns = {%s})) TO '%s' (FORMAT parquet, COMPRESSION zstd)`, from, strings.Join(columns, ", "), to))
	if err != nil {
		b.Fatal(err)
	}
}

// writePenalties writes n valid rows by the 2018 form and returns the size.
func writePenalties(tb testing.TB, path string, c *contract.Contract, n int, gb18030 bool) int64 {
	tb.Helper()
	f, err := os.Create(path)
	if err != nil {
		tb.Fatal(err)
	}
	defer f.Close()
	w := bufio.NewWriterSize(f, 1<<20)
	if gb18030 {
		w = bufio.NewWriterSize(simplifiedchinese.GB18030.NewEncoder().Writer(f), 1<<20)
	}
	var header []string
	for _, field := range c.Fields {
		header = append(header, field.Name)
	}
	fmt.Fprintln(w, strings.Join(header, ","))
	for i := range n {
		fmt.Fprintln(w, penaltyLine(c, i))
	}
	if err := w.Flush(); err != nil {
		tb.Fatal(err)
	}
	info, err := f.Stat()
	if err != nil {
		tb.Fatal(err)
	}
	return info.Size()
}

func penaltyLine(c *contract.Contract, i int) string {
	org, _ := credit.NewCode("91350100", fmt.Sprintf("MA%06d", i%900000))
	decided := credit.NewDate(2026, 1, 5).AddDays(i % 120)
	values := map[string]string{
		"CF_XDR_MC": fmt.Sprintf("福州市榕城第%d贸易有限公司", i), "CF_XDR_LB": "法人及非法人组织", "CF_XDR_SHXYM": org,
		"CF_FRDB": []string{"林某某", "陈某", "郑某某"}[i%3], "CF_WSH": fmt.Sprintf("榕市监罚决〔2026〕%d号", i),
		"CF_WFXW": "未按规定公示年度报告", "CF_SY": fmt.Sprintf(`"当事人于%s被查实,未在规定期限内公示第%d号年度报告"`, decided, i),
		"CF_YJ": "《企业信息公示暂行条例》第十七条", "CF_CFLB": []string{"罚款", "警告", "通报批评"}[i%3],
		"CF_NR": fmt.Sprintf("责令改正并处罚款人民币%d元整", 1000+i%5000), "CF_NR_FK": fmt.Sprintf("%d.%04d", i%9, i%10000),
		"CF_JDRQ": decided.String(), "CF_YXQ": "2099-12-31", "CF_GSJZQ": decided.AddMonths(36).String(),
		"CF_CFJG": "福州市市场监督管理局", "CF_CFJGDM": codeA, "CF_SJLY": "福州市市场监督管理局", "CF_SJLYDM": codeB,
		"SJC": decided.AddDays(i % 15).String(),
	}
	line := make([]string, len(c.Fields))
	for j, f := range c.Fields {
		line[j] = values[f.Name]
	}
	return strings.Join(line, ",")
}
