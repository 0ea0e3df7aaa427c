#!/usr/bin/env bash
# The notebooks of notebooks/, executed on the published run of RONGXIN_HOME and
# written as HTML:
#
#   scripts/notebooks.sh OUT [NOTEBOOK…]     default: all
set -euo pipefail

out=$(realpath -m "$1")
home=$(realpath "${RONGXIN_HOME:-rongxin-home}")
shift
cd "$(dirname "$0")/.."
export RONGXIN_HOME=$home
export IPYTHONDIR=$PWD/build/python/ipython MPLCONFIGDIR=$PWD/build/python/matplotlib
exec scripts/python.sh notebooks/requirements.lock python notebooks/render.py "$out" "$@"
