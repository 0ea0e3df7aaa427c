package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"rongxin/evaluators/draw/dossier"
	"rongxin/warehouse/engine"
)

// takeTask narrows the scope to a task of the annual plan, and finds the cap of
// its items in basis points: each object is checked for all of them, so that of the general
// items (一般检查事项) with the least cap holds; key items have none. Without a
// department the one that initiates the task is meant.
func takeTask(ctx context.Context, db *engine.DB, scope *dossier.Scope) (capBP int64, err error) {
	var departments, items string
	var divisions, industries, classes, initiator sql.NullString
	err = db.QueryRow(ctx, `select initiator, departments, items, divisions, industries, classes from staging.inspection__tasks
		where task_no = ?`, scope.Task).Scan(&initiator, &departments, &items, &divisions, &industries, &classes)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, fmt.Errorf("%w: run %s knows no task %s", errUsage, scope.RunID, scope.Task)
	}
	if err != nil {
		return 0, err
	}
	if scope.Department == "" {
		scope.Department = initiator.String
	}
	if !slices.Contains(strings.Split(departments, "、"), scope.Department) {
		return 0, fmt.Errorf("%w: %s takes no part in task %s, which is of %s", errUsage, scope.Department, scope.Task, departments)
	}
	for _, part := range []struct {
		flag *string
		task string
	}{{&scope.Divisions, divisions.String}, {&scope.Industries, industries.String}, {&scope.Classes, classes.String}} {
		if *part.flag == "" {
			*part.flag = part.task
		} else if part.task != "" && !slices.Contains(strings.Split(part.task, "、"), *part.flag) {
			return 0, fmt.Errorf("%w: %s is outside task %s, which is for %s", errUsage, *part.flag, scope.Task, part.task)
		}
	}
	var known int64
	var least sql.NullInt64
	err = db.QueryRow(ctx, `select count(*), min(cast(ratio_cap * 100 as bigint)) from staging.inspection__items
		where department = ? and list_contains(string_split(?, '、'), item_id)`, scope.Department, items).Scan(&known, &least)
	switch {
	case err != nil:
		return 0, err
	case known == 0:
		return 0, fmt.Errorf("%w: none of the items %s of task %s is on the list of %s", errUsage, items, scope.Task, scope.Department)
	case least.Valid:
		return least.Int64, nil
	}
	return noCap, nil
}

// noCap is the whole, in basis points.
const noCap = 10000
