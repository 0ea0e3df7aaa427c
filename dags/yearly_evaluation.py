"""
# 年度评价 · the yearly evaluation

每年 1 月 15 日 04:00，为上一年做：取 12 月 31 日的运行（没有则补建，**不发布**），重算核验，写全年质量通报和分级成效。
On 15 January, for the year before: the run of 31 December, made where it is missing and **not published**, so that readers
keep the newest day; computed again; the notice of the year; and whether the tiers worked. All in `<rongxin_out>/yearly/<year>`.

| 现象 · seen | 办法 · what to do |
|---|---|
| `year_end` 65 | 检查未过，或规则未经批准：同 evaluation。 As in evaluation. |
| `verify` 65 | 与重算不符：见 `mismatches`，先查再用。 Differs from its repetition: look before it is used. |
| `effect` 65 | 该运行没有可衡量的抽查：跳过即可（Mark success）。 No draws to measure. |

补跑 · backfill: `rongxin dag backfill yearly_evaluation --from 2025-01-15 --to 2026-01-15`.
"""

from pathlib import Path

from airflow.sdk import CronDataIntervalTimetable, dag, get_current_context, task

from rongxin_airflow.days import year
from rongxin_airflow.house import READERS, SHANGHAI, WRITER, house
from rongxin_airflow.operator import RongxinOperator

OUT = "{{ var.value.rongxin_out }}/yearly/{{ year() }}"
RUN = "{{ ti.xcom_pull(task_ids='year_end')['run_id'] }}"


@task
def make_folder():
    from airflow.sdk import Variable

    folder = Path(Variable.get("rongxin_out")) / "yearly" / year(get_current_context())
    folder.mkdir(parents=True, exist_ok=True)
    return str(folder)


@dag(schedule=CronDataIntervalTimetable("0 4 15 1 *", timezone=SHANGHAI), doc_md=__doc__, **house(tags=["evaluation", "yearly"]))
def yearly_evaluation():
    year_end = RongxinOperator(task_id="year_end", arguments=["list", "--as-of", "{{ year_end() }}"], pool=WRITER)
    verify = RongxinOperator(task_id="verify", arguments=["verify", RUN], keep=("run_id", "equal", "tables", "mismatches"), pool=READERS)
    notice = RongxinOperator(
        task_id="notice",
        arguments=["quality", "--run", RUN, "--from", "{{ year() }}-01", "--to", "{{ year() }}-12", "--xlsx", OUT + "/通报.xlsx"],
        keep=("run_id", "as_of", "total", "missing", "digest"), pool=READERS,
    )  # fmt: skip
    effect = RongxinOperator(task_id="effect", arguments=["effect", "--run", RUN, "--html", OUT + "/成效.html"], keep=("run_id", "as_of"), pool=READERS)
    make_folder() >> year_end >> [verify, notice, effect]


yearly_evaluation()
