"""Who reads an event is said as the feed decides it."""

from __future__ import annotations

import pytest

from shared.contracts import audiences
from shared.contracts.events import CATALOGUE
from shared.feed.endpoints import readers_of
from shared.security.principal import Principal


@pytest.mark.parametrize(
    "name", [name for name, event in CATALOGUE.items() if event.service == "certification"]
)
def test_only_an_authority_of_the_whole_nation_reads_the_register(name: str) -> None:
    assert "authority or auditor of the whole nation" in CATALOGUE[name].audience


def test_the_register_speaks_to_no_authority_of_a_part_of_the_nation() -> None:
    addressed = audiences.whole([audiences.institution("VINH")]).readers
    for bloc in (None, "party"):
        province = Principal(subject="b", role="authority", agency="H56", bloc=bloc)
        assert not addressed & set(readers_of(province) or addressed)
    own = Principal(subject="c", role="institution", institution="VINH")
    assert addressed & set(readers_of(own) or ())


def test_an_authority_confined_to_a_subtree_goes_by_its_body() -> None:
    nation = Principal(subject="a", role="authority")
    province = Principal(subject="b", role="authority", agency="H56")
    assert readers_of(nation) is None
    assert readers_of(province) == ["*", "agencies", "agency:H56", "authority:H56"]
