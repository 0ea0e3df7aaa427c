package hostile_test

import (
	"io"
	"strings"
)

const (
	csvHead  = "编号,代码,名称,日期,金额\n"
	csvRow   = "榕1号,91350100MA8T00016W,福州甲公司,2026-03-01,100.50\n"
	jsonRow  = `{"编号":"榕1号","代码":"91350100MA8T00016W","名称":"福州甲公司","日期":"2026-03-01","金额":100.5}`
	xmlHead  = `<?xml version="1.0" encoding="UTF-8"?><root>`
	xmlRow   = `<record><编号>榕1号</编号><代码>91350100MA8T00016W</代码><名称>福州甲公司</名称><日期>2026-03-01</日期><金额>100.5</金额></record>`
	xmlTail  = `</root>`
	megabyte = 1 << 20
)

// texts are CSV, JSON and XML that go too far.
func texts() []hostile {
	var list []hostile
	add := func(format, name, want string, write func(io.Writer) error) {
		list = append(list, hostile{name: name, format: format, write: write, want: want})
	}
	csv := func(name, want string, write func(io.Writer) error) { add("csv", name, want, write) }
	csv("good", lands, repeat(csvHead, csvRow, 3, ""))
	csv("nothing", "empty", text(""))
	csv("a mark alone", "empty", text("\uFEFF"))
	csv("line ends, 3 MB", "empty", repeat("", "\n", 3*megabyte, ""))
	csv("line ends, 8 MB", anything, repeat("", "\n", 8*megabyte, ""))
	csv("line ends below the header", lands, repeat(csvHead, "\r", 8*megabyte, ""))
	csv("zeros, 20 MB", anything, repeat("", "\x00", 20*megabyte, ""))
	csv("zeros below the header", anything, repeat(csvHead, "\x00", 20*megabyte, ""))
	csv("a line of 60 MB", lands, repeat(csvHead, "x", 60*megabyte, "\n"+csvRow))
	csv("a header of 20 MB", anything, repeat("", "x", 20*megabyte, "\n"))
	csv("a quote that never closes, 30 MB", lands, repeat(csvHead+`"`, csvRow, 30*megabyte/len(csvRow), ""))
	csv("quotes that never close", lands, repeat(csvHead, `"`+csvRow, 100_000, ""))
	csv("only quotes", lands, repeat(csvHead, `"`, 20*megabyte, "\n"))
	csv("two million columns", anything, repeat("", "a,", 2_000_000, "\n"))
	csv("a row of two million columns", lands, repeat(csvHead, ",", 2_000_000, "\n"))
	csv("rows of a thousand columns", lands, repeat(csvHead, strings.Repeat(",", 1000)+"\n", 10_000, ""))
	csv("header without end", anything, repeat(csvHead[:len(csvHead)-1], ",列", 100_000, ""))
	csv("bytes that are no text", anything, repeat(csvHead, "\xff\xfe\x80", megabyte, ""))
	csv("half a character", lands, repeat(csvHead+csvRow, "榕\xe6\n", 10_000, ""))
	csv("UTF-16 cut in half", anything, text("\xff\xfe\x16\x7f\xf7\x53,\x00\xe3"))
	csv("UTF-16 of lone surrogates", anything, repeat("\xff\xfe", "\x00\xd8", 100_000, ""))
	csv("UTF-32", anything, repeat("\xff\xfe\x00\x00", "\x16\x7f\x00\x00", 1000, ""))
	csv("formulas", lands, repeat(csvHead, "=cmd|'/c calc'!A0,+1,-1,@SUM(A1),\t=1\n", 1000, ""))
	csv("numbers without end", lands, repeat(csvHead, "榕,,,,"+strings.Repeat("9", 100_000)+"\n", 20, ""))
	csv("exponents", lands, repeat(csvHead, "榕,9e999999999,,,1e999999999\n", 1000, ""))
	csv("dates of all ages", lands, repeat(csvHead, "榕,,,999999999-99-99,\n榕,,,0000-00-00,\n榕,,,-1,\n", 1000, ""))
	csv("every control sign", lands, repeat(csvHead, "\x01\x02\x1b[2J\x7f,\u202e,\ufeff,\u0000,\n", 1000, ""))
	csv("a program", anything, repeat("\x7fELF\x02\x01\x01", "\x90\x00\xcc", 1000, ""))
	csv("a picture", anything, repeat("\x89PNG\r\n\x1a\n", "\x00\x01\x02\xff", 1000, ""))
	csv("a Parquet file that is none", anything, text("PAR1PAR1"))

	json := func(name, want string, write func(io.Writer) error) { add("json", name, want, write) }
	json("good", lands, text("["+jsonRow+","+jsonRow+"]"))
	json("nothing", anything, text(""))
	json("depth of 20 million", anything, repeat("", "[", 20*megabyte, ""))
	json("objects of a million", anything, repeat("[", `{"编号":`, megabyte, ""))
	json("closed depth", anything, repeat("[{\"编号\":"+strings.Repeat("[", 10_000), "1", 1, strings.Repeat("]", 10_000)+"}]"))
	json("a text of 30 MB", anything, repeat(`[{"编号":"`, "x", 30*megabyte, `"}]`))
	json("a text that never ends", anything, repeat(`[{"编号":"`, "\\\\", 15*megabyte, ""))
	json("a number of a megabyte", anything, repeat(`[{"编号":`, "9", megabyte, "}]"))
	json("a number of great power", anything, text(`[{"编号":"榕","金额":1e999999999}]`))
	json("names, 100,000 of them", anything, numbered(`[{"编号":"榕"`, `,"n%d":1`, 100_000, "}]"))
	json("one name 100,000 times", anything, repeat(`[{"编号":"榕"`, `,"名称":"x"`, 100_000, "}]"))
	json("lone surrogates", anything, text(`[{"编号":"\ud800\udfff\udc00"}]`))
	json("commas", anything, repeat("[", ",", megabyte, "]"))
	json("empty objects", anything, repeat("[", "{},", 300_000, "{}]"))
	json("nulls", anything, repeat("[", "null,", 300_000, "null]"))
	json("two arrays", anything, text("[]["+jsonRow+"]"))
	ndjson := func(name, want string, write func(io.Writer) error) { add("ndjson", name, want, write) }
	ndjson("good", lands, text(jsonRow+"\n"+jsonRow))
	ndjson("a line of 30 MB", anything, repeat(`{"编号":"`, "x", 30*megabyte, `"}`))
	ndjson("depth on each line", lands, repeat(jsonRow+"\n", strings.Repeat("[", 2000)+"\n", 2000, ""))
	ndjson("half objects", lands, repeat(jsonRow+"\n", jsonRow[:40]+"\n", 10_000, ""))

	xml := func(name, want string, write func(io.Writer) error) { add("xml", name, want, write) }
	xml("good", lands, text(xmlHead+xmlRow+xmlRow+xmlTail))
	xml("nothing", anything, text(""))
	xml("laughs", anything, text(`<!DOCTYPE root [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><root><record><编号>&b;</编号></record></root>`))
	xml("entity from outside", anything, text(`<!DOCTYPE root [<!ENTITY a SYSTEM "file:///etc/passwd">]><root><record><编号>&a;</编号></record></root>`))
	xml("depth of 5 million", anything, repeat(xmlHead, "<a>", 5*megabyte, ""))
	xml("depth in a record", anything, repeat(xmlHead+"<record>", "<a>", megabyte, ""))
	xml("a text of 30 MB", anything, repeat(xmlHead+"<record><编号>", "x", 30*megabyte, "</编号></record>"+xmlTail))
	xml("a tag of 30 MB", anything, repeat(xmlHead+"<record a='", "x", 30*megabyte, "'/>"+xmlTail))
	xml("a comment of 30 MB", anything, repeat(xmlHead+"<!--", "x", 30*megabyte, "-->"+xmlTail))
	xml("CDATA of 30 MB", anything, repeat(xmlHead+"<record><编号><![CDATA[", "x", 30*megabyte, "]]></编号></record>"+xmlTail))
	xml("attributes", anything, numbered(xmlHead+"<record ", `a%d="1" `, 100_000, "/>"+xmlTail))
	xml("empty records", anything, repeat(xmlHead, "<record/>", 300_000, xmlTail))
	xml("records that end too early", anything, repeat(xmlHead, xmlRow[:60], 10_000, xmlTail))
	xml("unknown entity", anything, text(xmlHead+"<record><编号>&nbsp;</编号></record>"+xmlTail))
	xml("two roots", anything, text(xmlHead+xmlRow+xmlTail+xmlHead+xmlTail))
	return list
}
