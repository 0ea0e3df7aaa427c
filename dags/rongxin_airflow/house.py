"""Names, pools, assets and defaults that every DAG here uses."""

import json
from datetime import datetime, timedelta
from pathlib import Path

from airflow.sdk import Asset, Param

from rongxin_airflow.days import CHINA, MACROS
from rongxin_airflow.tell import tell

SHANGHAI = "Asia/Shanghai"
START = datetime(2026, 1, 1, tzinfo=CHINA)

# Both are partitioned by day, such as 2026-06-30.
LANDED = Asset(name="rongxin_landed", uri="rongxin://landed")  # the day's landing is closed
PUBLISHED = Asset(name="rongxin_published", uri="rongxin://published")  # the day's run is published

# Slots are set by dags/pools.json.
LANDING, WRITER, DELIVERY, READERS = "rongxin_landing", "rongxin_writer", "rongxin_delivery", "rongxin_readers"


def _read(name):
    return json.loads(Path(__file__).with_name(name).read_text(encoding="utf-8"))


CATALOGUE = _read("catalogue.json")  # rongxin contracts schedule
DEPLOYMENT = _read("deployment.json")  # receivers and exchange databases, by the names of rongxin.yml

# One retry of an unknown error and many of a temporary one: RongxinOperator
# decides by the exit code which of these are taken.
DEFAULTS = {
    "owner": "credit-centre",
    "retries": 8,
    "retry_delay": timedelta(minutes=2),
    "retry_exponential_backoff": 2.0,
    "max_retry_delay": timedelta(hours=1),
    "execution_timeout": timedelta(hours=6),
    "on_failure_callback": tell,
}

# rongxin dag trigger NAME --day gives it; a scheduled run has its day from its interval or partition.
PARAMS = {
    "day": Param(None, type=["null", "string"], format="date", description="为哪一天运行（缺省为本次区间所属日） · the day to work for"),
}


def house(**more):
    """What every DAG says about itself; its docstring is the triage note."""
    return {
        "start_date": START,
        "catchup": False,
        "default_args": DEFAULTS,
        "params": PARAMS,
        "user_defined_macros": MACROS,
        "max_active_runs": 1,
        **more,
        "tags": ["rongxin", *more.get("tags", [])],
    }
