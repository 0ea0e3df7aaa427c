package contract

// catalogueClass is a class of 全国公共信用信息基础目录 and the edition that
// brought it: 11 classes in 2021, 12 in 2022, 13 in 2024 (发改财金规〔2024〕203号).
type catalogueClass struct {
	name  string
	since int
}

func catalogueClasses() []catalogueClass {
	return []catalogueClass{
		{"登记注册基本信息", 2021},
		{"司法裁判及执行信息", 2021},
		{"行政管理信息", 2021},
		{"职称和职业信息", 2021},
		{"经营（活动）异常名录（状态）信息", 2021},
		{"严重失信主体名单信息", 2021},
		{"合同履行信息", 2021},
		{"信用承诺及履行情况信息", 2021},
		{"信用评价结果信息", 2021},
		{"遵守法律法规情况信息", 2022},
		{"诚实守信相关荣誉信息", 2021},
		{"知识产权信息", 2024},
		{"经营主体自愿提供信息", 2021},
	}
}

func classSince(name string) (edition int, known bool) {
	for _, class := range catalogueClasses() {
		if class.name == name {
			return class.since, true
		}
	}
	return 0, false
}

func classes() []string {
	var names []string
	for _, class := range catalogueClasses() {
		names = append(names, class.name)
	}
	return names
}
