#!/usr/bin/env bash
# Imports run one way: cmd → pipelines, transforms, evaluators → warehouse →
# internal/credit. Rooms on one level never import each other.
set -euo pipefail
cd "$(dirname "$0")/.."

go list -f '{{$p := .ImportPath}}{{range .Imports}}{{$p}} {{.}}{{"\n"}}{{end}}' ./... | awk '
function room(path) { sub(/^rongxin\//, "", path); sub(/\/.*/, "", path); return path }
function level(r) {
    if (r == "cmd") return 3
    if (r == "pipelines" || r == "transforms" || r == "evaluators") return 2
    if (r == "warehouse") return 1
    return 0
}
$2 ~ /^rongxin\// {
    from = room($1); to = room($2)
    if (from != to && level(to) >= level(from) && from != "internal") {
        print "wrong way: " $1 " imports " $2; bad = 1
    }
    if (from == "internal" && to != "internal") { print "wrong way: " $1 " imports " $2; bad = 1 }
}
END { exit bad }'
