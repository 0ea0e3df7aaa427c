"""Waiting for a department's files without holding a worker."""

import asyncio
import os
import time
from datetime import datetime, timedelta
from datetime import time as clock
from pathlib import Path

from airflow.sdk import BaseOperator
from airflow.sdk.exceptions import AirflowSkipException
from airflow.triggers.base import BaseTrigger, TriggerEvent

from rongxin_airflow.days import CHINA, day_of

SETTLE = 2  # seconds a file must have been left alone, as of rongxin land --settle


def ready(inbox: str, department: str, now: float) -> int:
    """How many files of the department rongxin land would take from the inbox.

    They lie in <department>/<dataset>/, or so in a folder named after a day.
    """
    days = [entry.path for entry in os.scandir(inbox) if entry.is_dir() and is_day(entry.name)]
    return sum(
        1
        for folder in [inbox, *days]
        for file in Path(folder, department).glob("*/**/*")
        if file.is_file() and not unfinished(file, folder) and now - file.stat().st_mtime >= SETTLE
    )


def is_day(name: str) -> bool:
    try:
        return len(name) == 10 and bool(datetime.strptime(name, "%Y-%m-%d"))
    except ValueError:
        return False


def unfinished(file: Path, folder: str) -> bool:
    return any(part.startswith(".") or part.endswith((".part", ".tmp")) for part in file.relative_to(folder).parts)


class InboxTrigger(BaseTrigger):
    """Fires once with the number of files that are ready, or with 0 when the time is over."""

    def __init__(self, inbox: str, department: str, until: float, poll: float = 30.0):
        super().__init__()
        self.inbox, self.department, self.until, self.poll = inbox, department, until, poll

    def serialize(self):
        return "rongxin_airflow.inbox.InboxTrigger", {
            "inbox": self.inbox, "department": self.department, "until": self.until, "poll": self.poll,
        }  # fmt: skip

    async def run(self):
        while True:
            files = await asyncio.to_thread(ready, self.inbox, self.department, time.time())
            if files or time.time() >= self.until:
                yield TriggerEvent(files)
                return
            await asyncio.sleep(self.poll)


class InboxSensor(BaseOperator):
    """Waits, deferred, until a department has delivered, at the longest until the hour of the run's day.

    A department that delivers nothing is skipped, not failed. For a day that is
    over nothing is waited for.
    """

    template_fields = ("inbox", "department")

    def __init__(self, *, inbox, department, until: clock, poll: float = 30.0, **kwargs):
        super().__init__(**kwargs)
        self.inbox, self.department, self.until, self.poll = inbox, department, until, poll

    def execute(self, context):
        end = datetime.combine(day_of(context), self.until, CHINA).timestamp()
        now = time.time()
        files = ready(self.inbox, self.department, now)
        if files or now >= end:
            return self.came(context, files)
        self.defer(
            trigger=InboxTrigger(self.inbox, self.department, end, self.poll), method_name="came",
            timeout=timedelta(seconds=end - now + 600),
        )  # fmt: skip

    def came(self, context, event):
        if not event:
            raise AirflowSkipException(f"{self.department} delivered nothing on {day_of(context)}")
        return event
