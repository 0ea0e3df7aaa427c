package effect

import "fmt"

// none stands for a figure that does not exist.
const none = "—"

// Percent writes a share with its interval, 12.3%（10.0%～15.1%）.
func (f *Figure) Percent() string { return f.words(percent) }

// Times writes a multiple with its interval, 1.52 倍（1.10 倍～2.03 倍）.
func (f *Figure) Times() string {
	return f.words(func(v int64) string { return decimal(v, 10_000, 2) + " 倍" })
}

// Days writes thousandths of days with their interval, 2.0 天（-1.3 天～5.0 天）.
func (f *Figure) Days() string {
	return f.words(func(v int64) string { return decimal(v, 100, 1) + " 天" })
}

func percent(v int64) string { return decimal(v, 1000, 1) + "%" }

func (f *Figure) words(write func(int64) string) string {
	switch {
	case f == nil:
		return none
	case f.Low == nil:
		return write(f.Value) + "（样本过小，无区间）"
	}
	return fmt.Sprintf("%s（%s～%s）", write(f.Value), write(*f.Low), write(*f.High))
}

// decimal rounds v to units and writes them with so many decimals.
func decimal(v, unit int64, places int) string {
	sign := ""
	if v = divRound(v, unit); v < 0 {
		sign, v = "-", -v
	}
	scale := int64(1)
	for range places {
		scale *= 10
	}
	if places == 0 {
		return fmt.Sprintf("%s%d", sign, v)
	}
	return fmt.Sprintf("%s%d.%0*d", sign, v/scale, places, v%scale)
}
