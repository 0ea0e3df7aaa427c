#!/usr/bin/env bash
# All tests, beside real database servers. The packages that start goroutines of
# their own run once more under the race detector; those that only call the
# engine do not, since it is C++ that the detector cannot see and it doubles
# their time.
set -euo pipefail
cd "$(dirname "$0")/.."

if [ -z "${TEST_POSTGRES_DSN:-}" ]; then
    scripts/check.sh
    exec scripts/servers.sh "$0"
fi
go test -timeout 30m ./...
(cd deploy && go vet ./... && go test ./...) # a module of its own
go test -race -short -timeout 30m ./pipelines/ingest ./pipelines/database ./pipelines/publish ./pipelines/sandbox ./pipelines/transport/... ./warehouse/ops ./warehouse/store ./internal/credit
