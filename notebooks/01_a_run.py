# %% [markdown]
# # 1. 认识一次运行
#
# 每天夜里的运行，把截至当日的全部数据整理、评价、列名单，结果写成一批不再改动的表。
# 本页打开已发布的运行，看它说的是哪一天、用了哪套规则、收了哪些数据、各类别有多少户。
# 只读：查询不影响流水线，流水线也不影响查询。

# %%
from published import CLASS_COLOURS, connect, plt

PURPOSE = "认识一次运行"  # 记入查询登记
RUN = None  # 已发布的运行；也可以写某次运行的编号，如 "2026-06-30-0a1b2c3d"

db = connect(RUN, PURPOSE)
db.sql("select as_of, run_id, rule_set, previous_run_id from run.parameters").df()

# %% [markdown]
# ## 有哪些表
#
# 表名都是“层.表”：`staging` 是各部门报来的样子，`intermediate` 和 `marts` 是整理后的事实，
# `scores` 是行业评价，`overlay` 是叠加后的类别，`lists` 是名单，`rules` 是当日有效的规则，`ref` 是区划、行业等代码表。
# 每张表一行是什么，写在模型文件的开头。

# %%
tables = db.sql("""
    select table_schema as 层, count(*) as 表数
    from information_schema.tables group by table_schema order by table_schema
""").df()
tables

# %% [markdown]
# ## 收到了什么
#
# 每一批都是“读入 = 接收 + 退回”，一行也不会少。下图是各部门读入的行数，退回的另行注明。

# %%
received = db.sql("""
    select
        department,
        cast(sum(rows_read) as bigint) as rows_read,
        cast(sum(rows_accepted) as bigint) as rows_accepted,
        cast(sum(rows_rejected) as bigint) as rows_rejected
    from run.batches
    group by department order by rows_read
""").df()

fig, ax = plt.subplots(figsize=(9, 6))
bars = ax.barh(received.department, received.rows_read, color="#4c78a8")
ax.bar_label(bars, [f" 退回 {n:,} 行" if n else "" for n in received.rows_rejected], color="#b5402f")
ax.set(title="各部门报送的行数", xlabel="行（对数刻度）", xscale="log", xlim=(0.7, 4 * received.rows_read.max()))
plt.show()

# %% [markdown]
# ## 各类别有多少户
#
# 主体的监管类别，是它参加的各项评价中最严的一个。吊销、注销、迁出的不列入名单，类别为空。
# 类别的名称在 `rules.tiers`。

# %%
classes = db.sql("""
    select coalesce(t.class_title, '不列入') as class_title, count(*) as subjects
    from overlay.subject_classes as c
    left join rules.tiers as t on t.supervision_class = c.supervision_class
    group by t.class_title, c.supervision_class
    order by c.supervision_class nulls last
""").df()
classes

# %%
by_division = db.sql("""
    select
        coalesce(d.division_name, s.division_code, '不明') as 区划,
        coalesce(left(t.class_title, 2), '不列入') as class_name,
        count(*) as subjects
    from overlay.subject_classes as c
    join intermediate.subjects as s on s.subject_id = c.subject_id
    left join rules.tiers as t on t.supervision_class = c.supervision_class
    left join ref.divisions as d on d.division_code = s.division_code
    group by all
""").df().pivot(index="区划", columns="class_name", values="subjects").fillna(0).astype(int)
by_division = by_division.reindex(columns=[name for name in CLASS_COLOURS if name in by_division])
by_division = by_division.loc[by_division.sum(axis=1).sort_values().index]

ax = by_division.plot.barh(stacked=True, color=CLASS_COLOURS, width=0.8)
ax.set(title="各区县的监管类别", xlabel="户", ylabel="")
ax.legend(title="")
plt.show()

# %% [markdown]
# ## 对得上
#
# 数字从不同的表里来，应当一致。不一致就停在这里，不要往下用。

# %%
subjects = db.sql("select count(*) from intermediate.subjects").fetchone()[0]
listed = db.sql("select count(*) from lists.supervision where scheme = 'overall' and change <> 'left'").fetchone()[0]
in_a_class = db.sql("select count(*) from overlay.subject_classes where supervision_class is not null").fetchone()[0]

assert (received.rows_read == received.rows_accepted + received.rows_rejected).all(), "读入的行没有都落到接收或退回"
assert classes.subjects.sum() == by_division.to_numpy().sum() == subjects, "不是每个主体恰好一个类别"
assert listed == in_a_class, "总名单与类别不一致"
