package credit

import (
	"slices"
	"strings"
	"sync"
	"unicode/utf8"
)

// Reason codes of a [CodeCheck]. They are stable: reports, contracts and
// feedback files to departments count by them. The first group explains a
// verdict; the second tells what the text is instead of a code; the third are
// warnings, which leave a valid code valid.
const (
	ReasonEmpty       = "EMPTY"
	ReasonLength      = "WRONG_LENGTH"       // not 18 signs
	ReasonLetter      = "WRONG_LETTER"       // a sign outside the GB 32100 alphabet
	ReasonPlaceholder = "PLACEHOLDER"        // all zeros, one sign repeated, 无, NULL and the like
	ReasonOuterCheck  = "OUTER_CHECK_FAILED" // GB 32100
	ReasonInnerCheck  = "INNER_CHECK_FAILED" // GB 11714

	ReasonRegistrationNo = "REGISTRATION_NO" // a 15-digit 工商注册号
	ReasonOrgCode        = "ORG_CODE"        // a 9-sign 组织机构代码
	ReasonPersonID       = "PERSON_ID"       // a 居民身份证 number: do not print it

	ReasonCategory  = "UNKNOWN_CATEGORY" // signs 1 and 2
	ReasonDivision  = "UNKNOWN_DIVISION" // signs 3 to 8
	ReasonException = "EXCEPTION"        // on the reviewed list, see [Exceptions]
)

// CodeCheck is the full verdict on one code. Category and Division are empty
// when the text is not 18 signs long. Reasons and Suggestions are never nil.
type CodeCheck struct {
	Code        string      `json:"code"` // in normal form
	Status      CodeStatus  `json:"status"`
	OuterCheck  CheckResult `json:"outer_check"`
	InnerCheck  CheckResult `json:"inner_check"`
	Reasons     []string    `json:"reasons"`
	Suggestions []string    `json:"suggestions"` // valid codes it may stand for, likeliest first
	Category    string      `json:"category"`
	Division    string      `json:"division"`
}

// CheckCode normalises s and judges it. A code that is not valid comes with up
// to five suggested corrections that pass both checks; they are for a person to
// confirm and are never applied. A personal id number in the place of a code
// gets the reason PERSON_ID and no suggestions; its Code is the number itself,
// which the caller must mask before printing.
func CheckCode(s string) CodeCheck {
	code := NormalizeCode(s)
	c := CodeCheck{
		Code:        code,
		Status:      ClassifyCode(code),
		OuterCheck:  OuterCheck(code),
		InnerCheck:  InnerCheck(code),
		Suggestions: []string{},
	}
	if isASCII(code) && len(code) == codeLength {
		c.Category, c.Division = code[:2], code[2:8]
	}
	c.Reasons = c.reasons()
	if c.Status != CodeValid && !c.has(ReasonPersonID) && !c.has(ReasonPlaceholder) {
		c.Suggestions = suggest(code)
	}
	return c
}

func (c CodeCheck) has(reason string) bool {
	return slices.Contains(c.Reasons, reason)
}

func (c CodeCheck) reasons() []string {
	reasons := []string{}
	add := func(when bool, reason string) {
		if when {
			reasons = append(reasons, reason)
		}
	}
	if c.Code == "" {
		return append(reasons, ReasonEmpty)
	}
	n := utf8.RuneCountInString(c.Code)
	add(n != codeLength, ReasonLength)
	add(hasWrongLetter(c.Code), ReasonLetter)
	add(isFillWord(c.Code) || len(c.Code) == codeLength && isPlaceholder(c.Code), ReasonPlaceholder)
	add(c.OuterCheck == CheckFail, ReasonOuterCheck)
	add(c.InnerCheck == CheckFail, ReasonInnerCheck)
	if c.Status == CodeInvalid {
		add(ValidRegistrationNo(c.Code), ReasonRegistrationNo)
		add(ValidOrgCode(c.Code), ReasonOrgCode)
	}
	if c.Status != CodeValid {
		add(IsPersonID(c.Code), ReasonPersonID)
	}
	if c.Category != "" {
		_, known := CategoryName(c.Category)
		add(!known, ReasonCategory)
		_, known = FindDivision(c.Division)
		add(!known, ReasonDivision)
	}
	return reasons
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

func hasWrongLetter(code string) bool {
	for i := range len(code) {
		if !isCodeSign(code[i]) {
			return true
		}
	}
	return false
}

// isFillWord reports words that departments type when they have no code.
func isFillWord(code string) bool {
	switch code {
	case "无", "暂无", "没有", "不详", "空", "NULL", "NONE", "NA", "N/A", "/", "\\", "\\N", ".", "*":
		return true
	}
	return strings.Trim(code, "0") == ""
}

// CategoryName returns the kind of organisation for signs 1 and 2 of a code.
// The kinds of 1, 5, 9 and Y are those of GB 32100-2015; the others came with
// later amendments and are not checked against their text, which is why an
// unknown category is a warning only.
func CategoryName(category string) (string, bool) {
	name, ok := categories()[category]
	return name, ok
}

var categories = sync.OnceValue(func() map[string]string {
	return map[string]string{
		"11": "机关", "12": "事业单位", "13": "中央编办管理的群众团体", "19": "机构编制其他",
		"21": "外交", "29": "外交其他",
		"31": "律师执业机构", "32": "公证处", "33": "基层法律服务所", "34": "司法鉴定机构", "35": "仲裁委员会", "39": "司法行政其他",
		"41": "外国在华文化中心", "49": "文化其他",
		"51": "社会团体", "52": "民办非企业单位", "53": "基金会", "59": "民政其他",
		"61": "旅游", "62": "旅游", "69": "旅游其他",
		"71": "宗教活动场所", "72": "宗教院校", "79": "宗教其他",
		"81": "基层工会", "89": "工会其他",
		"91": "企业", "92": "个体工商户", "93": "农民专业合作社",
		"A1": "军队事业单位", "A9": "军队其他",
		"N1": "组级集体经济组织", "N2": "村级集体经济组织", "N3": "乡镇级集体经济组织", "N9": "农业其他",
		"Y1": "其他",
	}
})
