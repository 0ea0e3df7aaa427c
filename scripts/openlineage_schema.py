"""Prints the classes of the installed openlineage-python as one JSON schema, a definition for each."""

import enum
import importlib
import importlib.metadata
import importlib.util
import inspect
import json
import pathlib
import sys
import types
import typing

import attr

# The client package itself wants an HTTP library; the generated classes do not.
import openlineage

client = types.ModuleType("openlineage.client")
client.__path__ = [str(pathlib.Path(p) / "client") for p in openlineage.__path__]
sys.modules["openlineage.client"] = client
constants = importlib.import_module("openlineage.client.constants")

MODULES = {
    "base": ["RunEvent", "RunFacet"],
    "parent_run": ["ParentRunFacet"],
    "error_message_run": ["ErrorMessageRunFacet"],
    "job_type_job": ["JobTypeJobFacet"],
    "sql_job": ["SQLJobFacet"],
    "schema_dataset": ["SchemaDatasetFacet"],
    "column_lineage_dataset": ["ColumnLineageDatasetFacet"],
    "dataset_version_dataset": ["DatasetVersionDatasetFacet"],
    "data_quality_metrics_input_dataset": ["DataQualityMetricsInputDatasetFacet"],
    "output_statistics_output_dataset": ["OutputStatisticsOutputDatasetFacet"],
}
PLAIN = {str: {"type": "string"}, int: {"type": "integer"}, float: {"type": "number"}, bool: {"type": "boolean"}, typing.Any: {}}
FORMATS = {"isoparse": "date-time", "urlparse": "uri", "UUID": "uuid"}


def shape(hint):
    """The schema of a type."""
    if hint in PLAIN:
        return PLAIN[hint]
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        kinds = [shape(a) for a in args if a is not type(None)]
        return kinds[0] if len(kinds) == 1 else {"anyOf": kinds}
    if origin is list:
        return {"type": "array", "items": shape(args[0])}
    if origin is dict:
        return {"type": "object", "additionalProperties": shape(args[1])}
    if inspect.isclass(hint) and issubclass(hint, enum.Enum):
        return {"enum": [e.value for e in hint]}
    if attr.has(hint):
        name = f"{hint.__module__.rpartition('.')[2]}.{hint.__name__}"
        if name not in definitions:
            definitions[name] = {}  # a field of a schema has fields
            definitions[name] = record(hint)
        return {"$ref": f"#/$defs/{name}"}
    sys.exit(f"no schema for {hint}")


def record(cls):
    """The schema of a class: what it must have, and what it may. Others it allows."""
    attr.resolve_types(cls)
    properties, required = {}, []
    for field in attr.fields(cls):
        kind = shape(field.type) | {}
        if field.validator is not None:
            source = inspect.getsource(field.validator)
            kind.update({"format": f for word, f in FORMATS.items() if word in source})
        properties[field.name] = kind
        # what the client fills in itself is not optional
        if field.default is attr.NOTHING or field.name in ("producer", "schemaURL", "_producer", "_schemaURL"):
            required.append(field.name)
    return {"type": "object", "properties": properties, "required": required}


definitions = {}
for module, names in MODULES.items():
    for name in names:
        cls = getattr(importlib.import_module("openlineage.client.generated." + module), name)
        definitions[cls._get_schema()] = record(cls)
json.dump(
    {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$comment": f"Written by scripts/openlineage-schema.sh from openlineage-python {importlib.metadata.version('openlineage-python')}, "
        "Copyright 2018-2026 contributors to the OpenLineage project, Apache-2.0. A definition is called by the schema's URL.",
        "$defs": definitions,
    },
    sys.stdout,
    indent=1,
)
print()
