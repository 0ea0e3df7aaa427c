"""The draw rongxin-draw-2 a second time, written from docs/draw.md alone.

    python3 draw.py DIR...

For each directory of a draw prints the table that drawn.csv must hold. Ends
with 1 when the plan's own numbers are not those that follow from the files.
"""

import csv
import hashlib
import json
import pathlib
import sys

US = b"\x1f"


def sha256(*fields):
    return hashlib.sha256(US.join(fields)).hexdigest()


def table(path):
    with open(path, encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))[1:]


def ceil_share(n, basis_points):
    return -(-n * basis_points // 10000)


def stratum(fields):
    return int(fields[0]), *(text.encode() for text in fields[1:])


def quotas(roster, rules, plan):
    n = {}
    for row in roster:
        n[stratum(row[2:])] = n.get(stratum(row[2:]), 0) + 1
    room, count = {}, {}
    for s in sorted(n):
        ratio, least, most = rules[s]
        room[s] = 0 if ratio == 0 else min(n[s], most) if most else n[s]
        count[s] = min(max(ceil_share(n[s], ratio), least if ratio else 0), room[s])

    def fill(total, bound):
        while sum(count.values()) < total:
            open_strata = [s for s in count if count[s] < bound[s]]
            if not open_strata:
                break
            # The greatest n × ratio / (count + 1), and of equals the first, as whole numbers.
            best = open_strata[0]
            for s in open_strata[1:]:
                if n[s] * rules[s][0] * (count[best] + 1) > n[best] * rules[best][0] * (count[s] + 1):
                    best = s
            count[best] += 1

    fill(plan["least"], room)
    most = len(roster) * plan["cap_bp"] // 10000 * 10000 // (10000 + plan["control_bp"])
    if plan["cap_bp"] < 10000 and sum(count.values()) > most:
        before = dict(count)
        for s in count:
            count[s] = 0
        fill(most, before)
    return n, count


def seed_of(record):
    if not record.get("contributions"):
        return record["public"]
    by_name = sorted((c["name"].encode(), c["text"].encode()) for c in record["contributions"])
    return hashlib.sha256(b"rongxin-seed-2\n" + b"".join(n + US + t + b"\n" for n, t in by_name)).hexdigest()


def drawn(directory):
    d = pathlib.Path(directory)
    plan = json.loads((d / "plan.json").read_text("utf-8"))
    roster = table(d / "roster.csv")
    rules = {stratum(row[:4]): tuple(map(int, row[5:8])) for row in table(d / "quotas.csv")}
    n, count = quotas(roster, rules, plan)
    control = min(len(roster), ceil_share(sum(count.values()), plan["control_bp"]))
    said = [[str(n[s]), *map(str, rules[s]), str(count[s])] for s in count]
    if said != [row[4:] for row in table(d / "quotas.csv")] or control != plan["control"]:
        sys.exit(f"{d}: the quotas or the control are not those that follow from the roster")

    commit = hashlib.sha256((d / "commit.json").read_bytes()).hexdigest().encode()
    seed = seed_of(json.loads((d / "seed.json").read_text("utf-8"))).encode()

    def take(purpose, rows, number):
        keyed = sorted((sha256(seed, commit, purpose, row[0].encode()), row) for row in rows)
        return [(place, row, key) for place, (key, row) in enumerate(keyed[:number], 1)]

    out = [("对照抽取", *rest) for rest in take(b"control", roster, control)]
    gone = {row[0] for _, _, row, _ in out}
    for s in count:
        rest = [row for row in roster if stratum(row[2:]) == s and row[0] not in gone]
        out += [("分类抽取", *taken) for taken in take(b"stratum", rest, count[s])]
    return [[part, place, *row, key] for part, place, row, key in out]


sys.stdout.reconfigure(encoding="utf-8", newline="\n")
for directory in sys.argv[1:]:
    sys.stdout.write("\ufeff")
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow("抽取方式 次序 统一社会信用代码 企业名称 监管类别 行业门类 区划代码 抽查规则 排序值".split())
    writer.writerows(drawn(directory))
