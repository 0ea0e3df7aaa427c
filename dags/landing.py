"""
# 落地 · landing

每天 08:00 起，每个部门一路：等收件箱里有文件（不占工作进程），到了就落地；18:00 仍未报送的部门跳过，不算失败，也不妨碍别人。
From 08:00 every department has tasks of its own: one waits, without holding a worker, until files lie in the inbox,
one lands them. A department that has sent nothing by 18:00 is skipped; it holds nobody up. `rongxin_landed` then has
the day's partition.

| 现象 · seen | 办法 · what to do |
|---|---|
| `land` 失败，65 | 文件被整体退回，或读取出错：看日志里的处所和改法，收件箱 `refused/` 里有回执。改好重报后清除（Clear）该任务，或等夜间一并落地。 The file was refused: the log names place and mend; the receipt lies in `refused/`. Clear the task when it was sent again, or leave it to the night. |
| `land` 失败，78 | 设置有误（目录、密钥）：按日志改，再清除。 Wrong settings: mend what the log names, then clear. |
| `land` 反复 75 | 另有进程占用收件箱：查 `rongxin_landing` 池是否被绕过。 Somebody else takes from the inbox: is the pool bypassed? |
| `wait` 一直 deferred | 正常：还没有报送。 Normal: nothing has come yet. |

补跑 · backfill: `rongxin dag backfill landing --from 2026-06-01 --to 2026-06-30`. 已落地的内容不会重复。 Bytes that landed before change nothing.
"""

import os
from datetime import time

from airflow.sdk import CronPartitionTimetable, dag, get_current_context, setup, task, task_group, teardown
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from rongxin_airflow.days import day_of
from rongxin_airflow.house import CATALOGUE, DEPLOYMENT, LANDED, LANDING, SHANGHAI, house
from rongxin_airflow.inbox import InboxSensor
from rongxin_airflow.operator import RongxinOperator

INBOX = "{{ var.value.rongxin_inbox }}"
OF_DAY = ["--received", "{{ day() }}"]


@setup
@task
def open_day():
    """A wrong folder is one fault, not one of each department."""
    from airflow.sdk import Variable

    inbox = Variable.get("rongxin_inbox")
    if not os.access(inbox, os.R_OK | os.W_OK | os.X_OK):
        raise AirflowFailException(f"{inbox}: is no folder that the worker may read and write; see the Variable rongxin_inbox")
    return inbox


@teardown
@task(outlets=[LANDED])
def close_day():
    """Closes the day's landing, whatever became of single departments."""
    context = get_current_context()
    ti = context["ti"]
    results = [*(ti.xcom_pull(task_ids="department.land") or []), *(ti.xcom_pull(task_ids="pull") or [])]
    landed = [result for result in results if result]
    if not landed:
        raise AirflowSkipException("nothing landed")
    rows = {name: sum(result["rows"][name] for result in landed) for name in ("read", "accepted", "rejected")}
    event = context["outlet_events"][LANDED]
    event.add_partitions(day_of(context).isoformat())
    event.extra = {"rows": rows, "refused": sum(result["refused"] for result in landed)}
    return event.extra


@task_group
def department(folder):
    wait = InboxSensor(task_id="wait", inbox=INBOX, department=folder, until=time(18), map_index_template="{{ task.department }}")
    land = RongxinOperator(
        task_id="land", arguments=["land", "--inbox", INBOX, *OF_DAY, folder], keep=("rows", "refused"),
        pool=LANDING, called=folder, map_index_template="{{ task.called }}",
    )  # fmt: skip
    wait >> land


@dag(
    schedule=CronPartitionTimetable("0 8 * * *", timezone=SHANGHAI, key_format="%Y-%m-%d"),
    doc_md=__doc__,
    **house(tags=["landing"]),
)
def landing():
    opened, closed = open_day(), close_day()
    each = department.expand(folder=sorted(CATALOGUE))
    pull = RongxinOperator.partial(task_id="pull", keep=("rows", "refused"), pool=LANDING, map_index_template="{{ task.arguments[2] }}").expand(
        arguments=[["land", "--database", name, *OF_DAY] for name in DEPLOYMENT["databases"]]
    )
    opened >> [each, pull] >> closed.as_teardown(setups=opened)


landing()
