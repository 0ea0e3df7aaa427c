#!/usr/bin/env bash
# The main job: a synthetic city landed, judged, listed, delivered to a stand-in
# platform on the loopback, reconciled, and one enterprise explained.
#
#   scripts/main-job.sh BINARY [FOLDER]
#
# ENTERPRISES (20000), SEED (1) and AS_OF (2026-06-30) may be set.
set -euo pipefail

rongxin=$(realpath "$1")
dir=${2:-demo}
enterprises=${ENTERPRISES:-20000}
as_of=${AS_OF:-2026-06-30}

rm -rf "$dir"
mkdir -p "$dir"
cd "$dir"
export RONGXIN_HOME=warehouse RONGXIN_LOG_LEVEL=error

step() { printf '\n== %s\n' "$*"; }

step "1. a city of $enterprises enterprises, every department's extracts"
"$rongxin" city --enterprises "$enterprises" --seed "${SEED:-1}" --as-of "$as_of" --out city

step "2. landing, delivery by delivery"
"$rongxin" land --inbox city/inbox

step "3. the run: facts, judgement, lists, checks, publication"
"$rongxin" run --as-of "$as_of"

step "4. delivery to a stand-in platform on the loopback"
"$rongxin" sandbox --listen 127.0.0.1:0 --dir platform --address-file platform.url 2> platform.log &
sandbox=$!
trap 'kill "$sandbox" 2> /dev/null || true' EXIT
for _ in $(seq 100); do [ -s platform.url ] && break; sleep 0.1; done
RONGXIN_PLATFORM=$(cat platform.url)
export RONGXIN_PLATFORM
"$rongxin" publish
"$rongxin" reconcile

step "5. one enterprise explained"
subject=$("$rongxin" sql --format csv "
    select c.subject_id from overlay.subject_classes as c
    join intermediate.record_states as r on r.subject_id = c.subject_id
    where c.supervision_class = 4
    group by c.subject_id order by count(*) desc, c.subject_id limit 1" | tail -n 1)
"$rongxin" explain "$subject" --purpose 演示

step "6. summary"
"$rongxin" quality
"$rongxin" sql "
    select coalesce(t.class_title, '不列入名单') as 监管类别, count(*) as 企业数
    from overlay.subject_classes as c left join rules.tiers as t on t.supervision_class = c.supervision_class
    group by 1, c.supervision_class order by c.supervision_class nulls last"
lists=$(ls -d warehouse/runs/*/files/lists)
cat << END
open:  $dir/$lists/<部门>/<区划>.xlsx
next:  cd $dir; export RONGXIN_HOME=warehouse
       $rongxin explain $subject
       $rongxin sql
       $rongxin verify CURRENT
       $rongxin feedback --department 市税务局
       $rongxin draw plan --department 市市场监督管理局 --scheme food
END
