package city

// group tells which permits, violations and evaluations an industry meets.
type group int

const (
	trade group = iota
	foodTrade
	catering
	foodMaking
	making
	building
	service
	software
	drugs
	transport
	farming
)

// industry is a class of GB/T 4754-2017 with the words its enterprises use.
type industry struct {
	code     string
	group    group
	firms    int      // weight among companies
	shops    int      // weight among 个体工商户
	words    []string // 行业用语 of companies
	shopText []string // endings of shop names
	scope    string   // 经营范围
	capital  float64  // median registered capital of companies, 万元
}

func (i *industry) food() bool {
	return i.group == foodTrade || i.group == catering || i.group == foodMaking
}

// industrial enterprises take part in the environmental evaluation.
func (i *industry) industrial() bool { return i.group == making || i.group == foodMaking }

func industries() []*industry {
	return []*industry{
		{"5165", trade, 60, 6, []string{"建材", "建筑材料", "装饰材料"}, []string{"建材店", "建材经营部"}, "建筑材料、装饰材料、五金交电的批发、零售", 200},
		{"5164", trade, 20, 0, []string{"金属材料", "钢铁贸易", "物资"}, nil, "金属材料、金属制品的批发、代购代销", 500},
		{"5141", trade, 22, 3, []string{"办公用品", "文化用品"}, []string{"文具店"}, "办公用品、文具用品、体育用品的批发、零售", 100},
		{"5172", trade, 18, 8, []string{"汽车配件", "汽配"}, []string{"汽配经营部"}, "汽车零配件、润滑油的批发、零售", 200},
		{"5179", trade, 40, 2, []string{"机电设备", "电子", "机电"}, []string{"机电经营部"}, "机械设备、电子产品的批发、零售及技术服务", 300},
		{"5181", trade, 85, 0, []string{"贸易", "进出口贸易", "商贸", "国际贸易"}, nil, "自营和代理各类商品和技术的进出口；日用百货批发", 300},
		{"5123", foodTrade, 22, 14, []string{"果蔬", "农产品"}, []string{"果蔬批发部", "水果批发部"}, "预包装食品、新鲜果品、蔬菜的批发、零售", 100},
		{"5126", foodTrade, 12, 3, []string{"保健食品", "健康科技"}, []string{"保健品店"}, "保健食品、预包装食品的批发、零售", 200},
		{"5212", foodTrade, 14, 30, []string{"超市", "商业管理"}, []string{"超市", "生活超市", "便民超市"}, "预包装食品、散装食品、日用百货、卷烟的零售", 100},
		{"5213", foodTrade, 6, 34, []string{"便利店"}, []string{"便利店", "食杂店"}, "预包装食品、散装食品、日用百货、卷烟的零售", 50},
		{"5224", foodTrade, 8, 30, []string{"生鲜", "水产"}, []string{"鲜肉摊", "水产店", "冻品商行"}, "肉、禽、蛋、奶及水产品的零售", 50},
		{"5226", foodTrade, 16, 22, []string{"酒业", "茶业"}, []string{"茶行", "酒行", "茶叶店"}, "酒、饮料及茶叶的零售", 100},
		{"5232", trade, 20, 50, []string{"服饰", "服装"}, []string{"服装店", "服饰店", "鞋服店"}, "服装、鞋帽、针纺织品的零售", 100},
		{"5251", drugs, 8, 6, []string{"医药", "大药房"}, []string{"药店", "大药房"}, "处方药、非处方药、医疗器械、保健食品的零售", 100},
		{"5283", trade, 8, 10, []string{"家具", "家居"}, []string{"家具店", "家居馆"}, "家具、家居用品的零售", 100},
		{"5292", trade, 40, 36, []string{"电子商务", "网络科技"}, []string{"网店", "电子商务商行"}, "互联网销售（除销售需要许可的商品）；日用百货、服装的零售", 100},
		{"5299", trade, 20, 44, []string{"商贸", "百货"}, []string{"日用品商行", "百货店", "五金店"}, "日用百货、五金、家用电器的零售", 50},
		{"6210", catering, 24, 60, []string{"餐饮管理", "餐饮"}, []string{"餐馆", "酒家", "饭店", "家常菜馆"}, "餐饮服务；预包装食品零售", 100},
		{"6220", catering, 8, 40, []string{"餐饮管理"}, []string{"快餐店", "快餐厅"}, "快餐服务", 50},
		{"6231", catering, 3, 8, []string{"茶文化"}, []string{"茶馆"}, "茶馆服务；茶叶、茶具零售", 50},
		{"6291", catering, 3, 60, []string{"小吃管理"}, []string{"小吃店", "拌面扁肉店", "鱼丸店", "锅边店"}, "小吃服务", 30},
		{"1361", foodMaking, 8, 1, []string{"水产食品", "冷冻食品"}, []string{"水产加工厂"}, "水产品冷冻加工、销售", 1000},
		{"1411", foodMaking, 6, 6, []string{"食品", "烘焙食品"}, []string{"食品加工坊", "糕饼店"}, "糕点、面包的生产、销售", 200},
		{"1362", foodMaking, 5, 1, []string{"鱼丸食品", "食品"}, []string{"鱼丸加工坊"}, "鱼糜制品及水产品干腌制加工、销售", 300},
		{"1530", foodMaking, 5, 2, []string{"茶叶", "茶业"}, []string{"茶叶加工厂"}, "茶叶的加工、销售", 200},
		{"1761", making, 14, 1, []string{"针织", "纺织"}, []string{"针织厂"}, "针织或钩针编织物的织造、销售", 1500},
		{"1751", making, 8, 0, []string{"化纤", "化纤科技"}, nil, "化纤织造加工；化学纤维的销售", 5000},
		{"2110", making, 8, 3, []string{"家具", "木业"}, []string{"木制品加工厂"}, "木质家具的制造、销售", 300},
		{"2319", making, 8, 1, []string{"印刷", "彩印"}, []string{"印刷厂"}, "包装装潢印刷品和其他印刷品印刷", 300},
		{"2929", making, 10, 1, []string{"塑胶", "塑料制品"}, []string{"塑料制品厂"}, "塑料零件及其他塑料制品的制造、销售", 500},
		{"3032", making, 6, 2, []string{"石材", "石业"}, []string{"石材加工厂"}, "建筑用石的加工、销售", 300},
		{"3311", making, 9, 2, []string{"钢结构", "金属制品"}, []string{"铝合金加工店"}, "金属结构的制造、安装、销售", 800},
		{"2669", making, 4, 0, []string{"化工", "新材料"}, nil, "专用化学产品的制造、销售（不含危险化学品）", 1500},
		{"4710", building, 26, 0, []string{"建设工程", "建筑工程", "建设"}, nil, "房屋建筑工程施工", 2000},
		{"4813", building, 14, 0, []string{"市政工程", "市政园林"}, nil, "市政公用工程、园林绿化工程施工", 1500},
		{"4999", building, 22, 1, []string{"安装工程", "建筑劳务", "机电工程"}, []string{"水电安装部"}, "建筑安装工程施工；建筑劳务分包", 500},
		{"5011", building, 28, 3, []string{"装饰工程", "装饰设计", "装修工程"}, []string{"装修服务部"}, "公共建筑装饰和装修；室内外装饰设计", 300},
		{"5431", transport, 16, 12, []string{"货运", "物流", "运输"}, []string{"货运部"}, "道路普通货物运输", 300},
		{"5920", transport, 6, 0, []string{"仓储", "供应链管理"}, nil, "通用仓储；装卸搬运", 500},
		{"6513", software, 70, 1, []string{"信息科技", "软件", "网络科技", "科技"}, []string{"软件工作室"}, "应用软件开发；计算机技术服务", 200},
		{"6531", software, 22, 0, []string{"信息技术", "智能科技", "系统集成"}, nil, "信息系统集成服务；物联网技术服务", 300},
		{"6560", software, 24, 0, []string{"信息咨询", "数字科技"}, nil, "信息技术咨询服务；数据处理服务", 100},
		{"7010", service, 6, 0, []string{"房地产开发", "置业"}, nil, "房地产开发经营", 5000},
		{"7020", service, 12, 0, []string{"物业管理", "物业服务"}, nil, "物业管理；停车场管理服务", 200},
		{"7030", service, 12, 4, []string{"房地产经纪", "房产代理"}, []string{"房产中介服务部"}, "房地产中介服务", 50},
		{"7249", service, 34, 1, []string{"企业管理咨询", "商务咨询", "投资咨询"}, []string{"咨询服务部"}, "企业管理咨询；商务信息咨询", 100},
		{"7259", service, 30, 5, []string{"广告", "文化传媒", "品牌策划"}, []string{"广告店", "图文广告部"}, "设计、制作、代理、发布国内各类广告", 100},
		{"7299", service, 26, 3, []string{"商务服务", "会务服务"}, []string{"商务服务部"}, "其他商务服务", 100},
		{"7481", service, 12, 0, []string{"工程管理", "工程咨询", "项目管理"}, nil, "工程管理服务；工程造价咨询", 300},
		{"8040", service, 5, 30, []string{"美容", "美业"}, []string{"美发店", "理发店", "美容馆"}, "理发及美容服务", 30},
		{"8111", service, 8, 16, []string{"汽车服务", "汽车维修"}, []string{"汽修店", "汽车美容店"}, "汽车修理与维护", 100},
		{"8391", service, 8, 2, []string{"教育科技", "教育咨询"}, []string{"培训中心"}, "职业技能培训；教育咨询服务", 100},
		{"9051", service, 14, 2, []string{"文化", "文化艺术"}, []string{"文化工作室"}, "文化活动服务；工艺美术品销售", 100},
		{"0411", farming, 3, 8, []string{"水产养殖", "渔业"}, []string{"养殖场"}, "海水养殖、销售", 200},
		{"0141", farming, 4, 6, []string{"农业开发", "生态农业"}, []string{"家庭农场"}, "蔬菜种植、销售", 200},
	}
}
