package run

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"rongxin/warehouse/landing"
	"rongxin/warehouse/store"
)

// A Mismatch is one way in which a run is not what it says it is, or differs
// from its repetition.
type Mismatch struct {
	Kind   string `json:"kind"` // manifest, journal, file, batch, source, rule, model, seed, dataset, engine, run, table, check, list
	Name   string `json:"name"`
	Want   string `json:"want,omitempty"`
	Got    string `json:"got,omitempty"`
	Detail string `json:"detail,omitempty"`
}

func (m Mismatch) String() string {
	text := m.Kind + " " + m.Name
	switch {
	case m.Want != "" && m.Got != "":
		text += fmt.Sprintf(": %.16s then, %.16s now", m.Want, m.Got)
	case m.Want != "":
		text += fmt.Sprintf(": %.16s then, none now", m.Want)
	case m.Got != "":
		text += fmt.Sprintf(": none then, %.16s now", m.Got)
	}
	if m.Detail != "" {
		text += ": " + m.Detail
	}
	return text
}

// ManifestDigest identifies the manifest, and with it every byte of the run.
// Kept outside the run, it anchors it.
func (r *Run) ManifestDigest() (string, error) {
	digest, err := store.Sum(filepath.Join(r.Dir, manifestName))
	return digest.SHA256, err
}

// CheckFiles compares the directory of the run with its manifest: every file
// that differs, is missing, or was never written by the run.
func (r *Run) CheckFiles() (list []Mismatch) {
	want := map[string]store.Digest{}
	for _, t := range r.Manifest.Tables {
		maps.Copy(want, t.files(""))
	}
	for _, f := range slices.Concat(r.Manifest.Files, r.Manifest.Source) {
		want[filepath.FromSlash(f.Path)] = f.Digest
	}
	holds := map[string]bool{".": true} // folders with a file of the run
	for path := range want {
		for dir := filepath.Dir(path); !holds[dir]; dir = filepath.Dir(dir) {
			holds[dir] = true
		}
	}
	add := func(path, want, got, detail string) {
		list = append(list, Mismatch{Kind: "file", Name: filepath.ToSlash(path), Want: want, Got: got, Detail: detail})
	}
	walk := filepath.WalkDir(r.Dir, func(file string, e fs.DirEntry, err error) error {
		path, _ := filepath.Rel(r.Dir, file)
		digest, known := want[path]
		delete(want, path)
		switch {
		case err != nil:
			add(path, "", "", err.Error())
		case e.IsDir() && holds[path], path == manifestName && e.Type().IsRegular():
		case !known:
			add(path, "", "", "the run did not write it")
			if e.IsDir() {
				return fs.SkipDir
			}
		case !e.Type().IsRegular():
			add(path, digest.SHA256, "", "is no file")
		default:
			got, err := store.Sum(file)
			if err != nil || got != digest {
				add(path, digest.SHA256, got.SHA256, detail(err))
			}
		}
		return nil
	})
	if walk != nil {
		add(".", "", "", walk.Error())
	}
	for path, digest := range want {
		add(path, digest.SHA256, "", "is gone")
	}
	slices.SortStableFunc(list, func(a, b Mismatch) int { return strings.Compare(a.Name, b.Name) })
	return list
}

// Compare holds a repetition against the manifest of the first run: the same
// parameters, rules and models, the same content of every table, the same
// outcome of every check, and the same files for people where both have some.
func Compare(first, again *Manifest) []Mismatch {
	var list []Mismatch
	compare := func(kind string, then, now map[string]string) {
		list = append(list, differ(kind, then, now)...)
	}
	compare("manifest", head(first), head(again))
	compare("batch", keyed(first.Batches, batchKey), keyed(again.Batches, batchKey))
	compare("rule", keyed(first.Sources, sourceKey), keyed(again.Sources, sourceKey))
	compare("model", keyed(first.Models, modelKey), keyed(again.Models, modelKey))
	compare("table", keyed(first.Tables, tableKey), keyed(again.Tables, tableKey))
	compare("check", keyed(first.Checks, checkKey), keyed(again.Checks, checkKey))
	if len(again.Files) > 0 {
		compare("list", keyed(first.Files, fileKey), keyed(again.Files, fileKey))
	}
	return list
}

func head(m *Manifest) map[string]string {
	return map[string]string{"as_of": m.AsOf, "rule_set": m.RuleSet, "previous": m.Previous, "run_id": m.RunID}
}

