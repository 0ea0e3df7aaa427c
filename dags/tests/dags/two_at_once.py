"""For tests only: two runs of one task at once, past every pool, as two Airflows would start them."""

from datetime import timedelta

from airflow.sdk import dag

from rongxin_airflow.house import house
from rongxin_airflow.operator import RongxinOperator


@dag(schedule=None, **house())
def two_at_once():
    soon = {"retry_delay": timedelta(seconds=2), "retry_exponential_backoff": 0, "retries": 60}
    for name in ("one", "other"):
        RongxinOperator(task_id=name, arguments=["run", "--as-of", "{{ day() }}"], keep=("run_id",), **soon)


two_at_once()
