"""A request that a route takes, about given things: its path, query and body filled in from its own types."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from fastapi import UploadFile
from fastapi.dependencies.models import Dependant
from fastapi.params import File, Form
from fastapi.routing import APIRoute
from pydantic import TypeAdapter

from tests.architecture.permission_world import Things

# What a field of such a name holds in a request that makes sense, where its type alone does not say it.
SENSIBLE: Mapping[str, Any] = {
    "since": "2021-03-15T00:00:00Z",
    "until": "2021-03-16T00:00:00Z",
    "starts_at": "2021-03-16T12:00:00Z",
    "ends_at": "2021-03-16T18:00:00Z",
    "at": "2021-03-16T12:00:00Z",
    "effective_from": "2021-04-01T00:00:00Z",
    "day": "2021-03-17",
    "reason": "because it must be so",
    "because": "because it must be so",
    "lifted_because": "because it must be so",
    "text": "campaign_isolation_check",
    "title": "A title",
    "body": "Bonjour",
    "phone_1": "06 39 98 77 77",
    "family_name": "Grandlieu",
    "language": "fr",
    "languages": ["fr"],
    "roles": ["agent"],
    "versions": {},
    "template": "answer_received",
    "value": True,
    "columns": {"nom": "family_name"},
    "fields": {"type": "contact", "nom": "Grandlieu", "telephone_1": "06 39 98 77 77"},
    "daily_euros": "10",
    "old": 1,
    "new": 1,
    "days": 3,
    "version": 1,
}
# Fields that name one of the things a request is about, under another name than the path parameter's.
ALSO = {
    "agent": "login",
    "agent_id": "user_id",
    "known_id": "contact_id",
    "into": "platform",
    "helper": "platform",
    "alarm": "alarm_id",
    "attempt": "attempt_id",
    "lease": "lease_id",
}
# Fields that neither their type nor their name says enough of, by the end of the route's path.
FIELDS: Mapping[str, Mapping[str, Any]] = {
    "PATCH /api/v1/case-records/{case_record_id}": {"fields": {"town": "Dax"}, "seen": {}},
    "/campaign-outcome": {"code": "DONE"},
    "/parameters": {"country": "FR", "name": "isolation_days", "value": 7, "effective_from": "2021-04-01"},
    "/retention": {"days": 60, "kind": "CONTACT"},
    "/territories/{code}/preview": {"name": "Here", "kind": "DEPARTMENT", "parent": "FR-NAQ"},
    "/hours/{purpose}": {"week": [["08:00-20:00"]] * 7, "day": ["08:00-20:00"] * 7},
    "/erasure": {"confirm": "ERASE"},
    "/watch-list/{case_record_id}/resolve": {"because": "CONFIRMED_BY_DOCTOR"},
    "/watch/{case_record_id}/resolve": {"because": "CONFIRMED_BY_DOCTOR"},
    "PUT /api/v1/territories/{code}": {"name": "Here", "kind": "DEPARTMENT", "parent": "FR-NAQ"},
    "/rota/shifts/{shift_id}": {"what": "remove"},
    "POST /mode/proposals/{proposal_id}": {"answer": "decline"},
    "/case-records/search": {"kind": "NUMBER", "number": "06 39 98 00 01"},
}
# Words of a path that mean something else in a body.
IN_PATHS_ALONE = frozenset(
    {"name", "mode", "position", "row", "act", "code", "question", "tag", "other", "purpose"}
)
# Where a word of a path means something else on another route.
IN_PATHS: Mapping[str, Mapping[str, str]] = {
    "POST /inbox/{conversation_id}/{act}": {"act": "take"},
    "POST /api/v1/training/{session_id}/line/{act}": {"act": "CALL"},
    "POST /training/{session_id}/line/{act}": {"act": "CALL"},
}
FILE = ("test.csv", b"nom;telephone_1\r\n", "text/csv")


@dataclass(frozen=True)
class Asked:
    """What is sent, besides who sends it."""

    method: str
    path: str
    query: dict[str, Any] = field(default_factory=dict)
    json: Any = None
    form: dict[str, Any] | None = None
    files: dict[str, Any] | None = None


class NotFilledIn(Exception):
    """A path parameter that nobody said anything about."""


def request_for(route: APIRoute, things: Things) -> Asked:
    """Raises NotFilledIn, naming the path parameter."""
    method = method_of(route)
    values, name = {}, f"{method} {route.path}"
    things = {**things, **IN_PATHS.get(name, {})}
    for parameter in route.param_convertors:
        if parameter not in things:
            raise NotFilledIn(f"{name}: {parameter}")
        values[parameter] = things[parameter]
    path = route.path_format.format(**values)
    query = {
        parameter.alias: _value(parameter, things)
        for parameter in _query(route.dependant)
        if parameter.field_info.is_required() or _names_a_thing(parameter.name, things)
    }
    body = _body(route, things, name)
    return Asked(method, path, query, **body)


def method_of(route: APIRoute) -> str:
    """The one a route is for."""
    return sorted(route.methods or ())[0]


def _query(dependant: Dependant) -> list[Any]:
    found = list(dependant.query_params)
    for each in dependant.dependencies:
        found += _query(each)
    return found


def _body(route: APIRoute, things: Things, name: str) -> dict[str, Any]:
    parameters = _body_params(route.dependant)
    more = next((fields for end, fields in FIELDS.items() if name.endswith(end)), {})
    if not parameters:
        return {}
    if any(isinstance(parameter.field_info, Form) for parameter in parameters):
        made = _form(parameters, things)
        return {**made, "form": {**made["form"], **more}}
    (only,) = parameters
    body = _of_type(only.field_info.annotation, things)
    return {"json": {**body, **more} if isinstance(body, dict) else body}


def _body_params(dependant: Dependant) -> list[Any]:
    found = list(dependant.body_params)
    for each in dependant.dependencies:
        found += _body_params(each)
    return found


def _form(parameters: Sequence[Any], things: Things) -> dict[str, Any]:
    form, files = {}, {}
    for parameter in parameters:
        if isinstance(parameter.field_info, File) or parameter.field_info.annotation is UploadFile:
            files[parameter.alias] = FILE
        elif parameter.field_info.is_required() or _names_a_thing(parameter.name, things):
            value = _value(parameter, things)
            form[parameter.alias] = str(value).lower() if isinstance(value, bool) else value
    return {"form": form, "files": files or None}


def _names_a_thing(name: str, things: Things) -> bool:
    return ALSO.get(name, name) in things and name not in IN_PATHS_ALONE


def _value(parameter: Any, things: Things) -> Any:
    return _named(parameter.name, _schema(parameter.field_info.annotation), {}, things)


def _of_type(annotation: Any, things: Things) -> Any:
    schema = _schema(annotation)
    return _made(schema, schema.get("$defs", {}), things)


@cache
def _schema(annotation: Any) -> dict[str, Any]:
    return TypeAdapter(annotation).json_schema()


def _named(name: str, schema: Mapping[str, Any], defs: Mapping[str, Any], things: Things) -> Any:
    """A value for a field, by its name where that says more than its type."""
    defs = {**defs, **schema.get("$defs", {})}
    resolved = _resolved(schema, defs)
    thing = ALSO.get(name, name)
    plain = resolved.get("type") in ("string", "integer") and "enum" not in resolved
    if plain and _names_a_thing(name, things):
        return int(things[thing]) if resolved["type"] == "integer" else things[thing]
    if resolved.get("type") == "array" and _names_a_thing(name, things):
        return [things[thing]]
    if name == "platforms":
        return [things["platform"]]
    if name in SENSIBLE and _fits(SENSIBLE[name], resolved):
        value = SENSIBLE[name]
        return value[:10] if resolved.get("format") == "date" else value
    return _made(schema, defs, things)


def _fits(value: Any, schema: Mapping[str, Any]) -> bool:
    kinds = {"string": str, "integer": int, "boolean": bool, "array": list, "object": dict, "number": int}
    wanted = kinds.get(schema.get("type", ""))
    return "enum" not in schema and (wanted is None or isinstance(value, wanted))


def _resolved(schema: Mapping[str, Any], defs: Mapping[str, Any]) -> Mapping[str, Any]:
    while "$ref" in schema or "anyOf" in schema or "allOf" in schema or "oneOf" in schema:
        if "$ref" in schema:
            schema = defs[schema["$ref"].rsplit("/", 1)[1]]
        else:
            schema = next(iter(schema[kind] for kind in ("anyOf", "allOf", "oneOf") if kind in schema))[0]
    return schema


def _made(schema: Mapping[str, Any], defs: Mapping[str, Any], things: Things) -> Any:
    """The smallest value of a JSON schema."""
    defs = {**defs, **schema.get("$defs", {})}
    schema = _resolved(schema, defs)
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return schema["enum"][0]
    match schema.get("type"):
        case "object":
            properties, needed = schema.get("properties", {}), schema.get("required", [])
            return {
                name: _named(name, each, defs, things)
                for name, each in properties.items()
                if name in needed or _names_a_thing(name, things)
            }
        case "array":
            return [_made(schema["items"], defs, things)] if schema.get("minItems") else []
        case "integer" | "number":
            return schema.get("minimum", schema.get("exclusiveMinimum", 0) + 1)
        case "boolean":
            return True
        case "null":
            return None
        case _:
            return _word(schema, things)


def _word(schema: Mapping[str, Any], things: Things) -> str:
    match schema.get("format"):
        case "uuid":
            return str(things["case_record_id"])
        case "date-time":
            return "2021-03-16T12:00:00Z"
        case "date":
            return "2021-03-17"
        case _:
            return "word" + "x" * max(0, int(schema.get("minLength", 0)) - 4)
