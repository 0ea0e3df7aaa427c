"""What every notebook begins with: a published run opened for reading, and
plots whose Chinese labels can be read.

RONGXIN_HOME names the warehouse; RONGXIN the program, where it is not on the path.
"""

import json
import os
import subprocess
from pathlib import Path

import duckdb
import matplotlib.pyplot as plt
import pandas as pd
import pylopdf_fonts_zh_cn as noto
from matplotlib import font_manager

font_manager.fontManager.addfont(noto.sans_path())
plt.rcParams.update({
    "font.family": "Noto Sans SC",
    "figure.figsize": (9, 4.5),
    "figure.constrained_layout.use": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
})
pd.set_option("display.max_rows", 100, "display.max_columns", 30, "display.max_colwidth", 40)

# One colour a supervision class, from lenient to strict, and of what is in none.
CLASS_COLOURS = {"一类": "#3b7d4f", "二类": "#8fb573", "三类": "#e0a63c", "四类": "#b5402f", "不列入": "#b8b8b8"}


def connect(run="CURRENT"):
    """A run's tables as views schema.table; nothing can be written."""
    home = Path(os.environ["RONGXIN_HOME"])
    if run == "CURRENT":
        run = (home / "CURRENT").read_text().strip()
    db = duckdb.connect()
    for file in sorted((home / "runs" / run).glob("*/*.parquet")):
        db.execute(f'create schema if not exists "{file.parent.name}"')
        db.execute(f"create view \"{file.parent.name}\".\"{file.stem}\" as from read_parquet('{file}')")
    return db


def ask(*arguments):
    """What a verb of the program answers with --json, as a dictionary."""
    command = [os.environ.get("RONGXIN", "rongxin"), *arguments, "--json"]
    said = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if said.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}: exit code {said.returncode}: {said.stderr}")
    return json.loads(said.stdout.splitlines()[-1])