// keyed names each entry and says what must be equal of it.
func keyed[T any](list []T, key func(T) (name, value string)) map[string]string {
	entries := map[string]string{}
	for _, e := range list {
		name, value := key(e)
		entries[name] = value
	}
	return entries
}

func batchKey(b BatchRef) (name, value string) {
	return b.Dataset + " batch " + b.ID, fmt.Sprintf("%s %s %v %s", b.Records.SHA256, b.Rejects.SHA256, b.Rows, b.ReceivedAt.UTC())
}
func sourceKey(s Source) (name, value string)  { return s.File, s.SHA256 }
func modelKey(m ModelRef) (name, value string) { return m.File + " " + m.Name, m.SHA256 }
func tableKey(t TableEntry) (name, value string) {
	return t.Name, fmt.Sprintf("%s %d rows %v", t.Content, t.Rows, t.Columns)
}
func checkKey(c CheckEntry) (name, value string) {
	return c.Table + ": " + c.Check, fmt.Sprintf("%s %t %s", c.Severity, c.OK, c.Detail)
}
func fileKey(f FileEntry) (name, value string) { return f.Path, f.SHA256 }

// differ names each entry that is not the same on both sides.
func differ(kind string, then, now map[string]string) (list []Mismatch) {
	for name, value := range then {
		if other, ok := now[name]; value != other || !ok {
			list = append(list, Mismatch{Kind: kind, Name: name, Want: value, Got: other})
		}
	}
	for name, value := range now {
		if _, ok := then[name]; !ok {
			list = append(list, Mismatch{Kind: kind, Name: name, Got: value})
		}
	}
	slices.SortFunc(list, func(a, b Mismatch) int { return strings.Compare(a.Name, b.Name) })
	return list
}

// CompareEngines says whether another engine computed the repetition.
func CompareEngines(first, again *Manifest) []Mismatch {
	return differ("engine", map[string]string{"version": first.Engine}, map[string]string{"version": again.Engine})
}

// CompareSources says which rule files are otherwise in another plan.
func CompareSources(then, now Plan) []Mismatch {
	return differ("rule", keyed(then.sources(), sourceKey), keyed(now.sources(), sourceKey))
}

// ComparePlans says what of a plan is otherwise in another one that reads the
// same batches: datasets, rule and reference tables, models.
func ComparePlans(then, now Plan) []Mismatch {
	datasets := func(p Plan) map[string]string {
		return keyed(p.Datasets, func(d landing.Dataset) (string, string) { return d.Name, sum([]byte(fmt.Sprintf("%q", d))) })
	}
	seeds := func(p Plan) map[string]string {
		return keyed(p.Seeds, func(s Seed) (string, string) { return s.Name, sum([]byte(s.text())) })
	}
	models := func(p Plan) map[string]string {
		refs := map[string]string{}
		for _, m := range p.Models {
			refs[cmp.Or(m.File, m.Name)+" "+m.Name] = m.Hash()
		}
		return refs
	}
	return slices.Concat(differ("dataset", datasets(then), datasets(now)), differ("seed", seeds(then), seeds(now)),
		differ("model", models(then), models(now)))
}

// batches picks the landed batches that the run read, in its order. A batch that
// is gone, or is not the one the run read, is named.
func (r *Run) batches(home string) ([]landing.Batch, []Mismatch) {
	var list []landing.Batch
	var faults []Mismatch
	for _, ref := range r.Manifest.Batches {
		name := ref.Dataset + " batch " + ref.ID
		dir := landing.Dir(home, ref.Dataset, ref.ID)
		b, err := landing.Read(dir)
		if errors.Is(err, fs.ErrNotExist) {
			faults = append(faults, Mismatch{Kind: "batch", Name: name, Detail: "no longer in the landing area"})
			continue
		}
		for file, want := range map[string]store.Digest{landing.RecordsName: ref.Records, landing.RejectsName: ref.Rejects} {
			err = errors.Join(err, store.Check(filepath.Join(dir, file), want))
		}
		if err == nil && (b.Dataset != ref.Dataset || b.ID != ref.ID || b.Records != ref.Records || b.Rejects != ref.Rejects || !b.ReceivedAt.Equal(ref.ReceivedAt)) {
			err = errors.New("not the batch the run read")
		}
		if err != nil {
			faults = append(faults, Mismatch{Kind: "batch", Name: name, Detail: err.Error()})
		}
		list = append(list, b)
	}
	return list, faults
}
