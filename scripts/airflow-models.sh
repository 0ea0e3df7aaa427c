#!/usr/bin/env bash
# Writes internal/airflowapi/models.gen.go from the OpenAPI document of the
# installed Airflow. With --check it only compares, and fails where they differ.
# The generator is pinned in internal/airflowapi/generate.mod.
set -euo pipefail
cd "$(dirname "$0")/.."

here=internal/airflowapi
document=$(scripts/airflow.sh python -c 'import importlib.util as u; print(u.find_spec("airflow.api_fastapi.core_api").submodule_search_locations[0])')/openapi/v2-rest-api-generated.yaml
fresh=$(mktemp)
trap 'rm -f "$fresh"' EXIT
go tool -modfile="$here/generate.mod" oapi-codegen -config "$here/generate.yml" "$document" | tail -n +3 > "$fresh" # without a second package comment

if [ "${1:-}" = --check ]; then
    diff -u "$here/models.gen.go" "$fresh" || { echo "$here/models.gen.go is not what the installed Airflow says: run scripts/airflow-models.sh" >&2; exit 1; }
else
    cp "$fresh" "$here/models.gen.go"
fi
