"""Waiting for files: what counts as delivered, and when the time is over."""

import asyncio
import os
import time

import pytest

from rongxin_airflow.inbox import InboxTrigger, ready


@pytest.fixture
def put(tmp_path):
    def write(name, age=10):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("x")
        os.utime(file, (time.time() - age,) * 2)

    return write


@pytest.mark.parametrize(
    "name, age, count",
    [
        ("samr/penalties/a.csv", 10, 1),
        ("2026-06-30/samr/penalties/a.csv", 10, 1),
        ("samr/penalties/six/a.csv", 10, 1),
        ("samr/penalties/a.csv", 0, 0),
        ("samr/penalties/a.csv.part", 10, 0),
        ("samr/penalties/.a.csv", 10, 0),
        ("samr/a.csv", 10, 0),
        ("tax/arrears/a.csv", 10, 0),
        ("done/samr/penalties/a.csv", 10, 0),
        ("refused/2026-06-30/samr/penalties/a.csv", 10, 0),
        ("2026-06-31/samr/penalties/a.csv", 10, 0),
    ],
)
def test_ready(put, tmp_path, name, age, count):
    put(name, age)
    assert ready(str(tmp_path), "samr", time.time()) == count


async def event(trigger):
    return (await anext(trigger.run())).payload


def test_a_trigger_fires_when_a_file_comes(put, tmp_path):
    async def deliver():
        waiting = asyncio.create_task(event(InboxTrigger(str(tmp_path), "samr", time.time() + 60, poll=0.05)))
        await asyncio.sleep(0.3)
        assert not waiting.done()
        put("samr/penalties/a.csv")
        return await asyncio.wait_for(waiting, 5)

    assert asyncio.run(deliver()) == 1


def test_a_trigger_gives_up_at_the_hour(tmp_path):
    assert asyncio.run(event(InboxTrigger(str(tmp_path), "samr", time.time() + 0.2, poll=0.05))) == 0


def test_a_trigger_is_found_again_by_its_name(tmp_path):
    from airflow.sdk.module_loading import import_string

    name, arguments = InboxTrigger(str(tmp_path), "samr", 1.0).serialize()
    assert import_string(name)(**arguments).serialize() == (name, arguments)
