"""Each DAG run by Airflow itself, in process, with the real binary on a small city. The tests go on from each other."""

import csv
import json
import subprocess
import time
from datetime import datetime

import pytest
from sqlalchemy import select

from rongxin_airflow.days import CHINA
from rongxin_airflow.house import CATALOGUE


def events(asset):
    """The partitions of an asset's events, oldest first, with what they tell."""
    from airflow.models.asset import AssetEvent, AssetModel
    from airflow.utils.session import create_session

    with create_session() as session:
        rows = session.scalars(select(AssetEvent).join(AssetModel, AssetModel.id == AssetEvent.asset_id).where(AssetModel.name == asset).order_by(AssetEvent.id))
        return [(event.partition_key, event.extra) for event in rows]


def current(work):
    return (work / "warehouse" / "CURRENT").read_text().strip()


def test_landing(run, work):
    """Who has delivered lands, who has not is skipped, and one that is refused stops no other."""
    wrong = work / "inbox" / "tax" / "arrears" / "wrong.csv"
    wrong.parent.mkdir(parents=True)
    wrong.write_text("no,such,columns\n1,2,3\n", encoding="utf-8")
    time.sleep(2.1)  # younger files are still being written
    came = {path.name for path in (work / "inbox" / "2026-06-30").iterdir()} | {"tax"}
    assert {"samr", "tax"} < came < set(CATALOGUE)
    landing = run("landing", day="2026-06-30")
    land = {folder: landing.tasks["department.land", i] for i, folder in enumerate(sorted(CATALOGUE))}
    assert {folder: state for folder, state in land.items() if folder in came} == {folder: "success" for folder in came} | {"tax": "failed"}
    assert all(state == "skipped" for folder, state in land.items() if folder not in came)
    assert landing.state == "failed", "the owner sees that something was refused"
    assert landing.tasks["close_day", -1] == "success"
    told = landing.results["close_day", -1]
    assert told["refused"] == 1 and told["rows"]["read"] == told["rows"]["accepted"] + told["rows"]["rejected"] > 500
    assert events("rongxin_landed") == [("2026-06-30", told)]
    assert (work / "inbox" / "refused" / "tax" / "arrears" / "wrong.csv").exists()
    (note,) = [json.loads(line) for line in (work / "alerts.jsonl").read_text(encoding="utf-8").splitlines()]
    assert (note["dag"], note["task"]) == ("landing", "department.land") and "wrong.csv" in note["error"]


def test_landing_again_finds_nothing(run):
    landing = run("landing", day="2026-06-30")
    assert landing.state == "success"
    assert set(landing.tasks.values()) == {"success", "skipped"} and landing.tasks["close_day", -1] == "skipped"


def test_evaluation(run, work, rongxin):
    """The night after 30 June is of 30 June; late departments are named, not waited for."""
    night = run("evaluation", at=datetime(2026, 7, 1, 3, tzinfo=CHINA))
    assert night.state == "success" and night.tasks["sweep", -1] == "skipped"
    report = night.results["run", -1]
    assert report["as_of"] == "2026-06-30" and report["run_id"] == current(work)
    assert 190 < report["subjects"] < 210
    stale = {entry["dataset"] for entry in report["stale_inputs"]}
    assert "court/judgments" in stale and "samr/registrations" not in stale
    assert night.results["verify", -1]["equal"]
    assert events("rongxin_published") == [("2026-06-30", {"run_id": report["run_id"], "subjects": report["subjects"], "stale_inputs": len(stale)})]


def test_evaluation_early_is_the_same_run(run, work):
    before = current(work)
    early = run("evaluation_early", day="2026-06-30")
    assert early.state == "success", early.tasks
    assert early.results["run", -1]["run_id"] == before == current(work)


@pytest.fixture
def platform(work, rongxin, monkeypatch):
    """A stand-in platform on the loopback."""
    from conftest import RONGXIN

    address = work / "platform.url"
    serving = subprocess.Popen([RONGXIN, "sandbox", "--listen", "127.0.0.1:0", "--dir", "platform", "--address-file", str(address)], cwd=work, stderr=subprocess.DEVNULL)
    try:
        for _ in range(200):
            if address.exists() and address.read_text():
                break
            time.sleep(0.05)
        monkeypatch.setenv("RONGXIN_PLATFORM", address.read_text().strip())
        yield
    finally:
        serving.terminate()
        serving.wait()


def test_delivery(run, platform):
    first = run("delivery", day="2026-06-30")
    assert first.state == "success"
    assert first.results["to.reconcile", 0]["equal"]
    second = run("delivery", day="2026-06-30")
    assert second.state == "success"
    assert first.results["to.publish", 0]["accepted"] > 150 and second.results["to.publish", 0]["accepted"] == 0


def test_an_older_day_is_built_and_not_announced(run, work):
    told = events("rongxin_published")
    older = run("evaluation_early", day="2026-06-29")
    assert older.state == "success" and older.tasks["announce", -1] == "skipped"
    assert older.results["run", -1]["as_of"] == "2026-06-29" and events("rongxin_published") == told


def test_repair(run, work):
    """Without a new decision nothing is done; with one the day is judged anew within the hour."""
    idle = run("repair", at=datetime(2026, 7, 1, 10, 5, tzinfo=CHINA))
    assert idle.state == "success" and set(idle.tasks.values()) == {"skipped"}

    done = next((work / "city" / "inbox" / "done").glob("*/credit/cases/*.csv"))
    with done.open(encoding="utf-8-sig", newline="") as file:
        header, row, *_ = csv.reader(file)
    row[0] += "补"
    new = work / "inbox" / "credit" / "cases" / "repairs.csv"
    new.parent.mkdir(parents=True)
    with new.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, row])
    time.sleep(2.1)
    repaired = run("repair", at=datetime(2026, 7, 1, 11, 5, tzinfo=CHINA))
    assert repaired.state == "success", repaired.tasks
    assert repaired.results["land", -1]["rows"]["accepted"] == 1
    assert repaired.results["run", -1]["as_of"] == "2026-07-01" and repaired.results["run", -1]["run_id"] == current(work)
    assert events("rongxin_published")[-1][0] == "2026-07-01"


def test_quality_notice(run, work):
    """The interval from 12 June to 12 July is June's notice, as known on 11 July; all of it or nothing is there."""
    quality = run("quality_notice", at=datetime(2026, 7, 12, 7, tzinfo=CHINA))
    assert quality.state == "success"
    assert quality.results["notice", -1]["as_of"] == "2026-07-01"
    folder = work / "out" / "quality" / "2026-06"
    assert quality.results["hand_over", -1] == str(folder)
    assert (folder / "通报.xlsx").exists()
    feedback = [state for (task, _), state in quality.tasks.items() if task == "feedback"]
    assert 0 < feedback.count("success") == len(list((folder / "反馈").iterdir())) < feedback.count("skipped") + feedback.count("success") == 32
    assert [path.name for path in folder.parent.iterdir()] == ["2026-06"]


def test_yearly_evaluation(run, work):
    """The run of the year's last day is made beside the published one, which stays."""
    before = current(work)
    yearly = run("yearly_evaluation", at=datetime(2027, 1, 15, 5, tzinfo=CHINA))
    assert yearly.state == "success", yearly.tasks
    assert yearly.results["year_end", -1]["as_of"] == "2026-12-31" and yearly.results["verify", -1]["equal"]
    assert current(work) == before
    assert {path.name for path in (work / "out" / "yearly" / "2026").iterdir()} == {"通报.xlsx", "成效.html"}

