package dossier

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"slices"

	"rongxin/evaluators/draw"
)

// A Library is what inspectors are drawn from. It comes from the run of the plan,
// whose name is the digest of all that went into it: so it too stood before the
// seed.
type Library struct {
	Inspectors []draw.Inspector // of the department
	Items      []draw.Item      // of the task; each needed qualification is of one of them
	Conflicts  []draw.Conflict  // those of others than the drawn are left out
	PerObject  int
	Spares     int
}

// need is what each object needs when the items are looked at.
func (l Library) need() draw.Need {
	n := draw.Need{PerObject: l.PerObject, Spares: l.Spares}
	for _, it := range l.Items {
		if it.Qualification != "" {
			n.Qualifications = append(n.Qualifications, it.Qualification)
		}
	}
	slices.Sort(n.Qualifications)
	n.Qualifications = slices.Compact(n.Qualifications)
	return n
}

// An Assignment is assign.json.
type Assignment struct {
	DrawID    string `json:"draw_id"`
	Algorithm string `json:"algorithm"`
	Seed      string `json:"seed"` // digest of seed.json
	PerObject int    `json:"per_object"`
	Spares    int    `json:"spares"`
	Objects   int64  `json:"objects"`
	Assigned  int64  `json:"assigned"` // rows of assignments.csv
	Short     int64  `json:"short"`    // rows of shortages.csv
	Files     []File `json:"files"`
	Stamp
}

// assigned are the files that an assignment fixes, in the order of their digests.
var assigned = []string{InspectorsFile, ItemsFile, ConflictsFile, TeamsFile, ShortagesFile}

// Assign draws the inspectors of what is drawn. It refuses before the seed and
// after publication, and when inspectors are assigned already.
func Assign(dir string, lib Library, stamp Stamp, record Recorder) (Assignment, error) {
	f := folder{os.DirFS(dir)}
	for _, late := range []string{AssignFile, ManifestFile} {
		if f.has(late) {
			return Assignment{}, fmt.Errorf("assign: %w: %s is there already", ErrRefused, late)
		}
	}
	plan, _, _, err := f.committed()
	if err != nil {
		return Assignment{}, err
	}
	var seed Seed
	a := Assignment{DrawID: plan.DrawID, Algorithm: draw.AssignAlgorithm, PerObject: lib.PerObject, Spares: lib.Spares, Stamp: stamp}
	if a.Seed, err = f.read(SeedFile, &seed); err != nil {
		return a, err
	}
	if err := inOrder(AssignFile, seed.Stamp, stamp); err != nil {
		return a, err
	}
	objects, err := f.objects()
	if err != nil {
		return a, err
	}
	a.Objects = int64(len(objects))
	lib.sort(objects)
	if err := lib.write(dir); err != nil {
		return a, err
	}
	teams, err := lib.teams(objects, seed)
	if err != nil {
		return a, fmt.Errorf("assign: %w", err)
	}
	short := []draw.Short{}
	a.Assigned, err = save(filepath.Join(dir, TeamsFile), draw.AssignmentTable, flat(teams, &short))
	if err != nil {
		return a, err
	}
	if a.Short, err = save(filepath.Join(dir, ShortagesFile), draw.ShortageTable, each(short)); err != nil {
		return a, err
	}
	for _, name := range assigned {
		file, err := f.sum(name)
		if err != nil {
			return a, err
		}
		a.Files = append(a.Files, file)
	}
	_, err = plan.create(dir, AssignFile, a, record)
	return a, err
}

// objects are the drawn enterprises.
func (f folder) objects() ([]draw.Candidate, error) {
	var list []draw.Candidate
	for d, err := range rows(f, DrawnFile, draw.DrawnTable) {
		if err != nil {
			return nil, err
		}
		list = append(list, d.Candidate)
	}
	return list, nil
}

// sort brings the libraries into the order of their files and leaves out the
// conflicts that concern nobody drawn.
func (l *Library) sort(objects []draw.Candidate) {
	drawn := map[string]bool{}
	for _, o := range objects {
		drawn[o.SubjectID] = true
	}
	l.Conflicts = slices.DeleteFunc(slices.Clone(l.Conflicts), func(c draw.Conflict) bool { return !drawn[c.SubjectID] })
	slices.SortFunc(l.Conflicts, func(a, b draw.Conflict) int { return compare(a.SubjectID, b.SubjectID, a.InspectorID, b.InspectorID) })
	l.Inspectors, l.Items = slices.Clone(l.Inspectors), slices.Clone(l.Items)
	slices.SortFunc(l.Inspectors, func(a, b draw.Inspector) int { return compare(a.ID, b.ID) })
	slices.SortFunc(l.Items, func(a, b draw.Item) int { return compare(a.ID, b.ID) })
}

// compare compares pairs, the first that differs decides.
func compare(pairs ...string) int {
	for i := 0; i < len(pairs); i += 2 {
		switch {
		case pairs[i] < pairs[i+1]:
			return -1
		case pairs[i] > pairs[i+1]:
			return 1
		}
	}
	return 0
}

