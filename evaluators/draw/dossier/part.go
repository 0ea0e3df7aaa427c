package dossier

import (
	"fmt"
	"io/fs"

	"rongxin/evaluators/draw"
	"rongxin/evaluators/draw/joint"
)

// Part verifies a dossier with inspectors and reads what a joint visit is made of.
func Part(files fs.FS) (Report, joint.Part, error) {
	f := folder{files}
	r, err := Verify(files)
	if err != nil {
		return r, joint.Part{}, err
	}
	p := joint.Part{DrawID: r.DrawID, Department: r.Plan.Department, Task: r.Plan.Task}
	if r.Assignment == nil {
		return r, p, fmt.Errorf("draw %s: %w: no inspectors are assigned yet", r.DrawID, ErrRefused)
	}
	if p.Items, err = all(rows(f, ItemsFile, draw.ItemTable)); err != nil {
		return r, p, err
	}
	teams := map[string][]draw.Member{}
	for row, err := range rows(f, TeamsFile, draw.AssignmentTable) {
		if err != nil {
			return r, p, err
		}
		teams[row.SubjectID] = append(teams[row.SubjectID], row.Member)
	}
	objects, err := f.objects()
	for _, o := range objects {
		p.Objects = append(p.Objects, joint.Object{Candidate: o, Inspectors: teams[o.SubjectID]})
	}
	return r, p, err
}
