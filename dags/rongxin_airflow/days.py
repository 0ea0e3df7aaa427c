"""The day that a DAG run works for: never today, always that of the run."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

from airflow.sdk.exceptions import AirflowFailException
from jinja2 import pass_context

CHINA = ZoneInfo("Asia/Shanghai")


def day_of(context) -> date:
    """From the run's conf, else its partition, else the start of its data interval in China."""
    run = context["dag_run"]
    start = context.get("data_interval_start")
    if named := (run.conf or {}).get("day") or context.get("partition_key"):
        day = date.fromisoformat(named)
    elif start:
        day = start.astimezone(CHINA).date()
    else:
        raise AirflowFailException(f"the run {run.run_id} names no day: give one, as rongxin dag trigger {run.dag_id} --day 2026-06-30 does")
    if day > (called := run.run_after.astimezone(CHINA).date()):
        raise AirflowFailException(f"the run {run.run_id} is for {day} and was started on {called}: no day is worked for before it has begun")
    return day


def month(context) -> str:
    return f"{day_of(context):%Y-%m}"


def year(context) -> str:
    return f"{day_of(context):%Y}"


def closing(context) -> date:
    """The eleventh of the month after: by the tenth a month's reports are due, see the contracts' expect."""
    return (day_of(context).replace(day=1) + timedelta(days=31)).replace(day=11)


def year_end(context) -> date:
    return day_of(context).replace(month=12, day=31)


# In templates {{ day() }} and so on, for every operator of a DAG.
MACROS = {"day": pass_context(day_of), **{word.__name__: pass_context(word) for word in (month, year, closing, year_end)}}
