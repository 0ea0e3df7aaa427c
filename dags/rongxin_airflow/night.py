"""The tasks from landed extracts to a published run, shared by the DAGs that end in one."""

from airflow.sdk import chain, get_current_context, task
from airflow.sdk.exceptions import AirflowSkipException

from rongxin_airflow.days import day_of
from rongxin_airflow.house import PUBLISHED, READERS, WRITER
from rongxin_airflow.operator import RongxinOperator

SUMMARY = ("run_id", "as_of", "rule_set", "subjects", "classes", "warnings", "stale_inputs")


@task(inlets=[PUBLISHED], outlets=[PUBLISHED], retries=0)
def announce():
    """Tells the consumers of the day's partition, unless a later day has been told.

    A receiver has one state: while past days are run again it would otherwise be sent each old one in turn.
    """
    context = get_current_context()
    day = day_of(context).isoformat()
    last = max((told.partition_key for told in context["inlet_events"][PUBLISHED].ascending(False).limit(1)), default="")
    if day < last:
        raise AirflowSkipException(f"{day} is not announced: {last} has been")
    report = context["ti"].xcom_pull(task_ids="run")
    event = context["outlet_events"][PUBLISHED]
    event.add_partitions(day)
    event.extra = {"run_id": report["run_id"], "subjects": report["subjects"], "stale_inputs": len(report["stale_inputs"])}
    return event.extra


def build(*stages, first=None, trigger_rule="all_success"):
    """stages, then run, verify and announce; trigger_rule is of the first after `first`."""
    names = [*stages, "run"]
    tasks = [
        RongxinOperator(
            task_id=name, arguments=[name, "--as-of", "{{ day() }}"], keep=SUMMARY if name == "run" else (), pool=WRITER,
            trigger_rule=trigger_rule if name == names[0] else "all_success",
        )
        for name in names
    ]  # fmt: skip
    verify = RongxinOperator(
        task_id="verify", arguments=["verify", "{{ ti.xcom_pull(task_ids='run')['run_id'] }}"],
        keep=("run_id", "equal", "tables", "mismatches"), pool=READERS,
    )  # fmt: skip
    chain(*([first] if first else []), *tasks, verify, announce())
