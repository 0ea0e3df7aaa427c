#!/usr/bin/env bash
# Airflow as dags/requirements.lock says, for tests and measurements:
#
#   scripts/airflow.sh COMMAND…     runs COMMAND where airflow, python and pytest are those of the lock
#
# The virtual environment stands in build/airflow and is made anew when the lock
# changes; each file that pip fetches must have the lock's hash. Python 3.11 or
# newer is the machine's own. What is missing for a virtual environment is
# installed: by root with apt-get, by anyone else below build/.
set -euo pipefail
cd "$(dirname "$0")/.."

lock=dags/requirements.lock
env=$PWD/build/airflow
tools=$PWD/build/tools

# fetch_pip: Debian keeps venv and pip apart from Python.
fetch_pip() {
    if [ "$(id -u)" = 0 ]; then
        fetch() { DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends python3 python3-venv; }
    else
        fetch() {
            mkdir -p "$tools/packages"
            (cd "$tools/packages" && apt-get download -q python3-pip-whl)
            dpkg -x "$tools"/packages/python3-pip-whl*.deb "$tools"
            rm "$tools"/packages/python3-pip-whl*.deb
        }
    fi
    said=$(fetch 2>&1) || said=$(apt-get update 2>&1 && fetch 2>&1) || { printf '%s\ncannot install python3-venv\n' "$said" >&2; exit 1; }
}

# make_env: the environment is whole when it holds a copy of the lock.
make_env() {
    rm -rf "$env"
    python3 -c 'import ensurepip' 2> /dev/null || fetch_pip
    python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "$(python3 --version) is too old: Airflow here wants 3.11 or newer" >&2; exit 1; }
    python3 -m venv --without-pip "$env"
    if python3 -c 'import ensurepip' 2> /dev/null; then
        pip=("$env/bin/python" -m pip)
        "$env/bin/python" -m ensurepip > /dev/null
    else
        pip=("$env/bin/python" "$(find "$tools/usr/share/python-wheels" -name 'pip-*.whl')/pip")
    fi
    "${pip[@]}" install --quiet --disable-pip-version-check --require-hashes --only-binary :all: -r "$lock"
    cp "$lock" "$env/requirements.lock"
}

mkdir -p build
exec 9> build/airflow.lock
flock 9
cmp -s "$lock" "$env/requirements.lock" || make_env
exec 9>&-

export PATH=$env/bin:$PATH PYTHONPATH=$PWD/dags PYTHONDONTWRITEBYTECODE=1
export AIRFLOW_HOME=${AIRFLOW_HOME:-$PWD/build/airflow-home}
export AIRFLOW__CORE__DAGS_FOLDER=$PWD/dags AIRFLOW__CORE__LOAD_EXAMPLES=False
export AIRFLOW__USAGE_DATA_COLLECTION__ENABLED=False
exec "$@"
