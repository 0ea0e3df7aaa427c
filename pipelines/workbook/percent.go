package workbook

import (
	"strconv"
	"strings"
)

// percent writes basis points (ten-thousandths) as a person writes a share:
// 500 is 5%, 250 is 2.5%.
func percent(basisPoints int64) string {
	sign := ""
	if basisPoints < 0 {
		sign, basisPoints = "-", -basisPoints
	}
	text := sign + strconv.FormatInt(basisPoints/100, 10)
	if rest := basisPoints % 100; rest != 0 {
		text += "." + strings.TrimRight(strconv.FormatInt(100+rest, 10)[1:], "0")
	}
	return text + "%"
}

// share is part of whole in basis points, rounded half up, as text; empty when
// there is no whole. Neither may be negative.
func share(part, whole int64) string {
	if whole == 0 {
		return ""
	}
	return percent((part*20000 + whole) / (2 * whole))
}
