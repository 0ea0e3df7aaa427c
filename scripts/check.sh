#!/usr/bin/env bash
# What must hold before anything is run: formatting, vet, contracts, rules,
# models in the portable subset, and imports that run one way.
set -euo pipefail
cd "$(dirname "$0")/.."

unformatted=$(gofmt -l cmd dags deploy evaluators internal notebooks pipelines transforms warehouse)
if [ -n "$unformatted" ]; then
    printf 'gofmt would change:\n%s\n' "$unformatted"
    exit 1
fi
go vet ./...
go test -vet=off -timeout 30m ./pipelines/contract ./evaluators ./warehouse/lint # as test.sh, which finds them done
go build -o bin/rongxin ./cmd/rongxin
bin/rongxin contracts dictionary | diff -u docs/data-dictionary.md -
bin/rongxin mappings page | diff -u docs/payloads.md -
bin/rongxin metrics --describe | diff -u docs/metrics.md -
bin/rongxin contracts schedule | diff -u dags/rongxin_airflow/catalogue.json -
bin/rongxin rules check
scripts/imports.sh
