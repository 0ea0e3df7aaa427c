#!/usr/bin/env bash
# Whether the rules are whole and judgement is what they say: the cases beside
# them and what these reach, then the models against an independent second, as
# figures, one a line. The short form of it runs with the tests.
set -euo pipefail
cd "$(dirname "$0")/.."

go run ./cmd/rongxin rules check
go run ./cmd/rongxin rules test --coverage
exec go run ./cmd/proof "$@"
