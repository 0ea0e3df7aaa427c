package contract

// Class is a class of 全国公共信用信息基础目录.
type Class struct {
	Name    string
	English string // our rendering; the catalogue is Chinese only
	Since   int    // the edition that brought it
}

// Classes returns the classes of the catalogue in its order: 11 in the edition
// of 2021, 12 in 2022, 13 in 2024 (发改财金规〔2024〕203号).
func Classes() []Class {
	return []Class{
		{"登记注册基本信息", "Registration", 2021},
		{"司法裁判及执行信息", "Court decisions and enforcement", 2021},
		{"行政管理信息", "Administrative acts", 2021},
		{"职称和职业信息", "Titles and professions", 2021},
		{"经营（活动）异常名录（状态）信息", "Lists of abnormal operation", 2021},
		{"严重失信主体名单信息", "Lists of serious dishonesty", 2021},
		{"合同履行信息", "Performance of contracts", 2021},
		{"信用承诺及履行情况信息", "Credit commitments and their performance", 2021},
		{"信用评价结果信息", "Results of credit evaluation", 2021},
		{"遵守法律法规情况信息", "Compliance with laws and regulations", 2022},
		{"诚实守信相关荣誉信息", "Honours for good faith", 2021},
		{"知识产权信息", "Intellectual property", 2024},
		{"经营主体自愿提供信息", "Given by enterprises of their own will", 2021},
	}
}

// knownEditions are those of the national catalogue up to now.
var knownEditions = []int{2021, 2022, 2024}

func classSince(name string) (edition int, known bool) {
	for _, class := range Classes() {
		if class.Name == name {
			return class.Since, true
		}
	}
	return 0, false
}

func classNames() []string {
	var names []string
	for _, class := range Classes() {
		names = append(names, class.Name)
	}
	return names
}
