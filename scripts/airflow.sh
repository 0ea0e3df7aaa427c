#!/usr/bin/env bash
# Airflow as dags/requirements.lock says, for tests and measurements:
#
#   scripts/airflow.sh COMMAND…     runs COMMAND where airflow, python and pytest are those of the lock
set -euo pipefail
cd "$(dirname "$0")/.."

export PYTHONPATH=$PWD/dags
export AIRFLOW_HOME=${AIRFLOW_HOME:-$PWD/build/airflow-home}
export AIRFLOW__CORE__DAGS_FOLDER=$PWD/dags AIRFLOW__CORE__LOAD_EXAMPLES=False
export AIRFLOW__USAGE_DATA_COLLECTION__ENABLED=False
exec scripts/python.sh dags/requirements.lock "$@"
