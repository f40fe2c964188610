"""The schema of the records, as JSON Schema and as a Markdown page, generated from the models."""

import ast
import inspect
from typing import Any, Final

from pydantic import BaseModel

from ngsd_guard import types
from ngsd_guard.audit import _records
from ngsd_guard.audit._records import SCHEMA_VERSION, Record, any_record_schema

_INTRODUCTION: Final = f"""\
# Audit records, schema version {SCHEMA_VERSION}

Generated from the models by `ngsd-guard audit schema --page`. [audit.md](audit.md) explains the
purpose of the log and how to verify it. Each line is one record in canonical JSON (RFC 8785).
Integers beyond 2^53 and the numbers that JSON lacks (`NaN`, `Infinity`) are strings. Version 1 had
only the kinds `request` and `verdict`, and neither a chain nor digests of the models. Version 2 had
no index of chains, and the reason `index_lost` did not exist.
"""


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema of a line of the log."""
    schema = any_record_schema()
    docs = _docstrings()
    for name, definition in schema["$defs"].items():
        for member, field in definition.get("properties", {}).items():
            text = _description(name, member, docs)
            if text:
                field["description"] = text
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"ngsd-guard audit record, version {SCHEMA_VERSION}",
        **schema,
    }


def schema_page() -> str:
    """Return the schema as a page of Markdown."""
    docs, lines = _docstrings(), [_INTRODUCTION, "## Every record", ""]
    lines += _table(Record, Record.model_fields, docs)
    kinds = [model for model in _all_models() if issubclass(model, Record) and model is not Record]
    kinds = [model for model in kinds if "kind" in model.__annotations__]
    for model in kinds:
        own = [name for name in model.model_fields if name not in Record.model_fields]
        lines += ["", f"## `{model.model_fields['kind'].default}`", "", model.__doc__ or "", ""]
        lines += _table(model, own, docs) if own else ["No further members."]
    lines += ["", "## Nested objects"]
    for part in _all_models():
        if not issubclass(part, Record):
            lines += ["", f"### {part.__name__}", "", part.__doc__ or "", ""]
            lines += _table(part, part.model_fields, docs)
    return "\n".join(lines) + "\n"


def _all_models() -> list[type[BaseModel]]:
    found = [value for value in vars(_records).values() if inspect.isclass(value)]
    return [model for model in found if issubclass(model, BaseModel) and model is not BaseModel]


def _table(model: type[BaseModel], names: Any, docs: dict[str, dict[str, str]]) -> list[str]:
    properties = model.model_json_schema()["properties"]
    rows = [
        f"| `{name}` | {_type(properties[name])} | {_description(model.__name__, name, docs)} |"
        for name in names
    ]
    return ["| member | type | meaning |", "|---|---|---|", *rows]


def _type(field: dict[str, Any]) -> str:
    """Return a short description of a member's type."""
    if "$ref" in field:
        return str(field["$ref"]).rsplit("/", 1)[-1]
    if "const" in field:
        return f"`{field['const']}`"
    if "enum" in field:
        return ", ".join(f"`{value}`" for value in field["enum"])
    if "anyOf" in field:
        return " or ".join(map(_type, field["anyOf"]))
    if field.get("type") == "array":
        return f"list of {_type(field.get('items', {}))}"
    return str(field.get("type", "any"))


def _description(model: str, member: str, docs: dict[str, dict[str, str]]) -> str:
    """Return the docstring of a member, from its class or the class it is inherited from."""
    owner = getattr(_records, model, None) or getattr(types, model, None)
    for base in inspect.getmro(owner) if owner else ():
        if member in docs.get(base.__name__, {}):
            return docs[base.__name__][member]
    return ""


def _docstrings() -> dict[str, dict[str, str]]:
    """Return the docstrings of all classes' members, which Python does not keep at run time."""
    found: dict[str, dict[str, str]] = {}
    for module in (_records, types):
        for node in ast.parse(inspect.getsource(module)).body:
            if isinstance(node, ast.ClassDef):
                members = found.setdefault(node.name, {})
                for line, text in zip(node.body, node.body[1:], strict=False):
                    if isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name):
                        value = text.value if isinstance(text, ast.Expr) else None
                        if isinstance(value, ast.Constant):
                            members[line.target.id] = " ".join(str(value.value).split())
    return found
