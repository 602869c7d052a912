"""Rules and facts that ship as YAML documents: one reader for all of them."""

from __future__ import annotations

from typing import Any, TypeVar, overload

import msgspec
import yaml

T = TypeVar("T")


class _UniqueKeys(yaml.CSafeLoader):
    """PyYAML keeps the last of two equal keys in silence; a rule must not be lost that way.

    The C parser, because every start of a service and its worker reads all its documents.
    """

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[object, object]:
        seen: set[object] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if key in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"key {key!r} stands twice", key_node.start_mark
                )
            seen.add(key)
        return super().construct_mapping(node, deep)


@overload
def parse(text: str) -> Any: ...
@overload
def parse(text: str, as_type: type[T]) -> T: ...
def parse(text: str, as_type: Any = Any) -> Any:
    """The content of a document, as a msgspec type if one is named.

    Raises :class:`ValueError` with one line that says what is wrong and where.
    """
    try:
        content = yaml.load(text, Loader=_UniqueKeys)  # noqa: S506 - derives from CSafeLoader
    except (yaml.YAMLError, TypeError) as error:
        raise ValueError(f"not YAML: {' '.join(str(error).split())}") from error
    try:
        return msgspec.convert(content, as_type)
    except msgspec.ValidationError as error:
        raise ValueError(str(error)) from error
