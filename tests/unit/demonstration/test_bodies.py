"""The bodies of the demonstration form a tree that any directory would accept."""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from itertools import pairwise

import pytest

from services.demonstration.agencies import INVENTED
from services.demonstration.places import HEALTH_CENTRE, PLACES
from services.demonstration.tree import DISTRICTS_ENDED, NEW_MAP

FACTS = {place.root for place in PLACES} | {HEALTH_CENTRE}


def last_day(version) -> dt.date:
    return version.valid_to or dt.date.max


@pytest.fixture(scope="module")
def versions(demonstration):
    found = defaultdict(list)
    for one in demonstration.agencies:
        found[one.code].append(one)
    return found


def test_versions_of_a_body_follow_each_other_without_overlap(versions):
    for ones in versions.values():
        for before, after in pairwise(ones):
            assert last_day(before) + dt.timedelta(days=1) == after.valid_from


def test_facts_are_referred_to_and_never_defined_again(versions):
    assert not FACTS & versions.keys()
    assert {one.parent_code for ones in versions.values() for one in ones} >= FACTS


def test_a_parent_stands_on_every_day_of_its_child(versions):
    for ones in versions.values():
        for child in ones:
            if child.parent_code is None or child.parent_code in FACTS:
                continue
            parents = versions[child.parent_code]
            assert parents, child
            assert parents[0].valid_from <= child.valid_from
            assert last_day(parents[-1]) >= last_day(child), child


def test_parents_come_before_their_children_in_the_file(demonstration):
    seen = set(FACTS)
    for one in demonstration.agencies:
        assert one.parent_code is None or one.parent_code in seen, one
        seen.add(one.code)


def test_no_district_stands_after_june_2025(versions):
    for ones in versions.values():
        for one in ones:
            if last_day(one) > DISTRICTS_ENDED:
                assert one.level in ("province", "commune"), one
    assert any(one.level == "district" for ones in versions.values() for one in ones)


def test_codes_of_provinces_are_those_of_the_list_in_force(versions):
    before = {place.code_before for place in PLACES} | {"38"}
    before |= {one.province_code for place in PLACES for one in place.absorbed}
    after = {place.code_after for place in PLACES} | {"38"}
    for ones in versions.values():
        for one in ones:
            assert one.province_code in (after if one.valid_from >= NEW_MAP else before), one


def test_quang_tri_has_no_body_with_the_old_code_after_the_merger(versions):
    for code, ones in versions.items():
        if code.startswith("H50."):
            for one in ones:
                if last_day(one) >= NEW_MAP:
                    assert one.province_code == "44", one


def test_communes_of_today_name_those_they_were_formed_from(versions):
    communes = [
        ones[0]
        for ones in versions.values()
        if ones[0].kind == "commune_committee" and ones[0].valid_from == NEW_MAP
    ]
    assert len(communes) > 40
    for one in communes:
        assert one.predecessor_codes
        assert all(
            last_day(versions[code][-1]) == DISTRICTS_ENDED for code in one.predecessor_codes
        )


def test_invented_bodies_say_so_and_every_code_carries_the_mark(versions):
    real = ("department", "party_committee", "party_body", "socio_political_body")
    real += ("district_committee", "commune_committee")
    for code, ones in versions.items():
        assert ".MH." in code or re.fullmatch(r"X\d\d", code), code
        assert len(code) <= 35
        assert re.fullmatch(r"[A-Z]\d\d(\.[0-9A-Z]+)*", code)
        if ones[0].kind not in real:
            assert INVENTED in ones[0].name, ones[0]


@pytest.mark.parametrize("place", [place.key for place in PLACES])
def test_every_province_has_all_real_kinds_of_bodies(demonstration, place):
    kinds = {one.kind for one in demonstration.place(place).tree.versions}
    systems = {one.system for one in demonstration.place(place).tree.versions}
    assert kinds >= {
        *("department", "district_committee", "commune_committee", "school", "hospital"),
        *("health_station", "party_committee", "socio_political_body", "public_service_unit"),
    }
    assert systems == {"party", "state", "socio_political", "public_service"}
