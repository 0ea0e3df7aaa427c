package dossier

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"rongxin/warehouse/store"
)

// A Manifest is manifest.json: every other file of the dossier.
type Manifest struct {
	DrawID string `json:"draw_id"`
	Commit string `json:"commit"` // digest of commit.json
	Files  []File `json:"files"`  // by name
	Stamp
}

// Publish verifies the dossier, adds 说明.txt for the reader and closes it with
// the digests of all files. It returns the digest of the manifest.
func Publish(dir string, stamp Stamp, record Recorder) (digest string, err error) {
	f := folder{os.DirFS(dir)}
	if f.has(ManifestFile) {
		return "", fmt.Errorf("publish: %w: %s is there already", ErrRefused, ManifestFile)
	}
	// A call that was cut off before the manifest may have left its page.
	if err := os.Remove(filepath.Join(dir, ReadmeFile)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	report, err := Verify(f.FS)
	if err != nil {
		return "", err
	}
	if !f.has(DrawnFile) {
		return "", fmt.Errorf("publish: %w: nothing is drawn yet", ErrRefused)
	}
	m := Manifest{DrawID: report.DrawID, Commit: report.Commit, Stamp: stamp}
	if err := inOrder(ManifestFile, report.seed.Stamp, stamp); err != nil {
		return "", err
	}
	err = store.Write(filepath.Join(dir, ReadmeFile), 0o644, func(w io.Writer) error {
		_, err := io.WriteString(w, report.readme())
		return err
	})
	if err != nil {
		return "", err
	}
	names, err := f.names()
	if err != nil {
		return "", err
	}
	for _, name := range names {
		file, err := f.sum(name)
		if err != nil {
			return "", err
		}
		m.Files = append(m.Files, file)
	}
	return report.Plan.create(dir, ManifestFile, m, record)
}

// ranges are who may have the files; the commitment itself is for everybody.
var ranges = map[string]string{"public": "社会公开", "government": "政务共享（封存值向社会公开）", "authorised": "授权查询（封存值向社会公开）"}

// readme names the files of an assignment, where there is one.
func (a *Assignment) readme() string {
	if a == nil {
		return ""
	}
	return fmt.Sprintf(`    assign.json     检查人员的抽取：每户 %d 人、替补 %d 人，算法 %s
    inspectors.csv  执法检查人员名录（证号，不含姓名）
    items.csv       抽查事项
    conflicts.csv   须回避的人员
    assignments.csv 每户的检查人员和替补
    shortages.csv   派不出人员的企业及原因（%d 项）
`, a.PerObject, a.Spares, a.Algorithm, a.Short)
}

// readme is 说明.txt.
func (r Report) readme() string {
	scope := r.Plan.Department + "，评价方案 " + r.Plan.Scheme
	for _, part := range [][2]string{{"区划", r.Plan.Divisions}, {"行业门类", r.Plan.Industries}, {"监管类别", r.Plan.Classes}, {"抽查任务", r.Plan.Task}} {
		if part[1] != "" {
			scope += "，" + part[0] + " " + part[1]
		}
	}
	seed := "公开数字或文字：" + r.seed.Public
	if len(r.seed.Contributions) > 0 {
		seed = "见证人各自提供、合并而成："
		for _, c := range r.seed.Contributions {
			seed += "\n      " + c.Name + "：" + c.Text
		}
	}
	return fmt.Sprintf(`“双随机、一公开”抽查对象随机抽取公开案卷

抽取编号    %s
抽取部门    %s
名单基准日  %s（评价批次 %s，规则集 %s）
公开范围    %s
候选对象    %d 户；另有 %d 户因故排除，逐户写明原因
抽取结果    %d 户，其中对照抽取 %d 户，不分类别一律随机
抽取算法    %s

一、先封存，后取种子
    %s 封存候选底册、排除名单和应抽数，封存值：
      %s
    封存时写明的种子来源：%s
    %s 取得种子，%s

二、案卷文件
    plan.json       抽取方案
    roster.csv      候选对象底册，按统一社会信用代码排列
    exclusions.csv  排除的对象及原因
    quotas.csv      各监管类别、行业门类、区划、抽查规则的应抽数及其依据
    commit.json     封存以上四个文件的摘要（SHA-256）；本文件的摘要即封存值
    pledges.json    见证人的事先承诺（有见证人事先承诺时）
    seed.json       种子及其来源
    drawn.csv       抽取结果
%s    manifest.json   全部文件的摘要

三、如何核对
    任何人不需要账号和数据库，用程序 rongxin 在本目录的上一级执行
      rongxin draw verify %s
    即重新抽取并逐行比对。也可自行编写程序：每一候选对象的排序值是下列文字的 SHA-256，
    各项之间以一个字节 0x1F 分隔：种子、封存值、抽取方式（control 或 stratum）、统一社会信用代码。
    先将全部候选对象按 control 的排序值由小到大取对照抽取数，其余各类按 stratum 的排序值
    由小到大取应抽数。完整步骤见系统文档 docs/draw.md。
    核对时请将封存值与当时公告的封存值比较。用表格软件打开文件后请勿保存：字节改变即不能通过核对。
`, r.DrawID, scope, r.Plan.AsOf, r.Plan.RunID, r.Plan.RuleSet, ranges[r.Plan.Range], r.Plan.Candidates, r.Plan.Excluded,
		r.Drawn, r.Plan.Control, r.Plan.Algorithm, r.commitment.beijing(), r.Commit, r.commitment.Source, r.seed.beijing(), seed, r.Assignment.readme(), r.DrawID)
}
