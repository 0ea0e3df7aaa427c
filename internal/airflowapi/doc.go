// Package airflowapi holds the words of Airflow's REST API v2: its requests and
// answers as types, generated from the OpenAPI document that Airflow itself
// brings, cut to the operations of generate.yml. The document is part of Apache
// Airflow, © The Apache Software Foundation, Apache License 2.0.
//
// scripts/airflow-models.sh writes models.gen.go; with --check it compares it
// with the document of the Airflow that dags/requirements.lock installs, so that
// a change of the interface is found when the lock changes and not at night.
package airflowapi
