package main

import (
	"context"
	"crypto/sha256"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"rongxin/evaluators/draw"
	"rongxin/evaluators/draw/dossier"
	"rongxin/evaluators/draw/joint"
	"rongxin/warehouse/engine"
	"rongxin/warehouse/store"
)

// A visitTask is one visit as the departments' systems take it: taskInfo has the
// fields of the joint supervision interface, teams who comes.
type visitTask struct {
	Task  taskInfo    `json:"taskInfo"`
	Teams []visitTeam `json:"teams"`
}

type taskInfo struct {
	No         string       `json:"taskNo"`
	Name       string       `json:"taskName"`
	From       string       `json:"taskStartTime"`
	To         string       `json:"taskEndTime"`
	UnitNo     string       `json:"initiateUnitNo"`
	UnitName   string       `json:"initiateUnitName"`
	UnitType   string       `json:"initiateUnitType"`
	UnionNo    string       `json:"unionDeptNo"`
	UnionName  string       `json:"unionDeptName"`
	RegionNo   string       `json:"unionRegionNo"`
	RegionName string       `json:"unionRegionName"`
	Matter     string       `json:"supervisionMatterCode"`
	ObjectNo   string       `json:"superviseObjectNo"`
	Content    string       `json:"inspectContent"`
	Claim      string       `json:"inspectClaim"`
	Remark     string       `json:"remark"`
	Objects    []taskObject `json:"superviseObjects"`
}

type taskObject struct {
	Object struct {
		Type            string `json:"type"`
		Name            string `json:"name"`
		Code            string `json:"code"`
		CredentialsType string `json:"credentialsType"`
		Credentials     string `json:"credentialsValue"`
	} `json:"superviseObject"`
}

type visitTeam struct {
	Department string   `json:"department"`
	DrawID     string   `json:"draw_id"`
	Inspectors []string `json:"inspectors"`
	Spares     []string `json:"spares"`
}

// count adds a planned visit to what was done.
func (v visitTask) count(counts map[string]joint.Counts, samePeriod bool) {
	c, drawn := counts[v.Task.ObjectNo]
	if !drawn {
		return
	}
	c.Visits.Done++
	c.Planned = c.Planned || samePeriod
	for _, team := range v.Teams {
		if done, ok := c.Checks[team.Department]; ok {
			done.Done++
			c.Checks[team.Department] = done
		}
	}
	counts[v.Task.ObjectNo] = c
}

// addresses are what a task says of departments and divisions, and the tasks of
// the annual plan.
type addresses struct {
	units   map[string]string // city-level unit of a department
	regions map[string]string
	planned map[string]taskInfo
}

func readAddresses(ctx context.Context, db *engine.DB) (b addresses, err error) {
	b = addresses{units: map[string]string{}, regions: map[string]string{}, planned: map[string]taskInfo{}}
	for _, pairs := range []struct {
		into  map[string]string
		query string
	}{
		{b.units, `select department, min(unit_id) from lists.inspectors where division_code = '350100' group by department`},
		{b.regions, `select division_code, min(division_name) from ref.divisions group by division_code`},
	} {
		list, err := read(ctx, db, func(scan func(...any) error) (p [2]string, err error) { return p, scan(&p[0], &p[1]) }, pairs.query)
		if err != nil {
			return b, err
		}
		for _, p := range list {
			pairs.into[p[0]] = p[1]
		}
	}
	tasks, err := read(ctx, db, func(scan func(...any) error) (t taskInfo, err error) {
		return t, scan(&t.No, &t.Name, &t.From, &t.To, &t.Content, &t.Claim, &t.Remark)
	}, `select task_no, task_name, cast(starts_on as varchar), cast(ends_on as varchar), coalesce(content, ''), coalesce(claim, ''), coalesce(remark, '')
		from staging.inspection__tasks`)
	for _, t := range tasks {
		b.planned[t.No] = t
	}
	return b, err
}

