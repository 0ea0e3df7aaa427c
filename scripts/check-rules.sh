#!/usr/bin/env bash
# Whether judgement is what the rules say: the models against an independent
# second, as figures, one a line. The short form of it runs with the tests.
set -euo pipefail
cd "$(dirname "$0")/.."

exec go run ./cmd/proof "$@"
