package deploy

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/prometheus/promql/promqltest"

	"rongxin/internal/metrics"
)

func dashboardFiles(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("grafana/dashboards/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no dashboards: %v", err)
	}
	return files
}

// dashboard has the fields of Grafana's model that are used here, and no others:
// one that is misspelt shows.
type dashboard struct {
	UID           string   `json:"uid"`
	Title         string   `json:"title"`
	Description   string   `json:"description"`
	Tags          []string `json:"tags"`
	Timezone      string   `json:"timezone"`
	Editable      bool     `json:"editable"`
	Refresh       string   `json:"refresh"`
	SchemaVersion int      `json:"schemaVersion"`
	Version       int      `json:"version"`
	GraphTooltip  int      `json:"graphTooltip"`
	Time          struct {
		From string `json:"from"`
		To   string `json:"to"`
	} `json:"time"`
	Templating struct {
		List []variable `json:"list"`
	} `json:"templating"`
	Links  []map[string]any `json:"links"`
	Panels []panel          `json:"panels"`
}

type variable struct {
	Name       string         `json:"name"`
	Label      string         `json:"label"`
	Type       string         `json:"type"`
	Query      string         `json:"query"`
	Datasource *source        `json:"datasource,omitempty"`
	Refresh    int            `json:"refresh"`
	IncludeAll bool           `json:"includeAll"`
	Multi      bool           `json:"multi"`
	Current    map[string]any `json:"current"`
}

type source struct {
	Type string `json:"type"`
	UID  string `json:"uid"`
}

type panel struct {
	ID          int    `json:"id"`
	Type        string `json:"type"`
	Title       string `json:"title"`
	Description string `json:"description"`
	Datasource  source `json:"datasource"`
	GridPos     struct {
		X int `json:"x"`
		Y int `json:"y"`
		W int `json:"w"`
		H int `json:"h"`
	} `json:"gridPos"`
	Targets []struct {
		RefID        string `json:"refId"`
		Expr         string `json:"expr"`
		LegendFormat string `json:"legendFormat"`
		Instant      bool   `json:"instant"`
		Range        bool   `json:"range"`
		Format       string `json:"format"`
	} `json:"targets"`
	FieldConfig struct {
		Defaults  map[string]any   `json:"defaults"`
		Overrides []map[string]any `json:"overrides"`
	} `json:"fieldConfig"`
	Options         map[string]any   `json:"options"`
	Transformations []map[string]any `json:"transformations,omitempty"`
}

var (
	panelTypes = []string{"stat", "timeseries", "table", "bargauge", "barchart"}
	han        = regexp.MustCompile(`\p{Han}`)
	askLabels  = regexp.MustCompile(`^label_values\((\w+), (\w+)\)$`)
	// What Grafana puts in for its own variables.
	builtIn = strings.NewReplacer("$__rate_interval", "2h", "$__range", "1d", "$__interval", "1m")
)

func readDashboard(t *testing.T, file string) dashboard {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var d dashboard
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&d); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return d
}

// Each dashboard is whole, asks for nothing that we do not export, finds its
// data source by a variable, and speaks Chinese.
func TestDashboards(t *testing.T) {
	uids, asked := map[string]bool{}, map[string]bool{}
	for _, file := range dashboardFiles(t) {
		d := readDashboard(t, file)
		if d.UID != "rongxin-"+strings.TrimSuffix(filepath.Base(file), ".json") || uids[d.UID] {
			t.Errorf("%s: uid %q is not that of the file, or of two", file, d.UID)
		}
		uids[d.UID] = true
		if !han.MatchString(d.Title) || !han.MatchString(d.Description) || !slices.Contains(d.Tags, "榕信") || d.Timezone != "Asia/Shanghai" || d.SchemaVersion < 39 || d.Time.From == "" {
			t.Errorf("%s: title, description, tag, time zone or schema version are not as in the others", file)
		}
		d.checkVariables(t, file)
		d.checkPanels(t, file, asked)
	}
	for name := range ours() {
		if !asked[name] {
			t.Logf("on no dashboard: %s", name)
		}
	}
}

