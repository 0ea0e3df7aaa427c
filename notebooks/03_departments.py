# %% [markdown]
# # 3. 各部门的数据质量
#
# 报没报、报得及时不及时、报得对不对。口径在 `rules.quality_measures` 和 `rules.quality_findings`，
# 每月的通报（`rongxin quality`）用的是同一批表。这里看一年的走势，找最该先整改的地方。

# %%
from published import connect, pd, plt

PURPOSE = "部门数据质量分析"  # 记入查询登记
RUN = None
MONTHS = 12

db = connect(RUN, PURPOSE)
db.sql("select title as 指标, numerator as 分子, denominator as 分母, goal as 目标, basis as 依据 from rules.quality_measures order by position").df()

# %% [markdown]
# ## 该报的报了没有
#
# 每个数据集该在哪天前报、实际哪天报的，是 `marts.coverage`。没到期的不算。

# %%
states = {"received": "按时", "late": "迟报", "empty": "报了空表", "missing": "未报"}
colours = {"按时": "#3b7d4f", "迟报": "#e0a63c", "报了空表": "#4c78a8", "未报": "#b5402f"}
coverage = db.sql("""
    select department, state, count(*) as periods from marts.coverage where state <> 'not_due' group by all
""").df().pivot(index="department", columns="state", values="periods").fillna(0).astype(int)
coverage = coverage.reindex(columns=list(states), fill_value=0).rename(columns=states)
coverage = coverage.loc[coverage["未报"].sort_values().index]

ax = coverage.plot.barh(stacked=True, color=colours, width=0.8, figsize=(9, 0.28 * len(coverage) + 1.5))
ax.set(title="应报的期数", xlabel="期", ylabel="")
ax.legend(title="", loc="lower right")
plt.show()

# %% [markdown]
# ## 代码对不对
#
# 重错码率是错码或重码的行占报送行数的千分比，全市目标是千分之一以内。一行两样都有的，只算一次。
# 行数少的部门，一行就能把比率抬得很高，所以图上注明了行数。

# %%
faults = db.sql("""
    select
        department,
        cast(sum(rows_read) as bigint) as rows_read,
        cast(sum(code_fault_rows) as bigint) as code_fault_rows
    from marts.quality_monthly
    group by department having sum(rows_read) > 0
""").df()
faults["per_mille"] = 1000 * faults.code_fault_rows / faults.rows_read
faults = faults[faults.code_fault_rows > 0].sort_values("per_mille")

fig, ax = plt.subplots()
bars = ax.barh(faults.department, faults.per_mille, color="#b5402f")
ax.bar_label(bars, [f" {bad}／{read:,} 行" for bad, read in zip(faults.code_fault_rows, faults.rows_read)])
ax.axvline(1, color="black", linestyle="--", linewidth=1, label="目标 1‰")
ax.margins(x=0.2)
ax.set(title="重错码率", xlabel="‰")
ax.legend(loc="lower right")
plt.show()

# %% [markdown]
# ## 一个月一个月地看
#
# 双公示（许可、处罚）应在作出决定后七个工作日内报送。

# %%
monthly = db.sql("""
    select
        month,
        cast(sum(rows_read) as bigint) as rows_read,
        cast(sum(publication_rows) as bigint) as publication_rows,
        cast(sum(publication_late_rows) as bigint) as publication_late_rows
    from marts.quality_monthly group by month
""").df().set_index("month")
months = pd.period_range(end=monthly.index.max(), periods=MONTHS, freq="M").astype(str)
monthly = monthly.reindex(months).fillna(0)  # 没有报送的月份也占一格
on_time = 100 - 100 * monthly.publication_late_rows / monthly.publication_rows.where(monthly.publication_rows > 0)

fig, (above, below) = plt.subplots(2, 1, sharex=True, figsize=(9, 5.5))
above.bar(months, monthly.rows_read, color="#4c78a8")
above.set(title="每月报送的行数", ylabel="行")
below.plot(months, on_time, marker="o", color="#3b7d4f")
below.set(title="双公示及时率", ylabel="%", ylim=(min(90, on_time.min() - 2), 100.5))
below.tick_params(axis="x", rotation=45)
plt.show()

# %% [markdown]
# ## 先改什么
#
# 每一行为什么退回、为什么被标出，在 `marts.quality_findings`：数据集、批次、行号、字段、问题。
# 把它按问题合计，就知道先找哪个部门改什么。逐行的整改清单用 `rongxin feedback --department 部门`。

# %%
findings = db.sql("""
    select s.department as 部门, s.title as 数据集, f.finding as 问题, f.source as 来源, count(*) as 行数
    from marts.quality_findings as f
    join marts.quality_summary as s on s.dataset = f.dataset
    group by all order by 行数 desc, 部门, 数据集, 问题
""").df()
findings.head(15)

# %% [markdown]
# ## 对得上

# %%
unlike = db.sql("""
    select s.dataset
    from marts.quality_summary as s
    left join (
        select dataset, sum(rows_read) as rows_read, sum(rows_rejected) as rows_rejected
        from marts.quality_monthly group by dataset
    ) as m on m.dataset = s.dataset
    left join (
        select dataset, sum(rows_read) as rows_read, sum(rows_rejected) as rows_rejected
        from run.batches group by dataset
    ) as b on b.dataset = s.dataset
    where s.rows_read <> s.rows_accepted + s.rows_rejected
        or s.rows_read is distinct from b.rows_read or s.rows_rejected is distinct from b.rows_rejected
        or s.rows_read is distinct from coalesce(m.rows_read, 0) or s.rows_rejected is distinct from coalesce(m.rows_rejected, 0)
""").df()
told = db.sql("select count(*) from marts.quality_findings").fetchone()[0]

assert unlike.empty, f"汇总、按月、批次三处的行数不一致：{list(unlike.dataset)}"
assert findings.行数.sum() == told, "有的问题没有归到数据集"
assert (faults.code_fault_rows <= faults.rows_read).all()
assert coverage.to_numpy().sum() == db.sql("select count(*) from marts.coverage where state <> 'not_due'").fetchone()[0], "有一种状态没有画出来"
