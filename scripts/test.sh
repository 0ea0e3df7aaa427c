#!/usr/bin/env bash
# All tests, beside real database servers. The packages that start goroutines of
# their own run once more under the race detector; those that only call the
# engine do not, since it is C++ that the detector cannot see and it doubles
# their time. Nor do tests again whose time is that of one goroutine, or of what
# others race already: bombs are packed, long files read, a child uses up its
# processor time, a large city is delivered by the senders of the small ones.
set -euo pipefail
cd "$(dirname "$0")/.."

if [ -z "${TEST_POSTGRES_DSN:-}" ]; then
    # What the machine lacks comes by network while the processors compile.
    { scripts/servers.sh && for lock in */requirements.lock; do scripts/python.sh "$lock" true; done; } &
    scripts/check.sh || { wait; exit 1; }
    wait $!
    exec scripts/servers.sh "$0"
fi
go test -vet=off -timeout 30m ./... # vet was the matter of check.sh
(cd deploy && go vet ./... && go test -vet=off ./...) # a module of its own
alone='TestRefusedArchives|TestParquetAgainstTheLibrary|TestValidUTF8|TestRefusedFiles/(nothing_but|line_ends)|TestChildThatFails/(burns|eats_memory)|TestWhatWentWrongIsNamedAndMended|TestOneAlteredRecordIsFoundByRanges|TestAnOutageOfThreeDaysIsCaughtUp'
go test -vet=off -race -short -skip "$alone" -timeout 30m ./pipelines/ingest ./pipelines/database ./pipelines/publish ./pipelines/sandbox ./pipelines/transport/... ./warehouse/ops ./warehouse/store ./internal/credit
