package city

// promise is the text of a commitment, and who may see it.
type promise struct{ reason, content, liability, publicity string }

// promiseOf words a commitment by its kind. Nine in ten may be public, a few stay
// within the government, and a few with the parties.
func promiseOf(d *dice, c *commitment) promise {
	p := promise{liability: "愿意接受失信惩戒并承担相应法律责任", publicity: "可向社会公开"}
	switch c.kind {
	case "1":
		p.reason, p.content = "申请办理行政许可", "符合许可条件并按承诺开展经营活动"
	case "2":
		p.reason, p.content = "申请材料容缺受理", "在承诺期限内补齐所缺材料"
	case "3":
		p.reason, p.content = "以承诺代替证明", "所述情况真实，愿接受核查"
	case "4":
		p.reason, p.content = "申请信用修复", "已纠正失信行为，今后依法诚信经营"
	default:
		p.reason, p.content = "主动公开承诺", "依法诚信经营，接受社会监督"
	}
	switch u := d.float(); {
	case u < 0.03:
		p.publicity = "不可公开"
	case u < 0.1:
		p.publicity = "特定范围内公开"
	}
	return p
}
