"""The OpenAPI 3.1 document of the routes, made from the same values that serve them."""

import re
from collections.abc import Sequence
from typing import Any

from pydantic import TypeAdapter
from pydantic.json_schema import models_json_schema

from ecabinet.kernel.access import Action

from .routes import Nothing, Route

_REFUSAL = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["code", "detail", "request"],
            "properties": {
                "code": {"type": "string"},
                "detail": {"type": "object"},
                "request": {"type": ["string", "null"]},
            },
        }
    },
}


def document(routes: Sequence[Route], version: str) -> dict[str, Any]:
    """Every route under /api, with its shapes, its grant, and the one form of a refusal."""
    shapes = {route.takes for route in routes if route.takes is not Nothing}
    _, defs = models_json_schema(
        [(shape, "validation") for shape in sorted(shapes, key=lambda shape: shape.__name__)],
        ref_template="#/components/schemas/{model}",
    )
    schemas: dict[str, Any] = {**defs.get("$defs", {}), "Refusal": _REFUSAL}
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, schemas)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "eCabinet",
            "version": version,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {"session": {"type": "apiKey", "in": "cookie", "name": "__Host-sid"}},
        },
    }


def _operation(route: Route, schemas: dict[str, Any]) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": f"{route.method.lower()}_{re.sub(r'[^a-z]+', '_', route.path.lower()).strip('_')}",
        "summary": route.summary,
        "x-needs": route.needs.value,
        "parameters": _parameters(route),
        "responses": {
            str(204 if route.gives is None and route.status == 200 else route.status): _answer(route, schemas),
            "default": {
                "description": "A refusal",
                "content": _as_json({"$ref": "#/components/schemas/Refusal"}),
            },
        },
    }
    if route.needs is not Action.PUBLIC:
        operation["security"] = [{"session": []}]
    if route.takes is not Nothing:
        schema = {"$ref": f"#/components/schemas/{route.takes.__name__}"}
        operation["requestBody"] = {"required": True, "content": _as_json(schema)}
    elif route.raw:
        operation["requestBody"] = {"required": True, "content": {"application/octet-stream": {}}}
    return operation


def _parameters(route: Route) -> list[dict[str, Any]]:
    text = {"type": "string"}
    found = [
        {"name": name, "in": "path", "required": True, "schema": text} for name in re.findall(r"{(\w+)}", route.path)
    ]
    if route.method not in {"GET", "HEAD"}:
        found.append({"name": "X-Req", "in": "header", "required": True, "schema": {"const": "1"}})
    return found


def _answer(route: Route, schemas: dict[str, Any]) -> dict[str, Any]:
    if route.gives is None:
        return {"description": "Done"}
    if route.gives is bytes:
        return {"description": "The file", "content": {"application/octet-stream": {}}}
    schema = TypeAdapter(route.gives).json_schema(ref_template="#/components/schemas/{model}", mode="serialization")
    schemas.update(schema.pop("$defs", {}))
    return {"description": "The answer", "content": _as_json(schema)}


def _as_json(schema: dict[str, Any]) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}
