package exchange

import (
	"fmt"
	"slices"
	"strings"
)

// cursor is how far cd_feedback was read: up to the number last, but for gaps.
// Whoever writes is given a number before its row can be seen, so a row may show
// below one that was read.
type cursor struct {
	last int64
	gaps []gap // ascending
}

// gap are numbers that were not there when a greater one was read.
type gap struct {
	from, to int64
	since    int64 // seconds since 1970, by the clock of the database
}

// How long a gap is looked at, and how many are.
const (
	patience = 3600
	maxGaps  = 200
)

// seen notes a number that was read at a time.
func (c cursor) seen(no, now int64) cursor {
	gaps := slices.DeleteFunc(slices.Clone(c.gaps), func(g gap) bool { return now-g.since > patience })
	if no > c.last {
		if no > c.last+1 {
			gaps = append(gaps, gap{c.last + 1, no - 1, now})
		}
		c.last = no
	} else if i := slices.IndexFunc(gaps, func(g gap) bool { return g.from <= no && no <= g.to }); i >= 0 {
		g := gaps[i]
		var parts []gap
		if g.from < no {
			parts = append(parts, gap{g.from, no - 1, g.since})
		}
		if no < g.to {
			parts = append(parts, gap{no + 1, g.to, g.since})
		}
		gaps = slices.Replace(gaps, i, i+1, parts...)
	}
	c.gaps = gaps[max(0, len(gaps)-maxGaps):]
	return c
}

// String writes 1234, or 1234;1200-1200@1775000000;1210-1215@1775000060.
func (c cursor) String() string {
	var b strings.Builder
	fmt.Fprint(&b, c.last)
	for _, g := range c.gaps {
		fmt.Fprintf(&b, ";%d-%d@%d", g.from, g.to, g.since)
	}
	return b.String()
}

func parseCursor(text string) (c cursor, err error) {
	if text == "" {
		return c, nil
	}
	parts := strings.Split(text, ";")
	if _, err := fmt.Sscanf(parts[0], "%d", &c.last); err != nil {
		return c, fmt.Errorf("cursor %q: %w", text, err)
	}
	for _, part := range parts[1:] {
		var g gap
		if _, err := fmt.Sscanf(part, "%d-%d@%d", &g.from, &g.to, &g.since); err != nil {
			return c, fmt.Errorf("cursor %q: %w", text, err)
		}
		c.gaps = append(c.gaps, g)
	}
	if again := c.String(); again != text {
		return c, fmt.Errorf("cursor %q: reads as %q", text, again)
	}
	return c, nil
}
