package credit_test

import (
	"testing"

	"rongxin/internal/credit"
)

func TestPublicGrade(t *testing.T) {
	tests := []struct {
		texts []string
		want  credit.PublicGrade
		name  string
		level credit.Level
	}{
		{[]string{"A", "a", "Ａ", "优", " 优 "}, credit.GradeA, "优", 1},
		{[]string{"B", "Ｂ", "良"}, credit.GradeB, "良", 2},
		{[]string{"C", "ｃ", "中"}, credit.GradeC, "中", 3},
		{[]string{"D", "差"}, credit.GradeD, "差", 4},
		{[]string{"未评价", "not_evaluated"}, credit.NotEvaluated, "未评价", credit.Unranked},
	}
	for _, tt := range tests {
		for _, text := range tt.texts {
			got, err := credit.ParsePublicGrade(text)
			if err != nil || got != tt.want || got.Name() != tt.name || got.Level() != tt.level {
				t.Errorf("ParsePublicGrade(%q) = %q, %v (%s, level %d)", text, got, err, got.Name(), got.Level())
			}
		}
	}
	for _, text := range []string{"", "E", "AA", "A-", "优良", "M", "无"} {
		if got, err := credit.ParsePublicGrade(text); err == nil {
			t.Errorf("ParsePublicGrade(%q) = %q", text, got)
		}
	}
}

func TestLevelsAndClasses(t *testing.T) {
	for n := -1; n <= 5; n++ {
		want := n >= 1 && n <= 4
		if got := credit.Level(n).Valid(); got != want {
			t.Errorf("level %d valid: %v", n, got)
		}
		if got := credit.SupervisionClass(n).Valid(); got != want {
			t.Errorf("class %d valid: %v", n, got)
		}
	}
	for class, want := range map[credit.SupervisionClass]string{
		credit.ClassEased: "一类（简化监管）", credit.ClassOrdinary: "二类（常规监管）",
		credit.ClassFocused: "三类（重点监管）", credit.ClassStrict: "四类（严格监管）", 0: "未分类（0）",
	} {
		if got := class.String(); got != want {
			t.Errorf("class %d is %s, want %s", int(class), got, want)
		}
	}
}
