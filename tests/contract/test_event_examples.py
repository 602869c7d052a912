"""The checked-in example of each event is what producers write and consumers read."""

from __future__ import annotations

import json
import re
from pathlib import Path

import msgspec
import pytest

from shared.contracts.events import CATALOGUE, WITHHELD, Envelope, UnknownEvent, decode

EXAMPLES = Path(__file__).parents[2] / "shared" / "contracts" / "examples"


def example(name: str) -> bytes:
    return (EXAMPLES / f"{name}.json").read_bytes()


def test_every_type_has_one_example_and_every_example_a_type() -> None:
    assert {path.stem for path in EXAMPLES.glob("*.json")} == set(CATALOGUE)


@pytest.mark.parametrize("name", sorted(CATALOGUE))
def test_type_names_follow_the_grammar(name: str) -> None:
    assert re.fullmatch(r"vn\.bac\.[a-z_]+\.[a-z_]*(?:ed|left|withdrawn)\.v[1-9]\d*", name)


@pytest.mark.parametrize("name", sorted(CATALOGUE))
def test_the_example_decodes_and_is_written_back_the_same(name: str) -> None:
    envelope = msgspec.json.decode(example(name), type=Envelope)
    payload = decode(envelope)
    assert type(payload) is CATALOGUE[name].payload
    assert json.loads(msgspec.json.encode(payload)) == json.loads(example(name))["data"]


@pytest.mark.parametrize("name", sorted(CATALOGUE))
def test_no_payload_has_room_for_a_name_or_an_identity_number(name: str) -> None:
    schema = json.dumps(msgspec.json.schema(CATALOGUE[name].payload)).lower()
    assert not re.search(r'"(full_name|name|citizen_id|number|identity_number)"\s*:', schema)


@pytest.mark.parametrize("name", sorted(WITHHELD))
def test_an_event_reads_as_well_where_a_field_is_withheld(name: str) -> None:
    raw = json.loads(example(name))
    for field in WITHHELD[name]:
        assert raw["data"][field] is not None
        raw["data"][field] = None
    payload = decode(msgspec.convert(raw, Envelope))
    assert all(getattr(payload, field) is None for field in WITHHELD[name])


def test_a_type_outside_the_catalogue_is_told_apart() -> None:
    raw = json.loads(example("vn.bac.official.left.v1"))
    envelope = msgspec.convert({**raw, "type": "vn.bac.official.left.v9"}, Envelope)
    with pytest.raises(UnknownEvent):
        decode(envelope)
