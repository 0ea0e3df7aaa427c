package ingest

import (
	"errors"
	"io"
)

// sampleRows at the start of a file decide how its texts are stored.
const sampleRows = 2000

// A sampled reader gives the block that was looked at once more.
type sampled struct {
	blockReader
	first *block
}

func (s *sampled) next(limit int) (*block, error) {
	if b := s.first; b != nil {
		s.first = nil
		return b, nil
	}
	return s.blockReader.next(limit)
}

// sample looks at the first block and marks the columns in which values repeat,
// such as the name of an authority: a dictionary makes them smaller and quicker
// to write and to read. It changes nothing of what is read back, and depends on
// the file alone. Besides, it tells how much room texts will need.
func sample(p *plan, s splitter, r blockReader, limit int) (blockReader, error) {
	b, err := r.next(limit)
	if errors.Is(err, io.EOF) {
		return r, nil
	}
	if err != nil {
		return nil, err
	}
	var a arena
	one := row{values: make([][]byte, len(p.fields))}
	distinct := make([]dictionary, len(p.fields))
	filled, bytes := make([]int, len(p.fields)), make([]int, len(p.fields))
	for i := range distinct {
		distinct[i].reset()
	}
	looked := b.spans[:min(len(b.spans), sampleRows)]
	for _, span := range looked {
		one.reset(span.line)
		if err := s.split(b, span, &one, &a); err != nil {
			return nil, err
		}
		for i, value := range one.values {
			if len(value) > 0 {
				filled[i]++
				bytes[i] += len(value)
				distinct[i].number(value)
			}
		}
	}
	for i := range p.fields {
		c := &p.columns[p.fields[i].column]
		if distinct[i].len()*4 < filled[i] {
			c.dictionary = true
		}
		if len(looked) > 0 {
			c.room = min(blockBytes, bytes[i]*len(b.spans)/len(looked)*9/8)
		}
	}
	p.columns[atRecordID].room, p.columns[atMatchID].room = idLength*len(b.spans), idLength*len(b.spans)
	return &sampled{r, b}, nil
}
