# %% [markdown]
# # 2. 一个类别是怎么来的
#
# 监管类别分三步得出：公共信用等级与行业级别在矩阵里对上一格；特别规定（严重失信名单、人工调整等）改动这一格；
# 参加几项评价的，取最严的一项。本页先看全市，再把一户从头走到尾，最后用表里的数把全市每一户重算一遍。

# %%
from published import CLASS_COLOURS, connect, plt

PURPOSE = "类别由来分析"  # 记入查询登记
RUN = None
SUBJECT = None  # 写一个统一社会信用代码；不写的，取四类中原因最多的一户

db = connect(RUN, PURPOSE)

# %% [markdown]
# ## 第一步：矩阵
#
# 行是国家公共信用综合评价等级，列是行业级别（1 最好，4 最差，0 没有行业评价）。
# 格子的颜色是矩阵给的类别，数字是落在这一格的评价数（一户参加几项评价就有几个）。

# %%
cells = db.sql("""
    select m.public_grade, m.industry_level, m.supervision_class, count(c.subject_id) as results
    from rules.overlay_matrix as m
    left join overlay.matrix_classes as c
        on c.public_grade = m.public_grade and c.industry_level = m.industry_level
    group by all
""").df()
grades = ["A", "B", "C", "D", "not_evaluated"]
levels = [1, 2, 3, 4, 0]
at_grade = cells.pivot(index="public_grade", columns="industry_level", values="supervision_class").loc[grades, levels]
counted = cells.pivot(index="public_grade", columns="industry_level", values="results").loc[grades, levels]

fig, ax = plt.subplots(figsize=(8, 4.5))
ax.imshow(at_grade, cmap=plt.matplotlib.colors.ListedColormap(list(CLASS_COLOURS.values())[:4]), vmin=1, vmax=4, aspect="auto")
for row in range(len(grades)):
    for column in range(len(levels)):
        ax.text(column, row, f"{counted.iat[row, column]:,}", ha="center", va="center", color="white", fontsize=12)
ax.set_xticks(range(len(levels)), ["1 级", "2 级", "3 级", "4 级", "无行业评价"])
ax.set_yticks(range(len(grades)), ["A", "B", "C", "D", "未评价"])
ax.set(title="公共信用等级 × 行业级别", xlabel="行业级别", ylabel="公共信用等级")
ax.legend(handles=[plt.matplotlib.patches.Patch(color=CLASS_COLOURS[name], label=name) for name in list(CLASS_COLOURS)[:4]],
          loc="upper left", bbox_to_anchor=(1, 1), frameon=False)
plt.show()

# %% [markdown]
# ## 第二步：特别规定
#
# 在列严重失信名单的定为四类；吊销、注销、迁出的不列入名单；异议处理中的只加标注；经批准的人工调整排在最后，以它为准。
# 每一条都有依据，在 `rules.overrides`。

# %%
overrides = db.sql("""
    select
        o.override_code,
        o.meaning,
        count(distinct h.subject_id) as subjects
    from rules.overrides as o
    join overlay.override_hits as h on h.override_code = o.override_code
    group by all order by subjects
""").df()

fig, ax = plt.subplots()
bars = ax.barh(overrides.meaning, overrides.subjects, color="#4c78a8")
ax.bar_label(bars, padding=3)
ax.set(title="特别规定涉及的主体", xlabel="户")
plt.show()

# %% [markdown]
# ## 第三步：一户从头走到尾
#
# 先看它参加的每项评价，再看名单里给出的每一条原因。要看到原文件的哪一行，用 `rongxin explain`。

# %%
if SUBJECT is None:
    SUBJECT = db.sql("""
        select c.subject_id
        from overlay.subject_classes as c
        join lists.reasons as r on r.subject_id = c.subject_id and r.scheme = 'overall'
        where c.supervision_class = 4
        group by c.subject_id order by count(*) desc, c.subject_id limit 1
    """).fetchone()[0]

db.execute("""
    select scheme, public_grade, industry_grade, industry_level, matrix_class, override_code, supervision_class
    from overlay.scheme_classes where subject_id = ? order by supervision_class desc, scheme
""", [SUBJECT]).df()

# %%
db.execute("""
    select position, reason_code, reason from lists.reasons
    where subject_id = ? and scheme = 'overall' order by position
""", [SUBJECT]).df()

# %% [markdown]
# ## 评分：分是怎么加减的
#
# 评分卡的每一分都有一行：基础分、每条记录的加减、上下限。下面是扣分最多的几项，全市合计。
# 城市自己的评分只供参考，不进叠加，也不得公布。

# %%
deductions = db.sql("""
    select
        h.scorecard_title || '：' || h.title as characteristic,
        cast(-sum(c.points_milli) as bigint) // 1000 as points
    from scores.contributions as c
    join rules.characteristics as h
        on h.scorecard = c.scorecard and h.characteristic = c.characteristic and h.reason_code = c.reason_code
    where c.points_milli < 0 and h.kind <> 'bounds'
    group by all order by points desc limit 12
""").df()[::-1]

fig, ax = plt.subplots(figsize=(9, 5))
bars = ax.barh(deductions.characteristic, deductions.points, color="#b5402f")
ax.bar_label(bars, padding=3)
ax.margins(x=0.1)
ax.set(title="扣分最多的项目", xlabel="扣分合计")
plt.show()

# %% [markdown]
# ## 重算一遍
#
# 只用原始的几张表，按上面三步，把每一户的类别重算出来，与运行里的结果逐户比较。

# %%
unlike = db.sql("""
    with last_class as (
        select subject_id, arg_max(supervision_class, (position, coalesce(event_on, date '0001-01-01'))) as supervision_class
        from overlay.override_hits where effect = 'class' group by subject_id
    ),
    outs as (
        select distinct subject_id from overlay.override_hits where effect = 'out'
    ),
    again as (
        select
            r.subject_id,
            case when count(o.subject_id) = 0 then coalesce(any_value(l.supervision_class), max(m.supervision_class)) end as supervision_class
        from overlay.matrix_classes as r
        join scores.public_results as p on p.subject_id = r.subject_id
        join rules.overlay_matrix as m on m.public_grade = p.public_grade and m.industry_level = r.industry_level
        left join last_class as l on l.subject_id = r.subject_id
        left join outs as o on o.subject_id = r.subject_id
        group by r.subject_id
    )
    select again.subject_id, again.supervision_class as again, c.supervision_class as published
    from again
    full join overlay.subject_classes as c on c.subject_id = again.subject_id
    where again.supervision_class is distinct from c.supervision_class or again.subject_id is null or c.subject_id is null
""").df()
unsummed = db.sql("""
    select r.subject_id, r.scorecard, r.score_milli, sum(c.points_milli) as summed
    from scores.scorecard_results as r
    join scores.contributions as c on c.subject_id = r.subject_id and c.scorecard = r.scorecard
    group by all having sum(c.points_milli) <> r.score_milli
""").df()

assert unlike.empty, f"重算与运行不一致：{unlike.head()}"
assert unsummed.empty, f"各项相加不等于得分：{unsummed.head()}"
assert counted.to_numpy().sum() == db.sql("select count(*) from overlay.matrix_classes").fetchone()[0], "有的评价不在矩阵里"
