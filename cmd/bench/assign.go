package main

import (
	"context"
	"fmt"
	"os"

	"rongxin/evaluators/draw"
)

// assigning draws two inspectors and a spare for each of the candidates of the
// contest of draws, against the keys of the same candidates computed and sorted.
var assigning = contest{
	name: "assign", title: "two inspectors and a spare for each of four times as many enterprises, from 1,400 inspectors, conflicts with one enterprise in ten",
	prepare: func(context.Context, job) error { return nil },
	contenders: []contender{
		contender{name: "sort", title: "SHA-256 of each code, sorted", run: sortKeys}.of(drawTimes),
		contender{name: "assign", title: "draw.Assign, written", run: assignAll}.of(drawTimes),
	},
	goals: []goal{
		{id: "D2", title: "an assignment, against the sort of its keys", gate: 0.04, aim: 0.2, figures: faster("sort", "assign")},
		{id: "D2", title: "peak memory", gate: 1000, aim: 600, unit: " MiB", atMost: true, figures: peak("assign")},
	},
}

func assignAll(_ context.Context, j job) (string, error) {
	var objects []draw.Candidate
	for l := range listOf(drawTimes * j.rows) {
		objects = append(objects, l.Candidate)
	}
	var inspectors []draw.Inspector
	for i := range 1400 {
		one := draw.Inspector{ID: fmt.Sprintf("%011d", 35010000000+i), Division: fmt.Sprint(350102 + i%14)}
		if i%14 == 13 {
			one.Division = "350100"
		}
		if i%3 > 0 {
			one.Qualifications = []string{"食品安全检查员"}
		}
		inspectors = append(inspectors, one)
	}
	var conflicts []draw.Conflict
	for i := 0; i < len(objects); i += 10 {
		conflicts = append(conflicts, draw.Conflict{InspectorID: inspectors[i%1400].ID, SubjectID: objects[i].SubjectID, Code: "recent_visit", Reason: "近一年检查过该企业"})
	}
	teams, err := draw.Assign(objects, inspectors, conflicts, draw.Need{PerObject: 2, Spares: 1, Qualifications: []string{"食品安全检查员"}},
		draw.Generator{Seed: benchOrigin.Public, Commit: fmt.Sprintf("%064d", 0)})
	if err != nil {
		return "", err
	}
	file, err := os.Create(j.out + "/assignments.csv")
	if err != nil {
		return "", err
	}
	defer file.Close()
	n, err := draw.AssignmentTable.Write(file, func(yield func(draw.Assigned, error) bool) {
		for team := range teams {
			for _, m := range team.Members {
				if !yield(draw.Assigned{SubjectID: team.SubjectID, SubjectName: team.SubjectName, Member: m}, nil) {
					return
				}
			}
		}
	})
	if err == nil && n != int64(3*len(objects)) {
		err = fmt.Errorf("%d rows for %d enterprises", n, len(objects))
	}
	return fmt.Sprint(n), err
}
