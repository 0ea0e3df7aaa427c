"""
# 夜间评价 · nightly evaluation

每天 02:00 评价前一日。按时间开始，从不等迟报的部门；结果里 `stale_inputs` 写明哪些数据集本期应报未报，用的是哪一天的数据。
At 02:00 the day before is evaluated, by the clock: no department is waited for. In the result of `run`, `stale_inputs`
names each dataset whose newest due report has not come, and when it came last.

`evaluation_early` 是同一件事，在当日落地关闭后就做；夜间再跑时结果相同，几乎不花时间。
`evaluation_early` does the same as soon as the day's landing is closed; the night then finds the same run made.

| 现象 · seen | 办法 · what to do |
|---|---|
| `sweep` 失败 | 有文件被退回；评价照常进行。照 landing 的办法处理。 Files were refused; the evaluation goes on. See landing. |
| `transform` `evaluate` `list` 65 | 检查未过：日志点名表和检查；已发布的结果不变。改数据或规则后清除。 A check failed: the log names table and check, readers keep the run of before. Mend data or rules, then clear. |
| `run` 65 | 规则未经两人批准，或检查未过。 Rules without two approvals, or a failed check. |
| 75 | 另有构建在进行；自动重试。 Another build is going on; it is tried again. |
| `verify` 65 | 已发布的运行与重算不符：**先停推送**，再查 `mismatches`。 The published run differs from its repetition: **pause delivery first**, then look at `mismatches`. |

补跑 · backfill: `rongxin dag backfill evaluation --from 2026-06-25 --to 2026-06-30`，依次补到昨天为止（在那之前，读者看到的是补到的那一天）。
Backfill up to yesterday: until then readers see the day it has come to. A day older than one announced before is not
announced to delivery; yesterday, when it is reached, is.
"""

from airflow.sdk import CronDataIntervalTimetable, PartitionedAssetTimetable, dag

from rongxin_airflow.house import LANDED, LANDING, SHANGHAI, house
from rongxin_airflow.night import build
from rongxin_airflow.operator import RongxinOperator

STAGES = ("transform", "evaluate", "list")


@dag(schedule=CronDataIntervalTimetable("0 2 * * *", timezone=SHANGHAI), doc_md=__doc__, **house(tags=["evaluation"]))
def evaluation():
    sweep = RongxinOperator(
        task_id="sweep", arguments=["land", "--inbox", "{{ var.value.rongxin_inbox }}", "--received", "{{ day() }}"],
        keep=("rows", "refused"), pool=LANDING,
    )  # fmt: skip
    build(*STAGES, first=sweep, trigger_rule="all_done")  # nothing that a department sends stops the night


@dag(schedule=PartitionedAssetTimetable(assets=LANDED), doc_md=__doc__, **house(tags=["evaluation"]))
def evaluation_early():
    build(*STAGES)


evaluation()
evaluation_early()
