"""Who is told when a task has failed for good."""

import json
import logging

from airflow.sdk import Variable

log = logging.getLogger(__name__)

NOTE = "任务失败 · task failed"


def tell(context) -> None:
    """Logs one line of JSON and appends it to the file that the Variable rongxin_alerts names.

    It uses no network: what reads the file (an agent, a mail job) is the city's own.
    """
    ti = context["ti"]
    note = {
        "note": NOTE,
        "dag": ti.dag_id,
        "task": ti.task_id,
        "map_index": ti.map_index,
        "run": ti.run_id,
        "try": ti.try_number,
        "error": str(context.get("exception", ""))[:2000],
        "log": getattr(ti, "log_url", ""),
    }
    line = json.dumps(note, ensure_ascii=False)
    log.error(line)
    if file := Variable.get("rongxin_alerts", default=""):
        with open(file, "a", encoding="utf-8") as alerts:
            alerts.write(line + "\n")