// tasks writes visits as tasks. One that all draws share lends its words.
func (b addresses) tasks(m merge, visits []joint.Visit) []visitTask {
	list := make([]visitTask, len(visits))
	for i, v := range visits {
		t := taskInfo{Name: m.Period + " 抽查", From: m.from, To: m.to}
		if len(v.Teams) > 1 {
			t.Name = m.Period + " 部门联合抽查"
		}
		if len(v.Tasks) == 1 {
			t = b.planned[v.Tasks[0]]
		}
		t.No = fmt.Sprintf("%s-%06d", m.MergeID, i+1)
		t.UnitNo, t.UnitName, t.UnitType = b.units[v.Initiator], v.Initiator, "政府部门"
		t.RegionNo, t.RegionName, t.ObjectNo = v.Division, b.regions[v.Division], v.SubjectID
		var unions, numbers, ids, names []string
		for _, team := range v.Teams {
			list[i].Teams = append(list[i].Teams, newVisitTeam(team))
			if team.Department != v.Initiator {
				unions, numbers = append(unions, team.Department), append(numbers, b.units[team.Department])
			}
		}
		for _, it := range v.Items {
			ids, names = append(ids, it.ID), append(names, it.Name)
		}
		t.UnionNo, t.UnionName, t.Matter = strings.Join(numbers, ","), strings.Join(unions, ","), strings.Join(ids, ",")
		if t.Content == "" {
			t.Content = strings.Join(names, "、")
		}
		var o taskObject
		o.Object.Type, o.Object.Name, o.Object.Code = "企业", v.SubjectName, v.SubjectID
		o.Object.CredentialsType, o.Object.Credentials = "统一社会信用代码", v.SubjectID
		t.Objects = []taskObject{o}
		list[i].Task = t
	}
	return list
}

func newVisitTeam(team joint.Team) visitTeam {
	t := visitTeam{Department: team.Department, DrawID: team.DrawID, Spares: []string{}}
	for _, m := range team.Inspectors {
		if m.Role == draw.SpareRole {
			t.Spares = append(t.Spares, m.InspectorID)
		} else {
			t.Inspectors = append(t.Inspectors, m.InspectorID)
		}
	}
	return t
}

// writeMerge writes the directory of a merge, all of it or nothing.
func (a *app) writeMerge(ctx context.Context, m merge, tasks []visitTask, left []joint.LeftOut) error {
	if _, err := os.Stat(m.Dir); err == nil {
		return fmt.Errorf("merge %s: %w: made already in %s", m.MergeID, dossier.ErrRefused, m.Dir)
	}
	staged, err := store.Stage(m.Dir)
	if err != nil {
		return err
	}
	defer staged.Discard()
	summary, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	err = errors.Join(
		createFile(staged.Path("visits.ndjson"), func(w io.Writer) error {
			enc := json.NewEncoder(w)
			enc.SetEscapeHTML(false)
			for _, t := range tasks {
				if err := enc.Encode(t); err != nil {
					return err
				}
			}
			return nil
		}),
		createFile(staged.Path("left_out.csv"), func(w io.Writer) error {
			io.WriteString(w, "\ufeff")
			out := csv.NewWriter(w)
			out.Write([]string{"统一社会信用代码", "企业名称", "部门", "抽取编号", "原因代码", "原因"})
			for _, l := range left {
				out.Write([]string{l.SubjectID, l.SubjectName, l.Department, l.DrawID, l.Code, l.Reason})
			}
			out.Flush()
			return out.Error()
		}),
		createFile(staged.Path("merge.json"), func(w io.Writer) error { _, err := w.Write(append(summary, '\n')); return err }))
	if err != nil {
		return err
	}
	if err := a.register(ctx, "draw.merge", m.RunID, m.MergeID, map[string]string{"sha256": fmt.Sprintf("%x", sha256.Sum256(append(summary, '\n')))}); err != nil {
		return err
	}
	return staged.Commit()
}

func createFile(path string, write func(io.Writer) error) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	return errors.Join(write(file), file.Close())
}
