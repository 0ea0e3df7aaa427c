#!/usr/bin/env bash
# A virtual environment as a lock says:
#
#   scripts/python.sh LOCK COMMAND…     runs COMMAND where python and what the lock names come first
#
# The environment of dags/requirements.lock stands in build/python/dags, and is
# made anew when the lock changes; each file that pip fetches must have the lock's
# hash. Python 3.11 or newer is the machine's own. What is missing for a virtual
# environment is installed: by root with apt-get, by anyone else below build/.
set -euo pipefail
cd "$(dirname "$0")/.."

lock=$1
shift
env=$PWD/build/python/$(basename "$(dirname "$lock")")
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
    python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "$(python3 --version) is too old: $lock wants 3.11 or newer" >&2; exit 1; }
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

mkdir -p build/python
exec 9> build/python/lock # one for all: apt-get and pip do not like company
flock 9
cmp -s "$lock" "$env/requirements.lock" || make_env
exec 9>&-

export PATH=$env/bin:$PATH PYTHONDONTWRITEBYTECODE=1
exec "$@"
