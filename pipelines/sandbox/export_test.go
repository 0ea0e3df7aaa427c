package sandbox

// Row is what a test sees of a row that was read.
type Row struct{ Operation, Key, Payload string }

func rowsOf(rows []row) (all []Row) {
	for _, r := range rows {
		all = append(all, Row{r.operation, r.key, r.payload})
	}
	return all
}

// ParseJSON reads a batch in JSON.
func ParseJSON(body []byte) ([]Row, error) {
	b, err := parse(body)
	if err != nil {
		return nil, err
	}
	return rowsOf(b.rows), nil
}

// ReadCSV and ReadXML read data files with these columns, by name and type.
func ReadCSV(text []byte, columns ...string) ([]Row, error) {
	rows, err := readCSV(text, columnsOf(columns))
	return rowsOf(rows), err
}

func ReadXML(text []byte, columns ...string) ([]Row, error) {
	rows, _, err := readXML(text, "UTF-8", columnsOf(columns))
	return rowsOf(rows), err
}

func columnsOf(pairs []string) (columns []column) {
	for i := 0; i < len(pairs); i += 2 {
		columns = append(columns, column{pairs[i], pairs[i+1]})
	}
	return columns
}
