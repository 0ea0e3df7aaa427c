#!/usr/bin/env bash
# Whether the rules are whole and judgement is what they say: the cases beside
# them and what these reach, then the models against an independent second,
# relations between an enterprise and its changed twin, and slips in the SQL that
# must show, as figures, one a line. The short form of each runs with the tests.
#
#   scripts/check-rules.sh [-part NAME] [-enterprises N] [-cases N] [-mutants N]
set -euo pipefail
cd "$(dirname "$0")/.."

go run ./cmd/rongxin rules check
go run ./cmd/rongxin rules test --coverage
exec go run ./cmd/proof "$@"
