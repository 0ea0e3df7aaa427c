"""What every notebook begins with: a published run opened for reading, and
plots whose Chinese labels can be read.

RONGXIN_HOME names the warehouse; RONGXIN the program, where it is not on the path.
"""

import json
import os
import subprocess
import tempfile

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


def ask(*arguments):
    """What a verb of the program answers with --json, as a dictionary."""
    command = [os.environ.get("RONGXIN", "rongxin"), *arguments, "--json"]
    said = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if said.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}: exit code {said.returncode}: {said.stderr}")
    return json.loads(said.stdout.splitlines()[-1])


def connect(run, purpose):
    """A run's tables as views schema.table, of the published run where run is None;
    nothing can be written. That the run was opened, by whom and what for, stands in
    the register of queries; what is asked afterwards does not."""
    with tempfile.TemporaryDirectory() as folder:
        views = os.path.join(folder, "published.duckdb")
        ask("connect", *(["--run", run] if run else []), "--out", views, "--purpose", purpose)
        return duckdb.connect(views, read_only=True)  # holds the file open, so that nothing stays behind
