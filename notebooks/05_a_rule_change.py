# %% [markdown]
# # 5. 规则变更的测算
#
# 有人提议：公共信用 A 级、行业 2 级的，由二类放宽到一类。先用一句 SQL 估一估影响哪些主体、值不值得往下走；
# 再把规则真改一份，请程序按两套规则各评一遍（`rongxin plan`）。两边的结果应当一户不差。
# 这里什么也不发布、不改动。正式的提出和批准见 docs/policy.md。

# %%
import shutil
import tempfile
from pathlib import Path

from published import CLASS_COLOURS, ask, connect, pd, plt

PURPOSE = "规则变更测算"  # 记入查询登记
RUN = None
GRADE, LEVEL, CLASS = "A", 2, 1  # 矩阵的哪一格，改成几类

db = connect(RUN, PURPOSE)

# %% [markdown]
# ## 先估
#
# 矩阵的一格改了，不等于落在这一格的主体都变：有特别规定的照旧，参加几项评价的仍取最严的一项。
# 所以要把叠加的第二、第三步跟着走一遍。


# %%
def classes(matrix):
    """The query of each subject's class by a matrix, with the overrides as they stand."""
    return f"""
        with last_class as (
            select subject_id, arg_max(supervision_class, (position, coalesce(event_on, date '0001-01-01'))) as supervision_class
            from overlay.override_hits where effect = 'class' group by subject_id
        )
        select
            r.subject_id,
            case when not bool_or(s.is_out) then coalesce(any_value(l.supervision_class), max(m.supervision_class)) end as supervision_class
        from overlay.matrix_classes as r
        join ({matrix}) as m on m.public_grade = r.public_grade and m.industry_level = r.industry_level
        join overlay.subject_classes as s on s.subject_id = r.subject_id
        left join last_class as l on l.subject_id = r.subject_id
        group by r.subject_id
    """


proposed = f"""
    select public_grade, industry_level,
        case when public_grade = '{GRADE}' and industry_level = {LEVEL} then {CLASS} else supervision_class end as supervision_class
    from rules.overlay_matrix
"""
# 0 stands for not listed, as in the answer of rongxin plan.
estimate = db.sql(f"""
    select coalesce(n.supervision_class, 0) as before, coalesce(p.supervision_class, 0) as after, count(*) as subjects
    from ({classes("from rules.overlay_matrix")}) as n
    join ({classes(proposed)}) as p on p.subject_id = n.subject_id
    group by all order by all
""").df()
in_cell = db.sql(f"""
    select count(distinct subject_id) from overlay.matrix_classes where public_grade = '{GRADE}' and industry_level = {LEVEL}
""").fetchone()[0]
moved = int(estimate[estimate.before != estimate.after].subjects.sum())
print(f"落在这一格的 {in_cell:,} 户，类别会变的 {moved:,} 户")

# %% [markdown]
# ## 影响谁
#
# 按行业门类看：比例高的行业，要先听主管部门的意见。

# %%
by_section = db.sql(f"""
    select
        coalesce(section.industry_name, i.section_code, '行业不详') as section,
        count(*) as subjects,
        count(*) filter (n.supervision_class is distinct from p.supervision_class) as moved
    from ({classes("from rules.overlay_matrix")}) as n
    join ({classes(proposed)}) as p on p.subject_id = n.subject_id
    join intermediate.subjects as s on s.subject_id = n.subject_id
    left join ref.industries as i on i.industry_code = s.industry_code
    left join ref.industries as section on section.industry_code = i.section_code
    group by all having moved > 0 order by moved
""").df()

fig, ax = plt.subplots()
bars = ax.barh(by_section.section, by_section.moved, color=CLASS_COLOURS["一类"])
ax.bar_label(bars, [f" 占 {100 * m / n:.1f}%" for m, n in zip(by_section.moved, by_section.subjects)])
ax.margins(x=0.15)
ax.set(title="类别会变的主体", xlabel="户")
plt.show()

# %% [markdown]
# ## 再算
#
# 把规则目录复制一份，只改矩阵里的这一格，请程序按两套规则各评一遍。正式提出时，已施行的文件不能改，要另写新版本；
# 这里只是测算，直接改副本。

# %%
folder = Path(tempfile.mkdtemp()) / "rules"
shutil.copytree("../evaluators/rules", folder)
overlay = folder / "overlay.yml"
lines = overlay.read_text(encoding="utf-8").splitlines(keepends=True)
at = next(i for i, line in enumerate(lines) if line.strip().startswith(f"{GRADE}:"))
row = lines[at].split("[")[1].split("]")[0].split(",")
row[LEVEL - 1 if LEVEL else 4] = f" {CLASS}"
lines[at] = f"  {GRADE}: [{','.join(row).strip()}]\n"
overlay.write_text("".join(lines), encoding="utf-8")

as_of = str(db.sql("select as_of from run.parameters").fetchone()[0])
plan = ask("plan", "--rules", str(folder), "--as-of", as_of, "--purpose", PURPOSE)
shutil.rmtree(folder.parent)
judged = pd.DataFrame(plan["matrix"]).rename(columns={"from": "before", "to": "after"})

# %% [markdown]
# ## 现在与以后
#
# 每一格是由哪一类到哪一类的户数；对角线上是不变的。

# %%
names = ["不列入", *list(CLASS_COLOURS)[:4]]
grid = judged.pivot(index="before", columns="after", values="subjects").reindex(index=range(5), columns=range(5)).fillna(0).astype(int)

fig, ax = plt.subplots(figsize=(6.5, 5))
for before in range(5):
    for after in range(5):
        n = grid.iat[before, after]
        colour = "#eeeeee" if before == after else "#8fb573" if n and after < before else "#b5402f" if n else "white"
        ax.add_patch(plt.Rectangle((after - 0.5, before - 0.5), 1, 1, facecolor=colour, edgecolor="#cccccc"))
        ax.text(after, before, f"{n:,}" if n else "", ha="center", va="center")
ax.set_xticks(range(5), names)
ax.set_yticks(range(5), names)
ax.set(title="类别迁移", xlabel="按拟议规则", ylabel="按现行规则", xlim=(-0.5, 4.5), ylim=(4.5, -0.5))
plt.show()

# %% [markdown]
# ## 对得上

# %%
published = db.sql(f"""
    select count(*) from ({classes("from rules.overlay_matrix")}) as n
    join overlay.subject_classes as c on c.subject_id = n.subject_id
    where n.supervision_class is not distinct from c.supervision_class
""").fetchone()[0]

assert published == plan["subjects"], "按现行规则重算，与已发布的不一致：估算的步骤漏了什么"
assert plan["moved"] == moved == by_section.moved.sum(), f"估的是 {moved} 户，程序算的是 {plan['moved']} 户"
assert judged.sort_values(["before", "after"]).values.tolist() == estimate.values.tolist(), "迁移的每一格应当一样"
assert (estimate.after <= estimate.before).all(), "放宽一格，不应有主体变严"
