"""TypeScript interfaces from the application's OpenAPI document: what the phone's transport compiles against.

Answers for the models of requests and answers, sorted by name, so that the same routes always give the same text. Routes
themselves are not generated: the phone calls a dozen of them, by hand.
"""

import json
from collections.abc import Mapping
from typing import Any

HEADING = """/** Generated from the server's models by `make types`. Do not edit: `make lint` compares. */
"""
INDENT = "  "
_PLAIN = {"string": "string", "integer": "number", "number": "number", "boolean": "boolean", "null": "null"}

Schema = Mapping[str, Any]


def declarations(openapi: Schema) -> str:
    """The whole file. Raises ValueError for a schema that has no form here."""
    schemas: Schema = openapi.get("components", {}).get("schemas", {})
    wanted = sorted(name for name in schemas if name not in ("HTTPValidationError", "ValidationError"))
    return HEADING + "\n" + "\n".join(_declaration(name, schemas[name]) for name in wanted)


def _declaration(name: str, schema: Schema) -> str:
    comment = _comment(schema, "")
    if schema.get("type") == "object" and "properties" in schema:
        return f"{comment}export interface {name} {_members(schema, '')}\n"
    return f"{comment}export type {name} = {_type(schema, '')};\n"


def _members(schema: Schema, indent: str) -> str:
    inner = indent + INDENT
    required = set(schema.get("required", ()))
    lines = ["{"]
    for key, part in schema["properties"].items():
        mark = "" if key in required else "?"
        lines.append(f"{_comment(part, inner)}{inner}{_key(key)}{mark}: {_type(part, inner)};")
    return "\n".join([*lines, indent + "}"])


def _comment(schema: Schema, indent: str) -> str:
    text = " ".join(str(schema.get("description", "")).split()).replace("*/", "* /")
    return f"{indent}/** {text} */\n" if text else ""


def _key(key: str) -> str:
    return key if key.isidentifier() else json.dumps(key)


def _type(schema: Schema, indent: str) -> str:
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "const" in schema:
        return _literal(schema["const"])
    if "enum" in schema:
        return " | ".join(_literal(value) for value in schema["enum"])
    for union in ("anyOf", "oneOf"):
        if union in schema:
            return " | ".join(dict.fromkeys(_type(part, indent) for part in schema[union]))
    kind = schema.get("type")
    if kind == "array":
        return _array(schema, indent)
    if kind == "object":
        return _object(schema, indent)
    if kind in _PLAIN:
        return _PLAIN[kind]
    if not set(schema) - {"title", "description", "default"}:
        return "unknown"
    raise ValueError(f"no TypeScript form for {dict(schema)}")


def _literal(value: Any) -> str:
    return f"'{value}'" if isinstance(value, str) and value.isprintable() and "'" not in value else json.dumps(value)


def _array(schema: Schema, indent: str) -> str:
    if "prefixItems" in schema:
        return "[" + ", ".join(_type(part, indent) for part in schema["prefixItems"]) + "]"
    item = _type(schema.get("items", {}), indent)
    return f"({item})[]" if " | " in item else f"{item}[]"


def _object(schema: Schema, indent: str) -> str:
    if "properties" in schema:
        return _members(schema, indent)
    values = schema.get("additionalProperties", True)
    return f"Record<string, {_type(values, indent) if isinstance(values, Mapping) else 'unknown'}>"
