package dags_test

import (
	"os"
	"os/exec"
	"testing"
)

// script runs one of the project's scripts from its root, with further variables.
func script(t *testing.T, env []string, name string, args ...string) {
	t.Helper()
	cmd := exec.Command("scripts/"+name, args...)
	cmd.Dir, cmd.Env = "..", append(os.Environ(), env...)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%s %v: %v\n%s", name, args, err, out[max(0, len(out)-30000):])
	}
}

// The tests in Python: every DAG imported, its structure, and each run in process.
func TestPython(t *testing.T) {
	t.Parallel()
	binary := t.TempDir() + "/rongxin"
	build := exec.Command("go", "build", "-o", binary, "./cmd/rongxin")
	build.Dir = ".."
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	script(t, []string{"RONGXIN=" + binary}, "airflow.sh", "pytest", "-q", "-p", "no:cacheprovider", "--tb=short", "dags/tests")
}

// The types of the client are those of the Airflow that the lock installs.
func TestModelsAreThoseOfAirflow(t *testing.T) {
	t.Parallel()
	script(t, nil, "airflow-models.sh", "--check")
}
