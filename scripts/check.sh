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
go test -count=1 ./pipelines/contract ./evaluators ./warehouse/lint
go run ./cmd/rongxin contracts dictionary | diff -u docs/data-dictionary.md -
go run ./cmd/rongxin mappings page | diff -u docs/payloads.md -
go run ./cmd/rongxin metrics --describe | diff -u docs/metrics.md -
go run ./cmd/rongxin contracts schedule | diff -u dags/rongxin_airflow/catalogue.json -
go run ./cmd/rongxin rules check
scripts/imports.sh
