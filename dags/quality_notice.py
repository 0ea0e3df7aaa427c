"""
# 每月数据质量通报 · the monthly notice of data quality

每月 12 日 06:00 写上一期的通报：区间从上月 12 日到本月 12 日，通报的是起点所在的月，截至次月 11 日（月报期限为次月 10 日）。
每个部门另有一本反馈。写完才移到 `<rongxin_out>/quality/<月>`，读者看不到半份。
On the 12th the notice of the month before is written, as known on the 11th (reports are due by the 10th), and a workbook
for each department. The folder `<rongxin_out>/quality/<month>` gets its name when all is there.

| 现象 · seen | 办法 · what to do |
|---|---|
| `feedback` skipped | 正常：该部门没有报送，或没有问题。 Normal: nothing came from the department, or nothing is wrong. |
| `notice` 65 | 该日之前没有已发布的运行。先补跑 evaluation。 No published run speaks for that day: backfill evaluation first. |
| 78 | 设置有误，例如 `rongxin_out`。 Wrong settings, such as `rongxin_out`. |

补跑 · backfill: `rongxin dag backfill quality_notice --from 2026-05-12 --to 2026-06-12`. 同一月写两次，后一次代替前一次。 The second replaces the first.
"""

import shutil
from pathlib import Path

from airflow.sdk import CronDataIntervalTimetable, dag, get_current_context, setup, task, teardown

from rongxin_airflow.days import month
from rongxin_airflow.house import CATALOGUE, READERS, SHANGHAI, house
from rongxin_airflow.operator import RongxinOperator

STAGING = "{{ var.value.rongxin_out }}/quality/.{{ month() }}"
DEPARTMENTS = sorted({title for folder in CATALOGUE.values() for title in folder["departments"]})


def folders():
    """Where the month's notice is made, and where it is read."""
    from airflow.sdk import Variable

    name = month(get_current_context())
    out = Path(Variable.get("rongxin_out")) / "quality"
    return out / f".{name}", out / name


@setup
def make_staging():
    staging, _ = folders()
    shutil.rmtree(staging, ignore_errors=True)
    staging.mkdir(parents=True)


@teardown
def remove_staging():
    staging, _ = folders()
    shutil.rmtree(staging, ignore_errors=True)


@task(trigger_rule="none_failed")
def hand_over():
    """Nobody reads half a notice: what is there takes the place of what was there."""
    staging, ready = folders()
    shutil.rmtree(ready, ignore_errors=True)
    staging.rename(ready)
    return str(ready)


@dag(schedule=CronDataIntervalTimetable("0 6 12 * *", timezone=SHANGHAI), doc_md=__doc__, **house(tags=["quality"]))
def quality_notice():
    made, removed = make_staging(), remove_staging()
    notice = RongxinOperator(
        task_id="notice",
        arguments=["quality", "--as-of", "{{ closing() }}", "--from", "{{ month() }}", "--to", "{{ month() }}", "--xlsx", STAGING + "/通报.xlsx"],
        keep=("run_id", "as_of", "total", "missing", "digest"), pool=READERS,
    )  # fmt: skip
    run = "{{ ti.xcom_pull(task_ids='notice')['run_id'] }}"
    feedback = RongxinOperator.partial(task_id="feedback", pool=READERS, map_index_template="{{ task.arguments[2] }}").expand(
        arguments=[["feedback", "--department", name, "--run", run, "--out", STAGING + "/反馈"] for name in DEPARTMENTS]
    )
    made >> notice >> feedback >> hand_over() >> removed.as_teardown(setups=made)


quality_notice()
