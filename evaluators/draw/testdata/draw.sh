#!/bin/sh
# The draw rongxin-draw-1 a second time, written from its description alone:
#   draw.sh ROSTER SEED
# ROSTER is the published canonical text. Prints class, division, place,
# subject_id and key of each drawn candidate, separated by 0x1f. Needs
# sha256sum, sort and awk, and holds some ten thousand candidates.
set -eu
export LC_ALL=C
us=$(printf '\037')
seed=$2
digest=$(sha256sum <"$1" | cut -d' ' -f1)
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
export seed digest dir

# One file a candidate with the bytes to hash.
awk -F "$us" -v OFS="$us" '
    $1 == "candidate" {
        file = sprintf("%s/%09d", ENVIRON["dir"], ++n)
        printf "%s%s%s%s%s", ENVIRON["seed"], OFS, ENVIRON["digest"], OFS, $4 > file
        close(file)
        print $2, $3, $4, $6
    }' "$1" >"$dir/candidates"
(cd "$dir" && sha256sum 0* | cut -d' ' -f1) >"$dir/keys"

# By class, division and key; of each stratum as many as its ratio asks, rounded up.
paste -d "$us" "$dir/candidates" "$dir/keys" | sort -t "$us" -k1,1n -k2,2 -k5,5 -k3,3 |
    awk -F "$us" -v OFS="$us" '
    { stratum[NR] = $1 OFS $2; id[NR] = $3; ratio[NR] = $4; key[NR] = $5; count[stratum[NR]]++ }
    END {
        for (i = 1; i <= NR; i++) {
            s = stratum[i]
            if (++place[s] <= int((count[s] * ratio[i] + 9999) / 10000)) print s, place[s], id[i], key[i]
        }
    }'
