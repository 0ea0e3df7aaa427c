"""
# 信用修复快速通道 · repairs, the fast path

每小时看一次信用修复与异议处理（`credit/cases`）。有新决定就落地、重评、发布，随后推送；没有就跳过。承诺是一个工作日，这里最多一小时。
Every hour what came of repairs and objections lands, and where something did, the day is judged and published anew and
then delivered. The promise is a working day; this takes an hour at most.

| 现象 · seen | 办法 · what to do |
|---|---|
| 全部 skipped | 正常：没有新的决定。 Normal: no decision came. |
| `land` 65 | 文件被退回，决定未生效：**当天处理**。日志和回执写明处所和改法。 Refused, so the decision has no effect yet: mend it **the same day**. |
| `run` 65 或 75 | 同 evaluation。 As in evaluation. |
| 一个工作日仍未推送 | 看 delivery；必要时手工 `rongxin dag trigger repair`。 Look at delivery. |

不补跑：下一小时取走收件箱里的一切。 No backfill: the next hour takes all that lies in the inbox.
"""

from airflow.sdk import CronDataIntervalTimetable, dag

from rongxin_airflow.house import LANDING, SHANGHAI, house
from rongxin_airflow.night import build
from rongxin_airflow.operator import RongxinOperator


@dag(schedule=CronDataIntervalTimetable("0 * * * *", timezone=SHANGHAI), doc_md=__doc__, **house(tags=["evaluation", "repair"]))
def repair():
    land = RongxinOperator(
        task_id="land", arguments=["land", "--inbox", "{{ var.value.rongxin_inbox }}", "--received", "{{ day() }}", "credit/cases"],
        keep=("rows", "refused"), pool=LANDING,
    )  # fmt: skip
    build(first=land)


repair()
