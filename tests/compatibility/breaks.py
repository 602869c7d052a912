"""Breaking changes between two OpenAPI documents, or two catalogues of events, as sentences.

A change breaks when a client that was right before can be wrong afterwards. What a client sends may be taken more
widely, never more narrowly; what it is sent may be told more narrowly, never more widely. Clients are generated, so a
new word in a list of words that they read breaks them too.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

Node = dict[str, Any]
Direction = Literal["sent", "read"]
"""``sent``: by the client, in a request. ``read``: by the client, in an answer or an event."""

LEAST = ("minLength", "minItems", "minimum", "exclusiveMinimum")
MOST = ("maxLength", "maxItems", "maximum", "exclusiveMaximum")


def api_breaks(old: Node, new: Node) -> list[str]:
    """What of ``new`` a client of ``old`` does not bear."""
    compared = _Schemas(old, new)
    found: list[str] = []
    for path, operations in old["paths"].items():
        for method, before in operations.items():
            after = new["paths"].get(path, {}).get(method)
            where = f"{method.upper()} {path}"
            if after is None:
                found.append(f"{where}: is gone")
            else:
                found += (f"{where}: {each}" for each in _of_operation(before, after, compared))
    return list(dict.fromkeys(found))


def event_breaks(old: Node, new: Node) -> list[str]:
    """Events are read by others as they are now, and by our own followers as they were: both ways must hold."""
    compared = _Schemas(old, new)
    found: list[str] = []
    for name, before in old["events"].items():
        after = new["events"].get(name)
        if after is None:
            found.append(f"{name}: is gone")
            continue
        if before["service"] != after["service"]:
            found.append(f"{name}: comes from {after['service']}, not from {before['service']}")
        withheld = sorted(set(after["withheld"]) - set(before["withheld"]))
        found += [f"{name}: field {each} is withheld" for each in withheld]
        for direction in ("read", "sent"):
            breaks = compared.breaks(before["payload"], after["payload"], direction)
            found += [f"{name}: {each}" for each in breaks]
    return list(dict.fromkeys(found))


def _of_operation(old: Node, new: Node, compared: _Schemas) -> Iterator[str]:
    if new.get("security") and not old.get("security"):
        yield "needs a token"
    before, after = (
        {(p["in"], p["name"]): p for p in op.get("parameters", ())} for op in (old, new)
    )
    for place, name in before.keys() - after.keys():
        yield f"{place} parameter {name} is gone"
    for (place, name), parameter in after.items():
        earlier = before.get((place, name), {})
        if parameter.get("required") and not earlier.get("required"):
            yield f"{place} parameter {name} is required"
        if earlier:
            for each in compared.breaks(earlier["schema"], parameter["schema"], "sent"):
                yield f"{place} parameter {name}: {each}"
    if "requestBody" in new:
        if new["requestBody"].get("required") and not old.get("requestBody", {}).get("required"):
            yield "a body is required"
        yield from _of_content(
            "body", old.get("requestBody", {}), new["requestBody"], compared, "sent"
        )
    elif "requestBody" in old:
        yield "takes no body any more"
    for status, answer in old["responses"].items():
        if status not in new["responses"]:
            yield f"answer {status} is gone"
            continue
        later = new["responses"][status]
        for header in answer.get("headers", {}).keys() - later.get("headers", {}).keys():
            yield f"answer {status}: header {header} is gone"
        yield from _of_content(f"answer {status}", answer, later, compared, "read")


def _of_content(
    what: str, old: Node, new: Node, compared: _Schemas, direction: Direction
) -> Iterator[str]:
    for form, declared in old.get("content", {}).items():
        if form not in new.get("content", {}):
            yield f"{what}: form {form} is gone"
            continue
        for each in compared.breaks(
            declared.get("schema", {}), new["content"][form].get("schema", {}), direction
        ):
            yield f"{what}: {each}"


@dataclass
class _Schemas:
    """Compares schemas of two documents. Schemas name themselves: a pair that is being compared is not begun again."""

    old: Node
    new: Node
    open: set[tuple[int, int, Direction]] = field(default_factory=set)

    def breaks(self, old: Node, new: Node, direction: Direction, where: str = "") -> list[str]:
        before, after = _target(old, self.old), _target(new, self.new)
        pair = (id(before), id(after), direction)
        if pair in self.open:
            return []
        self.open.add(pair)
        try:
            return list(self._compare(before, after, direction, where))
        finally:
            self.open.discard(pair)

    def _compare(self, old: Node, new: Node, direction: Direction, where: str) -> Iterator[str]:
        old_forms, new_forms = _forms(old, self.old), _forms(new, self.new)
        if len(old_forms) > 1 or len(new_forms) > 1:
            yield from self._forms_differ(old_forms, new_forms, direction, where)
            return
        (before,), (after,) = old_forms, new_forms
        at = f" at {where}" if where else ""
        wide, narrow = (after, before) if direction == "sent" else (before, after)
        if _kinds(narrow) - _kinds(wide):
            yield f"type{at} was {_words(before)}, is {_words(after)}"
            return
        if before.get("format") != after.get("format"):
            yield f"format{at} was {before.get('format')}, is {after.get('format')}"
        if direction == "sent":
            yield from _narrowed(before, after, at)
        listed = (_listed(narrow), _listed(wide))
        if listed[1] is not None:
            extra = None if listed[0] is None else sorted(map(str, listed[0] - listed[1]))
            if extra is None:
                yield (
                    f"words{at} are a closed list"
                    if direction == "sent"
                    else f"words{at} are no closed list"
                )
            elif extra:
                said = "are refused" if direction == "sent" else "are new to readers"
                yield f"words{at} {said}: {', '.join(extra)}"
        yield from self._members(before, after, direction, where)
        for inner in ("items", "additionalProperties"):
            earlier, later = before.get(inner), after.get(inner)
            if isinstance(earlier, dict) and isinstance(later, dict):
                yield from self.breaks(earlier, later, direction, f"{where}[]")

    def _members(self, old: Node, new: Node, direction: Direction, where: str) -> Iterator[str]:
        before, after = old.get("properties", {}), new.get("properties", {})
        for name in before.keys() - after.keys():
            yield f"field {_inside(where, name)} is gone"
        required = (set(old.get("required", ())), set(new.get("required", ())))
        if direction == "sent":
            for name in sorted(required[1] - required[0]):
                yield f"field {_inside(where, name)} is required"
        else:
            for name in sorted((required[0] - required[1]) & after.keys()):
                yield f"field {_inside(where, name)} may be absent"
        for name in before.keys() & after.keys():
            yield from self.breaks(before[name], after[name], direction, _inside(where, name))

    def _forms_differ(
        self, old: list[Node], new: list[Node], direction: Direction, where: str
    ) -> Iterator[str]:
        """Each form of the one side needs one of the other that bears it."""
        asked, offered = (old, new) if direction == "sent" else (new, old)
        for form in asked:
            tried = []
            for other in offered:
                pair = (form, other) if direction == "sent" else (other, form)
                tried.append(self.breaks(*pair, direction, where))
            if all(tried):
                alike = [
                    found
                    for found, other in zip(tried, offered, strict=True)
                    if _kinds(other) == _kinds(form) and len(offered) <= 2
                ]
                said = "is refused" if direction == "sent" else "is new to readers"
                at = f" at {where}" if where else ""
                yield from alike[0] if len(alike) == 1 else [f"form {_words(form)}{at} {said}"]


def _target(schema: Node, document: Node) -> Node:
    while "$ref" in schema:
        found: Any = document
        for part in schema["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        schema = found
    return schema


def _forms(schema: Node, document: Node) -> list[Node]:
    """The alternatives of a schema, named ones looked up; a list of types is as many alternatives."""
    for word in ("anyOf", "oneOf"):
        if word in schema:
            return [
                form for each in schema[word] for form in _forms(_target(each, document), document)
            ]
    if isinstance(schema.get("type"), list):
        return [{**schema, "type": kind} for kind in schema["type"]]
    return [schema]


ANYTHING = frozenset({"object", "array", "string", "number", "integer", "boolean", "null"})


def _kinds(schema: Node) -> frozenset[str]:
    kind = schema.get("type")
    if kind is None:
        words = _listed(schema)
        return ANYTHING if words is None else frozenset({"string"})
    return frozenset({"number", "integer"}) if kind == "number" else frozenset({kind})


def _words(schema: Node) -> str:
    return str(schema.get("type") or ("words" if _listed(schema) else "anything"))


def _listed(schema: Node) -> frozenset[Any] | None:
    if "const" in schema:
        return frozenset({schema["const"]})
    return frozenset(schema["enum"]) if "enum" in schema else None


def _narrowed(old: Node, new: Node, at: str) -> Iterator[str]:
    if "pattern" in new and new["pattern"] != old.get("pattern"):
        yield f"pattern{at} is another"
    for words, sign in ((LEAST, 1), (MOST, -1)):
        for word in words:
            if word in new and (word not in old or (new[word] - old[word]) * sign > 0):
                yield f"{word}{at} was {old.get(word)}, is {new[word]}"
    closed = new.get("additionalProperties") is False
    if closed and old.get("additionalProperties") is not False:
        yield f"further fields{at} are refused"


def _inside(where: str, name: str) -> str:
    return f"{where}.{name}" if where else name
