"""RongxinOperator calls one verb of the binary and does what its exit code says."""

import json
import os
import signal
import subprocess
import threading
from collections import deque

from airflow.sdk import BaseOperator
from airflow.sdk.exceptions import AirflowException, AirflowFailException, AirflowSkipException
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

# The contract of dags/README.md.
DONE, BAD_DATA, TEMPORARY, BAD_CONFIG, NOTHING = 0, 65, 75, 78, 99

GRACE = 60  # seconds between asking a verb to stop and killing it
TAIL = 20  # lines of its log that an error quotes


class Temporary(AirflowException):
    """Exit code 75: another try, later, may succeed."""


class RongxinOperator(BaseOperator):
    """Runs `rongxin ARGUMENTS… --json`; the last line of its stdout becomes the XCom.

    :param arguments: verb, names and flags; templates know the macros of rongxin_airflow.days
    :param keep: members of the result that are kept, where the whole is long; none keeps all
    :param called: what a mapped task is called in lists
    :param binary: the program, of the Variable rongxin_binary
    """

    template_fields = ("arguments", "binary", "called")
    ui_color = "#e8f1ea"

    def __init__(self, *, arguments, keep=(), called="", binary="{{ var.value.get('rongxin_binary', 'rongxin') }}", **kwargs):
        super().__init__(**kwargs)
        self.arguments = arguments
        self.keep = keep
        self.called = called
        self.binary = binary
        self._process = None

    def execute(self, context):
        command = [self.binary, *self.arguments, "--json"]
        self.log.info("%s", " ".join(command))
        code, last, tail = self._run(command, environment(context["ti"]))
        result = self._result(last)
        if code == DONE:
            return result
        if result is not None:
            context["ti"].xcom_push(key="return_value", value=result)  # a landing with refusals tells what landed
        raise outcome(code, context["ti"].try_number, "\n".join(tail) or f"exit code {code}")

    def _run(self, command, env):
        """Returns the exit code, the last line of stdout and the last lines of stderr."""
        tail = deque(maxlen=TAIL)

        def relay(stream):
            for line in stream:
                self.log.info("%s", line.rstrip())
                tail.append(line.rstrip())

        # A session of its own, so that what the verb starts ends with it.
        self._process = process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env,
            start_new_session=True, text=True, encoding="utf-8", errors="replace",
        )  # fmt: skip
        relaying = threading.Thread(target=relay, args=(process.stderr,), daemon=True)
        relaying.start()
        try:
            last = ""
            for line in process.stdout:
                last = line.strip() or last
            process.wait()
        except BaseException:  # a timeout of Airflow's too
            self.on_kill()
            raise
        relaying.join()
        return process.returncode, last, tail

    def _result(self, line):
        try:
            result = json.loads(line)
        except ValueError:
            return None
        if self.keep and isinstance(result, dict):
            result = {name: result.get(name) for name in self.keep}
        return result

    def on_kill(self):
        """Asks the verb and all it started to stop, then waits: it is safe to cut off, and to call again."""
        if self._process is None or self._process.poll() is not None:
            return
        os.killpg(self._process.pid, signal.SIGTERM)
        try:
            self._process.wait(GRACE)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()


def outcome(code, try_number, said):
    """The exception for an exit code that is not 0."""
    if code == NOTHING:
        return AirflowSkipException(said)
    if code == TEMPORARY:
        return Temporary(said)
    if code in (BAD_DATA, BAD_CONFIG) or try_number > 1:
        return AirflowFailException(said)
    return AirflowException(said)


def environment(ti):
    """The worker's own, with the task's trace and its run of lineage, where Airflow keeps these."""
    env = dict(os.environ)
    carrier = {}
    TraceContextTextMapPropagator().inject(carrier)
    if "traceparent" in carrier:
        env["TRACEPARENT"] = carrier["traceparent"]
    try:
        from airflow.providers.openlineage.plugins.macros import lineage_parent_id
    except ImportError:  # the provider is not installed
        return env
    env["OPENLINEAGE_PARENT_ID"] = lineage_parent_id(ti)
    return env
