"""Real Airflow on SQLite and the real binary on a small city, below one temporary folder.

scripts/airflow.sh runs these tests; RONGXIN names the binary.
"""

import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
RONGXIN = os.environ.get("RONGXIN", str(ROOT / "bin" / "rongxin"))
WORK = Path(tempfile.mkdtemp(prefix="rongxin-dags-"))

# Airflow reads its settings when it is first imported, which no test may have done yet.
os.environ |= {
    "AIRFLOW_HOME": str(WORK / "airflow"),
    "AIRFLOW__CORE__DAGS_FOLDER": str(ROOT / "dags"),
    "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
    "AIRFLOW__CORE__UNIT_TEST_MODE": "False",
    "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
    "AIRFLOW_VAR_RONGXIN_BINARY": RONGXIN,
    "AIRFLOW_VAR_RONGXIN_INBOX": str(WORK / "inbox"),
    "AIRFLOW_VAR_RONGXIN_OUT": str(WORK / "out"),
    "AIRFLOW_VAR_RONGXIN_ALERTS": str(WORK / "alerts.jsonl"),
    "RONGXIN_HOME": str(WORK / "warehouse"),
    "RONGXIN_LOG_LEVEL": "error",
    "RONGXIN_PLATFORM_ATTEMPTS": "2",
}

import pytest  # noqa: E402


def pytest_sessionfinish():
    shutil.rmtree(WORK, ignore_errors=True)


@pytest.fixture(scope="session")
def work():
    return WORK


@pytest.fixture(scope="session")
def rongxin():
    """Runs the binary as a person would, and gives its stdout."""

    def run(*arguments):
        return subprocess.run([RONGXIN, *arguments], cwd=WORK, check=True, capture_output=True, text=True).stdout

    return run


@pytest.fixture(scope="session")
def database():
    """Airflow's own, with the pools that the DAGs name."""
    from airflow.cli.cli_parser import get_parser

    for line in ("db migrate", f"pools import {ROOT / 'dags' / 'pools.json'}"):
        arguments = get_parser().parse_args(line.split())
        arguments.func(arguments)


@pytest.fixture(scope="session")
def bag(database):
    from airflow.dag_processing.dagbag import DagBag

    return DagBag()


@pytest.fixture(scope="session")
def city(rongxin):
    """Extracts of 200 enterprises, in the inbox by the day on which they came; all but June's are landed."""
    rongxin("city", "--enterprises", "200", "--seed", "1", "--as-of", "2026-06-30", "--out", "city")
    late = WORK / "city" / "inbox" / "2026-06-30"
    late.rename(WORK / "june")
    rongxin("land", "--inbox", "city/inbox", "--settle", "0s")
    (WORK / "inbox").mkdir()
    (WORK / "june").rename(WORK / "inbox" / "2026-06-30")
    (WORK / "out").mkdir()


@dataclass
class Run:
    """What became of a DAG run: its state, and by task and map index the states and results."""

    state: str
    tasks: dict
    results: dict


@pytest.fixture(scope="session")
def eager(database):
    """The DAGs with no second try: a test sees the first outcome and does not wait."""
    from airflow.dag_processing.dagbag import DagBag

    bag = DagBag()
    for task in (task for dag in bag.dags.values() for task in dag.tasks):
        if hasattr(task, "partial_kwargs"):
            task.partial_kwargs["retries"] = 0
        else:
            task.retries = 0
    return bag


@pytest.fixture
def run(eager, city):
    """Runs a DAG in process, for a day or as Airflow would at a time, and gives what became of it."""
    from airflow.models.xcom import XComModel
    from airflow.utils.session import create_session
    from sqlalchemy import select

    def run(dag_id, day=None, at=None):
        made = eager.dags[dag_id].test(logical_date=at, run_conf={"day": day} if day else {})
        with create_session() as session:
            tasks = {(ti.task_id, ti.map_index): str(ti.state) for ti in made.get_task_instances(session=session)}
            ours = (XComModel.dag_id == dag_id, XComModel.run_id == made.run_id, XComModel.key == "return_value")
            results = {(x.task_id, x.map_index): XComModel.deserialize_value(x) for x in session.scalars(select(XComModel).where(*ours))}
        return Run(str(made.state), tasks, results)

    return run
