"""Readers of events have names that are made in one place."""

from __future__ import annotations

from shared.contracts import audiences
from shared.contracts.audiences import Reader


def test_a_body_is_read_by_those_confined_to_one_bloc_under_names_of_their_own() -> None:
    assert audiences.agencies(["H56", "H56.1"], "party") == {
        *("agency:H56", "agency:H56|party", "agency:H56.1", "agency:H56.1|party"),
        "bloc:party",
    }
    assert audiences.authorities(["H56"]) == {"authority:H56"}


def test_confined_readers_are_those_of_the_bloc_alone() -> None:
    readers = audiences.agencies(["H56"], "party", "state") | {audiences.EVERYBODY}
    assert audiences.confined_to("state", readers) == {"agency:H56|state", "bloc:state"}


def test_a_body_whose_code_ends_like_a_bloc_is_not_taken_for_a_reader_of_it() -> None:
    assert audiences.confined_to("state", [audiences.agency("state")]) == set()


def test_stored_names_begin_with_the_mark_and_are_sorted() -> None:
    readers = [Reader("agency:B"), Reader("agency:A")]
    assert audiences.whole(readers).stored() == ["agency:A", "agency:B"]
    assert audiences.scoped(readers).stored() == ["scoped", "agency:A", "agency:B"]
    assert audiences.part(readers).stored() == ["part", "agency:A", "agency:B"]
    assert audiences.is_scoped(audiences.scoped(readers).stored())
    assert not audiences.is_scoped(audiences.whole(readers).stored())
    assert not audiences.is_scoped(None)
