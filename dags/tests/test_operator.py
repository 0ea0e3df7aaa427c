"""RongxinOperator against programs that end, and do not end, in every way of the contract."""

import os
import signal
import stat
import sys
import threading
import time
from datetime import UTC, datetime
from types import ModuleType, SimpleNamespace

import pytest
from airflow.sdk.exceptions import AirflowException, AirflowFailException, AirflowSkipException

from rongxin_airflow.days import MACROS, day_of
from rongxin_airflow.operator import RongxinOperator, Temporary


class Task:
    """As much of a task instance as the operator asks for."""

    def __init__(self, try_number=1):
        self.try_number, self.pushed = try_number, {}

    def xcom_push(self, key, value):
        self.pushed[key] = value


@pytest.fixture
def program(tmp_path):
    """Writes a shell script and gives an operator that calls it."""

    def write(script, **kwargs):
        file = tmp_path / "program"
        file.write_text("#!/bin/sh\n" + script, encoding="utf-8")
        file.chmod(file.stat().st_mode | stat.S_IXUSR)
        return RongxinOperator(task_id="task", binary=str(file), **{"arguments": ["verb"], **kwargs})

    return write


def test_the_last_line_of_stdout_is_the_result(program):
    operator = program("""echo progress; echo "log=$*" >&2; echo '{"run_id":"r","rows":3}'; echo""")
    assert operator.execute({"ti": Task()}) == {"run_id": "r", "rows": 3}


def test_of_a_long_result_only_what_is_kept(program):
    operator = program("""echo '{"run_id":"r","rows":3}'""", keep=("run_id", "absent"))
    assert operator.execute({"ti": Task()}) == {"run_id": "r", "absent": None}


def test_the_verb_is_asked_for_json(program):
    assert program("""echo "[\\"$1 $2 $3\\"]" """, arguments=["run", "--as-of=2026-06-30"]).execute({"ti": Task()}) == ["run --as-of=2026-06-30 --json"]


@pytest.mark.parametrize(
    "code, try_number, want",
    [
        (65, 1, AirflowFailException),
        (78, 1, AirflowFailException),
        (75, 1, Temporary),
        (75, 9, Temporary),
        (99, 1, AirflowSkipException),
        (1, 1, AirflowException),
        (1, 2, AirflowFailException),
        (2, 1, AirflowException),
    ],
)
def test_the_exit_code_says_what_to_do(program, code, try_number, want):
    operator = program(f"echo 'rongxin: samr/penalties: line 40' >&2; exit {code}")
    with pytest.raises(want, match="samr/penalties: line 40") as raised:
        operator.execute({"ti": Task(try_number)})
    assert type(raised.value) is want


def test_a_verb_that_fails_may_have_a_result(program):
    task = Task()
    with pytest.raises(AirflowFailException):
        program("""echo '{"refused":1,"rows":{"read":2}}'; exit 65""", keep=("refused",)).execute({"ti": task})
    assert task.pushed == {"return_value": {"refused": 1}}


def test_a_kill_ends_all_that_the_verb_started(program, tmp_path):
    operator = program(f"trap 'echo stopped > {tmp_path}/said; exit 75' TERM; sleep 300 & echo $! > {tmp_path}/child; wait")
    failed = []

    def run():
        try:
            operator.execute({"ti": Task()})
        except Temporary as error:
            failed.append(error)

    working = threading.Thread(target=run)
    working.start()
    while not (tmp_path / "child").exists() or not (tmp_path / "child").read_text():
        time.sleep(0.02)
    operator.on_kill()
    working.join(10)
    assert not working.is_alive() and len(failed) == 1
    assert (tmp_path / "said").read_text() == "stopped\n"
    child = int((tmp_path / "child").read_text())
    for _ in range(500):
        if has_ended(child):
            return
        time.sleep(0.02)
    pytest.fail(f"{child}, which the verb started, goes on")


