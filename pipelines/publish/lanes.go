package publish

import "hash/fnv"

// lanes spreads the changes of a plan over lanes, so that all of an enterprise
// are in one, and gathers them to batches of one table each. A plan that fits in
// fewer lanes gets fewer: two hundred changes are one batch and not eight.
// Changes come table by table; as many are held as fill one batch a lane.
type lanes struct {
	most, batch int // lanes, and records of a batch
	emit        func(table string, lane int, rows []MessageRow) error

	early []change       // until it is known how many lanes there are
	rows  [][]MessageRow // then, of the table, by lane
	table string
}

type change struct {
	table string
	MessageRow
}

// put takes one change.
func (l *lanes) put(table string, r MessageRow) error {
	if l.rows != nil {
		return l.route(change{table, r})
	}
	if l.early = append(l.early, change{table, r}); len(l.early) <= l.most*l.batch {
		return nil
	}
	return l.open(l.most)
}

// end emits what has been gathered.
func (l *lanes) end() error {
	if l.rows == nil {
		if err := l.open(l.enough()); err != nil {
			return err
		}
	}
	return l.flush()
}

// enough is how many lanes the largest table of a small plan fills.
func (l *lanes) enough() int {
	largest, count := 0, map[string]int{}
	for _, c := range l.early {
		count[c.table]++
		largest = max(largest, count[c.table])
	}
	return min(max(1, (largest+l.batch-1)/l.batch), l.most)
}

func (l *lanes) open(n int) error {
	l.rows = make([][]MessageRow, n)
	for _, c := range l.early {
		if err := l.route(c); err != nil {
			return err
		}
	}
	l.early = nil
	return nil
}

// route puts a change into the lane of its enterprise.
func (l *lanes) route(c change) error {
	if c.table != l.table {
		if err := l.flush(); err != nil {
			return err
		}
		l.table = c.table
	}
	hash := fnv.New32a()
	hash.Write([]byte(c.Subject))
	lane := int(hash.Sum32() % uint32(len(l.rows)))
	l.rows[lane] = append(l.rows[lane], c.MessageRow)
	if len(l.rows[lane]) < l.batch {
		return nil
	}
	return l.batchOf(lane)
}

// flush emits what is left of the table.
func (l *lanes) flush() error {
	for lane := range l.rows {
		if err := l.batchOf(lane); err != nil {
			return err
		}
	}
	return nil
}

func (l *lanes) batchOf(lane int) error {
	rows := l.rows[lane]
	if len(rows) == 0 {
		return nil
	}
	l.rows[lane] = rows[:0]
	return l.emit(l.table, lane, rows)
}
