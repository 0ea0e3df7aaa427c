"""What must hold of every DAG before it is ever run."""

import ast
import json
from datetime import timedelta
from pathlib import Path

import pytest

from rongxin_airflow.house import CATALOGUE
from rongxin_airflow.operator import RongxinOperator

DAGS = Path(__file__).parents[1]
NAMES = {"landing", "evaluation", "evaluation_early", "repair", "delivery", "quality_notice", "yearly_evaluation"}
BY_INTERVAL = {"evaluation": "0 2 * * *", "repair": "0 * * * *", "quality_notice": "0 6 12 * *", "yearly_evaluation": "0 4 15 1 *"}


def test_every_dag_is_imported(bag):
    assert bag.import_errors == {}
    assert set(bag.dags) == NAMES


def test_files_hold_one_purpose_each():
    """A file that nobody imports, or a DAG that no file names, is a slip."""
    assert {file.stem for file in DAGS.glob("*.py")} == NAMES - {"evaluation_early"}


@pytest.mark.parametrize("name", sorted(NAMES))
def test_dag(bag, name):
    dag = bag.dags[name]
    assert "rongxin" in dag.tags
    assert not dag.catchup, "a new Airflow must not run the past by itself"
    assert dag.max_active_runs == 1, "runs of a DAG follow each other"
    assert "现象 · seen" in dag.doc_md and "办法 · what to do" in dag.doc_md, "the docstring is the triage note"
    assert "day" in dag.params


@pytest.mark.parametrize("name", sorted(NAMES))
def test_tasks(bag, name):
    pools = json.loads((DAGS / "pools.json").read_text(encoding="utf-8"))
    for task in bag.dags[name].tasks:
        where = f"{name}.{task.task_id}"
        assert task.owner == "credit-centre", where
        assert task.execution_timeout, where
        assert not task.depends_on_past, where
        assert task.on_failure_callback, where
        assert task.pool == "default_pool" or task.pool in pools, where
        if issubclass(task.operator_class if hasattr(task, "operator_class") else type(task), RongxinOperator):
            assert task.pool in pools, f"{where}: a verb needs a pool"
            assert task.retries == 8 and task.retry_exponential_backoff == 2.0 and task.max_retry_delay == timedelta(hours=1), where


def test_intervals_are_meant(bag):
    """A bare cron string would give an interval of no width."""
    for name, cron in BY_INTERVAL.items():
        timetable = bag.dags[name].timetable
        assert type(timetable).__name__ == "CronDataIntervalTimetable", name
        assert (timetable.expression, str(timetable.timezone)) == (cron, "Asia/Shanghai"), name


def test_landing_leads_to_scoring_and_scoring_to_delivery_by_partition(bag):
    from rongxin_airflow.house import LANDED, PUBLISHED

    assert LANDED in bag.dags["landing"].get_task("close_day").outlets
    for consumer, asset in (("evaluation_early", LANDED), ("delivery", PUBLISHED)):
        timetable = bag.dags[consumer].timetable
        assert type(timetable).__name__ == "PartitionedAssetTimetable"
        assert timetable.asset_condition == asset
    for producer in ("evaluation", "evaluation_early", "repair"):
        assert bag.dags[producer].get_task("announce").outlets == [PUBLISHED]


def test_landing_is_mapped_over_the_catalogue(bag):
    group = bag.dags["landing"].task_group.get_child_by_label("department")
    assert group._expand_input.value == {"folder": sorted(CATALOGUE)}
    assert len(CATALOGUE) > 30 and sum(len(folder["datasets"]) for folder in CATALOGUE.values()) > 120


def test_the_night_waits_for_nobody(bag):
    night = bag.dags["evaluation"]
    assert night.get_task("transform").trigger_rule == "all_done"
    assert night.get_task("transform").upstream_task_ids == {"sweep"}


@pytest.mark.parametrize("file", sorted(DAGS.glob("*.py")), ids=lambda file: file.stem)
def test_nothing_is_done_while_a_file_is_read(file):
    """At the top of a file stand imports, constants, functions and the calls that make its DAGs."""
    for node in ast.parse(file.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            assert isinstance(node.value.func, ast.Name) and node.value.func.id in NAMES, ast.unparse(node)
        else:
            assert isinstance(node, ast.Import | ast.ImportFrom | ast.FunctionDef | ast.Assign | ast.Expr), ast.unparse(node)
        for name in ast.walk(node):
            if isinstance(name, ast.ImportFrom):
                assert name.module.split(".")[0] in {"airflow", "rongxin_airflow", "datetime", "pathlib"}, name.module