func (l Library) write(dir string) error {
	if _, err := save(filepath.Join(dir, InspectorsFile), draw.InspectorTable, each(l.Inspectors)); err != nil {
		return err
	}
	if _, err := save(filepath.Join(dir, ItemsFile), draw.ItemTable, each(l.Items)); err != nil {
		return err
	}
	_, err := save(filepath.Join(dir, ConflictsFile), draw.ConflictTable, each(l.Conflicts))
	return err
}

func (l Library) teams(objects []draw.Candidate, seed Seed) (iter.Seq[draw.Team], error) {
	return draw.Assign(objects, l.Inspectors, l.Conflicts, l.need(), draw.Generator{Seed: seed.Text, Commit: seed.Commit})
}

// flat are teams as rows; what is short goes into a list of its own.
func flat(teams iter.Seq[draw.Team], short *[]draw.Short) func(yield func(draw.Assigned, error) bool) {
	return func(yield func(draw.Assigned, error) bool) {
		for team := range teams {
			for _, s := range team.Shortages {
				*short = append(*short, draw.Short{SubjectID: team.SubjectID, SubjectName: team.SubjectName, Division: team.Division, Shortage: s})
			}
			for _, m := range team.Members {
				if !yield(draw.Assigned{SubjectID: team.SubjectID, SubjectName: team.SubjectName, Member: m}, nil) {
					return
				}
			}
		}
	}
}

// verifyAssign draws the inspectors again from the files.
func (f folder) verifyAssign(r *Report) error {
	var a Assignment
	if _, err := f.read(AssignFile, &a); err != nil {
		return err
	}
	seed, err := f.sumOf(SeedFile)
	if err != nil {
		return err
	}
	if a.DrawID != r.DrawID || a.Seed != seed || a.Algorithm != draw.AssignAlgorithm {
		return fmt.Errorf("%s: %w: is of draw %s, %s, the seed %s", AssignFile, ErrAltered, a.DrawID, a.Algorithm, a.Seed)
	}
	names := make([]string, len(a.Files))
	for i, file := range a.Files {
		names[i] = file.Name
	}
	if !slices.Equal(names, assigned) {
		return fmt.Errorf("%s: %w: fixes %q, wants %q", AssignFile, ErrAltered, names, assigned)
	}
	if err := inOrder(AssignFile, r.seed.Stamp, a.Stamp); err != nil {
		return err
	}
	if err := f.unchanged(a.Files, AssignFile); err != nil {
		return err
	}
	lib := Library{PerObject: a.PerObject, Spares: a.Spares}
	if lib.Inspectors, err = all(rows(f, InspectorsFile, draw.InspectorTable)); err != nil {
		return err
	}
	if lib.Items, err = all(rows(f, ItemsFile, draw.ItemTable)); err != nil {
		return err
	}
	if lib.Conflicts, err = all(rows(f, ConflictsFile, draw.ConflictTable)); err != nil {
		return err
	}
	r.Assignment = &a
	return f.compareTeams(lib, a, r.seed)
}

// compareTeams holds the rows of an assignment against those that are drawn again.
func (f folder) compareTeams(lib Library, a Assignment, seed Seed) error {
	objects, err := f.objects()
	if err != nil {
		return err
	}
	teams, err := lib.teams(objects, seed)
	if err != nil {
		return altered(AssignFile, err)
	}
	short := []draw.Short{}
	next, stop := iter.Pull2(iter.Seq2[draw.Assigned, error](rows(f, TeamsFile, draw.AssignmentTable)))
	defer stop()
	h := sha256.New()
	n, err := draw.AssignmentTable.Write(h, func(yield func(draw.Assigned, error) bool) {
		row := 0
		for want := range flat(teams, &short) {
			row++
			got, err, ok := next()
			if err == nil && (!ok || got != want) {
				err = fmt.Errorf("%s: %w: row %d: %+v, wants %+v", TeamsFile, ErrAltered, row, got, want)
			}
			if !yield(want, err) || err != nil {
				return
			}
		}
	})
	if err != nil {
		return err
	}
	if err := f.same(TeamsFile, hex.EncodeToString(h.Sum(nil))); err != nil {
		return err
	}
	h.Reset()
	if _, err := draw.ShortageTable.Write(h, each(short)); err != nil {
		return err
	}
	if err := f.same(ShortagesFile, hex.EncodeToString(h.Sum(nil))); err != nil {
		return err
	}
	if a.Objects != int64(len(objects)) || a.Assigned != n || a.Short != int64(len(short)) {
		return fmt.Errorf("%s: %w: counts %d objects, %d assigned, %d short; the tables give %d, %d and %d", AssignFile, ErrAltered,
			a.Objects, a.Assigned, a.Short, len(objects), n, len(short))
	}
	return nil
}

// same says that a file has the digest that its rows give.
func (f folder) same(name, want string) error {
	got, err := f.sumOf(name)
	if err == nil && got != want {
		err = fmt.Errorf("%s: %w: its rows are not those that the seed and the libraries give", name, ErrAltered)
	}
	return err
}