def has_ended(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
            return file.read().rsplit(")", 1)[1].split()[0] == "Z"
    except FileNotFoundError:
        return True


def test_a_verb_that_does_not_stop_is_killed(program, tmp_path, monkeypatch):
    monkeypatch.setattr("rongxin_airflow.operator.GRACE", 0.3)
    operator = program(f"trap '' TERM; echo > {tmp_path}/up; while :; do sleep 0.05; done")
    working = threading.Thread(target=lambda: pytest.raises(AirflowException, operator.execute, {"ti": Task()}))
    working.start()
    while not (tmp_path / "up").exists():
        time.sleep(0.02)
    operator.on_kill()
    working.join(10)
    assert operator._process.returncode == -signal.SIGKILL


def test_the_trace_goes_on(program):
    from opentelemetry import trace
    from opentelemetry.trace import NonRecordingSpan, SpanContext, TraceFlags

    operator = program("""echo "[\\"$TRACEPARENT\\"]" """)
    assert operator.execute({"ti": Task()}) == [os.environ.get("TRACEPARENT", "")]
    span = NonRecordingSpan(SpanContext(0x0AF7651916CD43DD8448EB211C80319C, 0xB7AD6B7169203331, is_remote=True, trace_flags=TraceFlags(1)))
    with trace.use_span(span):
        assert operator.execute({"ti": Task()}) == ["00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"]


def test_the_lineage_goes_on(program, monkeypatch):
    operator = program("""echo "[\\"$OPENLINEAGE_PARENT_ID\\"]" """)
    assert operator.execute({"ti": Task()}) == [os.environ.get("OPENLINEAGE_PARENT_ID", "")]
    macros = ModuleType("macros")
    macros.lineage_parent_id = lambda ti: f"airflow/rongxin_night.run/try-{ti.try_number}"
    monkeypatch.setitem(sys.modules, "airflow.providers.openlineage", ModuleType("openlineage"))
    monkeypatch.setitem(sys.modules, "airflow.providers.openlineage.plugins", ModuleType("plugins"))
    monkeypatch.setitem(sys.modules, "airflow.providers.openlineage.plugins.macros", macros)
    assert operator.execute({"ti": Task(2)}) == ["airflow/rongxin_night.run/try-2"]


def run_of(conf=None, partition=None, start=None):
    return {"dag_run": SimpleNamespace(conf=conf, run_id="r", dag_id="d", run_after=datetime(2026, 12, 12, tzinfo=UTC)), "partition_key": partition, "data_interval_start": start}


@pytest.mark.parametrize(
    "context, want",
    [
        (run_of(start=datetime(2026, 6, 29, 18, 0, tzinfo=UTC)), "2026-06-30"),  # 02:00 in China
        (run_of(start=datetime(2026, 6, 30, 17, 0, tzinfo=UTC)), "2026-07-01"),
        (run_of(partition="2026-06-30", start=datetime(2026, 1, 1, tzinfo=UTC)), "2026-06-30"),
        (run_of(conf={"day": "2026-05-31"}, partition="2026-06-30"), "2026-05-31"),
    ],
)
def test_the_day_is_that_of_the_run(context, want):
    assert day_of(context).isoformat() == want


def test_a_run_without_a_day_fails():
    with pytest.raises(AirflowFailException, match="names no day.*rongxin dag trigger d --day"):
        day_of(run_of())


def test_a_day_that_has_not_begun_fails():
    with pytest.raises(AirflowFailException, match="2026-12-13 and was started on 2026-12-12"):
        day_of(run_of(conf={"day": "2026-12-13"}))


def test_what_templates_may_say():
    from jinja2 import Environment

    said = Environment().from_string("{{ day() }} {{ month() }} {{ year() }} {{ closing() }} {{ year_end() }}")
    assert said.render(**MACROS, **run_of(partition="2026-12-12")) == "2026-12-12 2026-12 2026 2027-01-11 2026-12-31"