func (d dashboard) checkVariables(t *testing.T, file string) {
	t.Helper()
	if len(d.Templating.List) == 0 || d.Templating.List[0].Name != "datasource" || d.Templating.List[0].Type != "datasource" || d.Templating.List[0].Query != "prometheus" {
		t.Errorf("%s: its first variable is not the data source", file)
	}
	for _, v := range d.Templating.List[1:] {
		ask := askLabels.FindStringSubmatch(v.Query)
		if ask == nil || v.Datasource == nil || v.Datasource.UID != "${datasource}" || !han.MatchString(v.Label) {
			t.Errorf("%s: variable %s: %q", file, v.Name, v.Query)
			continue
		}
		checkExpr(t, file+": variable "+v.Name, fmt.Sprintf(`%s{%s=""}`, ask[1], ask[2]))
	}
}

func (d dashboard) checkPanels(t *testing.T, file string, asked map[string]bool) {
	t.Helper()
	ids, taken := map[int]bool{}, map[[2]int]string{}
	for _, p := range d.Panels {
		where := fmt.Sprintf("%s: panel %d %s", file, p.ID, p.Title)
		if p.ID <= 0 || ids[p.ID] {
			t.Errorf("%s: its id is none, or another's", where)
		}
		ids[p.ID] = true
		if !slices.Contains(panelTypes, p.Type) || !han.MatchString(p.Title) || !han.MatchString(p.Description) {
			t.Errorf("%s: a %s; want a known type, and title and description in Chinese", where, p.Type)
		}
		if p.Datasource != (source{"prometheus", "${datasource}"}) {
			t.Errorf("%s: its data source is not the variable's", where)
		}
		if p.GridPos.W < 1 || p.GridPos.H < 1 || p.GridPos.X < 0 || p.GridPos.X+p.GridPos.W > 24 {
			t.Errorf("%s: it does not stand on the grid", where)
		}
		for x := p.GridPos.X; x < p.GridPos.X+p.GridPos.W; x++ {
			for y := p.GridPos.Y; y < p.GridPos.Y+p.GridPos.H; y++ {
				if other := taken[[2]int{x, y}]; other != "" {
					t.Fatalf("%s: it covers %s", where, other)
				}
				taken[[2]int{x, y}] = p.Title
			}
		}
		refs := map[string]bool{}
		for _, target := range p.Targets {
			if target.RefID == "" || refs[target.RefID] {
				t.Errorf("%s: refId %q is none, or another's", where, target.RefID)
			}
			refs[target.RefID] = true
			checkExpr(t, where, builtIn.Replace(target.Expr))
			for name := range ours() {
				asked[name] = asked[name] || strings.Contains(target.Expr, name)
			}
		}
		if len(p.Targets) == 0 {
			t.Errorf("%s: it asks for nothing", where)
		}
	}
}

// Each panel shows something of a city after a troubled delivery: what it selects
// by, joins and divides comes together.
func TestPanelsShowSomething(t *testing.T) {
	text, err := os.ReadFile("testdata/metrics.txt")
	if err != nil {
		t.Fatal(err)
	}
	load, told := "load 1h\n", map[string]bool{}
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		i := strings.LastIndex(strings.TrimSpace(line), " ")
		series, value := line[:i], strings.TrimSpace(line[i:])
		name, _, _ := strings.Cut(series, "{")
		m, ok := ours()[name]
		if !ok {
			t.Errorf("testdata: %s is no metric that is exported", name)
		}
		told[name] = true
		step := "0"
		if m.Type == metrics.Counter {
			value, step = "0", value
		}
		load += fmt.Sprintf("  %s %s+%sx100\n", series, value, step)
	}
	for name := range ours() {
		if !told[name] {
			t.Errorf("testdata: nothing is told of %s", name)
		}
	}
	storage := promqltest.LoadedStorage(t, load)
	engine := promqltest.NewTestEngine(t, false, 0, 100_000)
	for _, file := range dashboardFiles(t) {
		d := readDashboard(t, file)
		for _, p := range d.Panels {
			for _, target := range p.Targets {
				expr := builtIn.Replace(target.Expr)
				for _, v := range d.Templating.List {
					expr = strings.ReplaceAll(expr, `"$`+v.Name+`"`, `".*"`)
				}
				query, err := engine.NewInstantQuery(t.Context(), storage, nil, expr, time.Unix(100*3600, 0))
				if err != nil {
					t.Fatalf("%s: %s: %v", file, p.Title, err)
				}
				if result := query.Exec(t.Context()); result.Err != nil || result.String() == "" {
					t.Errorf("%s: panel %d %s: %s shows nothing: %v", file, p.ID, p.Title, expr, result.Err)
				}
				query.Close()
			}
		}
	}
}
