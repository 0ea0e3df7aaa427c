#!/usr/bin/env bash
# All tests. The packages that start goroutines of their own run once more
# under the race detector; those that only call the engine do not, since it is
# C++ that the detector cannot see and it doubles their time.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/check.sh
go test -timeout 20m ./...
go test -race -short -timeout 20m ./pipelines/ingest ./pipelines/publish ./pipelines/sandbox ./warehouse/ops ./warehouse/store ./internal/credit
