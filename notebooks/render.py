"""Executes notebooks, each in a kernel of its own, and writes what came out as
pages for reading:

    scripts/notebooks.sh OUT [NOTEBOOK…]

A cell that fails is a fault, and so is one that warns of anything, such as a sign
that the font lacks. All notebooks are tried; the exit code is 1 when one has a fault.
"""

import sys
import tempfile
import time
from pathlib import Path

import jupytext
import matplotlib.font_manager  # noqa: F401 — makes the cache of fonts, once for all kernels
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbconvert import HTMLExporter
from traitlets.config import Config

HERE = Path(__file__).parent


def faults(notebook):
    """What the executed cells said besides their results, one text for each."""
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if output.output_type == "error":
                yield f"{output.ename}: {output.evalue}"
            elif output.output_type == "stream" and output.name == "stderr":
                yield output.text.strip()


def render(source, out):
    """Executes one notebook, writes its page, also when it has faults, and returns them."""
    notebook = jupytext.read(source)
    with tempfile.TemporaryDirectory() as dir:  # sockets that nobody else can connect to
        kernel = {"transport": "ipc", "ip": f"{dir}/socket", "connection_file": f"{dir}/kernel.json"}
        client = NotebookClient(
            notebook, kernel_name="python3", timeout=300, resources={"metadata": {"path": str(HERE)}},
            config=Config(KernelManager=kernel),
        )
        try:
            client.execute()
        except CellExecutionError:
            pass  # the output of its cell tells
    template = (HERE / "page.html.j2").read_text(encoding="utf-8")
    exporter = HTMLExporter(raw_template=template, language_code="zh", exclude_input_prompt=True, exclude_output_prompt=True)
    page, _ = exporter.from_notebook_node(notebook, resources={"metadata": {"name": source.stem}})
    (out / f"{source.stem}.html").write_text(page, encoding="utf-8")
    return list(faults(notebook))


def main(out, *names):
    out = Path(out)
    out.mkdir(parents=True, exist_ok=True)
    failed = False
    for source in [Path(name) for name in names] or sorted(HERE.glob("[0-9]*.py")):
        began = time.monotonic()
        for fault in render(source, out):
            failed = True
            print(f"{source.name}: {fault}", file=sys.stderr)
        print(f"{out / source.stem}.html ({time.monotonic() - began:.1f} s)", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
