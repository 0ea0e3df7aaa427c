# %% [markdown]
# # 4. 分级分类有没有用
#
# 类别越严，检查发现的问题应当越多；否则分类白分。每次双随机抽取都留一部分不分类别随机抽（对照组），
# 有了它，才知道“多查严的”比“随便查”多发现多少。`marts.draw_outcomes` 是每次抽取按类别、行业、区划的检查数和问题数。

# %%
from math import sqrt

from published import CLASS_COLOURS, ask, connect, plt

PURPOSE = "分级分类成效分析"  # 记入查询登记
RUN = None
CLASSES = [1, 2, 3, 4]
COLOURS = list(CLASS_COLOURS.values())

db = connect(RUN, PURPOSE)
outcomes = db.sql("""
    select draw_id, is_control, draw_class, cast(sum(inspected) as bigint) as inspected, cast(sum(problems) as bigint) as problems
    from marts.draw_outcomes group by all order by all
""").df()
outcomes

# %% [markdown]
# ## 问题发现率
#
# 检查得少，比率就不准。竖线是 95% 的置信区间（Wilson 区间），虚线是对照组的发现率。
# 竖线跨过虚线的类别，还不能说比随便查好。


# %%
def wilson(found, inspected, z=1.959963984540054):
    """The interval of a share that few inspections allow to say."""
    share, spread = found / inspected, z * z / inspected
    middle = (share + spread / 2) / (1 + spread)
    half = z / (1 + spread) * sqrt(share * (1 - share) / inspected + spread / inspected / 4)
    return middle - half, middle + half


draws = list(outcomes.draw_id.unique())
fig, axes = plt.subplots(1, len(draws), sharey=True, squeeze=False, figsize=(4.5 * len(draws), 4.5))
for ax, draw in zip(axes[0], draws):
    of_draw = outcomes[outcomes.draw_id == draw]
    control = of_draw[of_draw.is_control]
    by_class = of_draw.groupby("draw_class")[["inspected", "problems"]].sum()
    share = by_class.problems / by_class.inspected
    bounds = [wilson(row.problems, row.inspected) for row in by_class.itertuples()]
    ax.bar(by_class.index, 100 * share, color=[COLOURS[c - 1] for c in by_class.index])
    ax.vlines(by_class.index, [100 * low for low, _ in bounds], [100 * high for _, high in bounds], color="black", linewidth=1.2)
    ax.axhline(100 * control.problems.sum() / control.inspected.sum(), linestyle="--", color="black", linewidth=1, label="对照组")
    ax.set_xticks(CLASSES, [f"{name}\n查 {by_class.inspected.get(c, 0)}" for c, name in zip(CLASSES, CLASS_COLOURS)])
    ax.set(title=draw)
    ax.legend(loc="upper left", frameon=False)
axes[0][0].set(ylabel="问题发现率（%）")
plt.show()

# %% [markdown]
# ## 先查严的，能早发现多少
#
# 只看对照组：它从所有类别里一样地抽，才能说明全市。把对照组按类别从严到宽排，横轴是查了多少，
# 纵轴是发现了全部问题的多少；对角线是随便查。曲线下面积（有问题的一户排在没问题的一户前面的机会）50% 是没有用，100% 是全对。

# %%
fig, ax = plt.subplots(figsize=(5.5, 5))
areas = {}
for draw in draws:
    control = outcomes[(outcomes.draw_id == draw) & outcomes.is_control].sort_values("draw_class", ascending=False)
    clean = control.inspected - control.problems
    if control.problems.sum() == 0 or clean.sum() == 0:
        continue  # 没有问题或全有问题的，排不出先后
    stricter = control.problems.cumsum() - control.problems  # problems found before each class
    areas[draw] = float((clean * (stricter + control.problems / 2)).sum() / (clean.sum() * control.problems.sum()))
    looked, found = control.inspected.cumsum() / control.inspected.sum(), control.problems.cumsum() / control.problems.sum()
    ax.plot([0, *(100 * looked)], [0, *(100 * found)], marker="o", label=f"{draw}：面积 {100 * areas[draw]:.1f}%")
ax.plot([0, 100], [0, 100], linestyle="--", color="#888888", label="随便查")
ax.set(title="从严到宽地查", xlabel="查了对照组的（%）", ylabel="发现了问题的（%）")
ax.legend(loc="lower right")
plt.show()

# %% [markdown]
# ## 对得上
#
# 正式的数字由 `rongxin effect` 给出，区间、提前天数、按行业和区划的校准也在那里。这里算的应当与它一样，误差不超过百万分之一。

# %%
as_of = str(db.sql("select as_of from run.parameters").fetchone()[0])
official = {draw["draw_id"]: draw for draw in ask("effect", "--as-of", as_of)["draws"]}

assert set(official) == set(draws)
for draw in draws:
    by_class = outcomes[outcomes.draw_id == draw].groupby("draw_class")[["inspected", "problems"]].sum()
    for line in official[draw]["classes"]:
        ours = by_class.loc[line["supervision_class"]]
        low, high = wilson(ours.problems, ours.inspected)
        assert (line["inspected"], line["found"]) == (ours.inspected, ours.problems), f"{draw}：检查数不一致"
        assert abs(line["share"]["low"] / 1e6 - low) < 1e-6 and abs(line["share"]["high"] / 1e6 - high) < 1e-6, f"{draw}：区间不一致"
    if draw in areas:
        assert abs(official[draw]["control"]["area_under_curve"]["value"] / 1e6 - areas[draw]) < 1e-6, f"{draw}：面积不一致"
