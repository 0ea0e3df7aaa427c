package contract_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rongxin/pipelines/contract"
)

// table is the valid contract with its rows in a database.
func table(source string) string {
	return with("source: {format: csv, delivery: delta}", "source: {format: table, "+source+"}")
}

func TestTable(t *testing.T) {
	tests := []struct {
		name, source string
		want         contract.Table
	}{
		{"number", "delivery: delta, database: water, table: exchange.欠费, cursor: id",
			contract.Table{Database: "water", Schema: "exchange", Name: "欠费", Cursor: "id",
				Overlap: contract.Overlap{Time: 10 * time.Minute, Count: 1000}}},
		{"time and keys", "delivery: delta, database: water, table: a.b, cursor: 更新时间, tie: [户号, 账期], overlap: 2 hours",
			contract.Table{Database: "water", Schema: "a", Name: "b", Cursor: "更新时间", Tie: []string{"户号", "账期"},
				Overlap: contract.Overlap{Time: 2 * time.Hour, For: "time"}}},
		{"no overlap", "delivery: delta, database: water, table: a.b, cursor: id, overlap: 0",
			contract.Table{Database: "water", Schema: "a", Name: "b", Cursor: "id", Overlap: contract.Overlap{For: "number"}}},
		{"snapshot", "delivery: snapshot, database: water, table: a.b.c, tie: [户号]",
			contract.Table{Database: "water", Schema: "a", Name: "b.c", Tie: []string{"户号"},
				Overlap: contract.Overlap{Time: 10 * time.Minute, Count: 1000}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, err := contract.Parse("f.yml", []byte(table(tt.source)))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(&tt.want, c.Source.Table); diff != "" {
				t.Error(diff)
			}
			if !c.Knows("户号") || c.Knows("another") {
				t.Error("knows the wrong columns")
			}
		})
	}
}

func TestTableFaults(t *testing.T) {
	const good = "delivery: delta, database: water, table: a.b, cursor: id"
	tests := []struct{ name, yaml, want string }{
		{"database", table("delivery: delta, table: a.b, cursor: id"), "source.database: want the name of a connection"},
		{"schema", table("delivery: delta, database: water, table: b, cursor: id"), "source.table: want schema.table"},
		{"long name", table("delivery: delta, database: water, cursor: id, table: a." + strings.Repeat("表", 22)), "is longer than 63 bytes"},
		{"control sign", table(`delivery: delta, database: water, cursor: id, table: "a.b\n"`), "source.table: want schema.table (for MySQL, database.table): the name \"b\\n\" is not plain text"},
		{"no cursor", table("delivery: delta, database: water, table: a.b"), "source.cursor: name the column that rises"},
		{"cursor twice", table(good + ", tie: [id]"), "source.tie[0]: id stands twice"},
		{"cursor of a snapshot", table("delivery: snapshot, database: water, table: a.b, cursor: id, tie: [户号]"), "source.cursor: a snapshot is read whole"},
		{"snapshot without order", table("delivery: snapshot, database: water, table: a.b"), "source.tie: name the columns that identify a row"},
		{"overlap of a snapshot", table("delivery: snapshot, database: water, table: a.b, tie: [户号], overlap: 5"), "source.overlap: a snapshot is read whole"},
		{"overlap", table(good + ", overlap: long"), "source.overlap: want a time such as 10 minutes"},
		{"overlap of years", table(good + ", overlap: 400 days"), "source.overlap: is longer than a year"},
		{"encoding", table(good + ", encoding: gb18030"), "source.encoding: a database says itself"},
		{"member", table(good + ", member: a.csv"), "source.member: is for archives"},
		{"sheet", table(good + ", sheet: 一"), "are for xlsx only"},
		{"field name", strings.Replace(table(good), "name: 户号", "name: "+strings.Repeat("户", 22), 1), "fields[0].name: the name"},
		{"cursor of a file", with("format: csv", "format: csv, cursor: id"), "f.yml:9:23: source.cursor: is for format: table only"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := contract.Parse("f.yml", []byte(tt.yaml))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("want a fault with\n%s\ngot\n%v", tt.want, err)
			}
		})
	}
}
