"""Invented officials are plausible one by one and in sum, and the same on every run."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import unicodedata
from collections import Counter
from itertools import pairwise

import pytest

from services.demonstration.example_session import example_sheets
from services.demonstration.places import HEALTH_CENTRE, PLACES
from services.demonstration.world import Demonstration, build

TODAY = dt.date(2026, 11, 23)
PLACE_KEYS = [place.key for place in PLACES]
COUNTED = ("cadre", "civil_servant", "public_employee")


def digest(demonstration: Demonstration) -> str:
    rows = [one.as_row() for one in demonstration.agencies]
    rows += [one.as_row() for one in demonstration.officials]
    rows += [one.as_row() for one in demonstration.sheets]
    rows += [one.as_row() for place in demonstration.places for one in place.evidence]
    rows += [one.as_row() for one in example_sheets(demonstration)]
    return hashlib.sha256(json.dumps(rows, ensure_ascii=False).encode()).hexdigest()


def test_two_runs_give_the_same_rows(demonstration):
    assert digest(build()) == digest(demonstration)


@pytest.mark.parametrize("place", PLACE_KEYS)
def test_a_province_has_about_three_thousand_people_most_of_them_public_employees(
    demonstration, place
):
    today = [one.primary_on(TODAY) for one in demonstration.place(place).officials]
    statuses = Counter(one.post.status for one in today if one)
    counted = sum(statuses[status] for status in COUNTED)
    assert 2800 <= counted <= 3400
    assert 0.84 <= statuses["public_employee"] / counted <= 0.90
    assert statuses["contract_staff"] > 30


@pytest.mark.parametrize("place", PLACE_KEYS)
def test_most_public_employees_teach_or_work_in_health(demonstration, place):
    records = demonstration.place(place)
    sectors = Counter()
    for official in records.officials:
        post = official.primary_on(TODAY)
        if post and post.post.status == "public_employee":
            sectors[records.tree.workplaces[post.agency_code].sector] += 1
    schools = sum(count for sector, count in sectors.items() if "school" in sector)
    schools += sectors["kindergarten"] + sectors["college"]
    health = sum(count for sector, count in sectors.items() if sector.startswith("h"))
    assert schools > health > sectors["public_service"]
    assert (schools + health) / sectors.total() > 0.85


def test_the_health_centre_has_about_three_hundred_and_twenty(demonstration):
    today = [one for one in demonstration.place("hoanghoa").officials if one.primary_on(TODAY)]
    assert 310 <= len(today) <= 340
    assert any(one.last.agency_code == HEALTH_CENTRE for one in today)


def test_every_body_stands_on_the_days_its_people_are_assigned_to_it(demonstration):
    for place in demonstration.places:
        workplaces = place.tree.workplaces
        spans = {}
        for one in place.tree.in_order():
            first, _ = spans.get(one.code, (one.valid_from, None))
            spans[one.code] = (first, one.valid_to or dt.date.max)
        for official in place.officials:
            for one in official.assignments:
                assert one.agency_code in workplaces
                first, last = spans.get(one.agency_code, (dt.date(2012, 1, 1), dt.date.max))
                assert first <= one.valid_from <= (one.valid_to or last) <= last, official.code


def test_nobody_has_two_primary_assignments_on_one_day(demonstration):
    for official in demonstration.officials:
        primary = [one for one in official.assignments if one.primary]
        assert primary, official.code
        for before, after in pairwise(primary):
            assert before.valid_to is not None
            assert before.valid_to < after.valid_from
        keys = [(one.agency_code, one.valid_from) for one in official.assignments]
        assert len(set(keys)) == len(keys)
        for one in official.assignments:
            assert one.valid_to is None or one.valid_to >= one.valid_from


def test_citizen_numbers_agree_with_the_person_and_are_nobodys(demonstration):
    numbers = [one.citizen_id for one in demonstration.officials]
    assert len(set(numbers)) == len(numbers)
    for official in demonstration.officials:
        number = official.citizen_id
        assert len(number) == 12
        assert number.isdigit()
        assert int(number[3]) == 2 * (official.born.year // 100 - 19) + (official.sex == "female")
        assert int(number[4:6]) == official.born.year % 100
        assert number[6] == "9"
    cards = [one.former_card for one in demonstration.officials if one.former_card]
    assert len(set(cards)) == len(cards) > 100
    assert all(len(card) == 9 and card[2:4] == "99" for card in cards)


def test_codes_are_marked_and_unique(demonstration):
    codes = [one.code for one in demonstration.officials]
    assert len(set(codes)) == len(codes)
    assert all(code.startswith("DEMO-") for code in codes)


def test_people_are_hired_as_adults_and_retire_in_time(demonstration):
    for official in demonstration.officials:
        first = official.assignments[0].valid_from
        assert (first - official.born).days / 365.25 >= 18, official.code
        last = official.last.valid_to or TODAY
        assert (last - official.born).days / 365.25 <= 66, official.code


def test_names_are_composed_letters(demonstration):
    for official in demonstration.officials:
        assert unicodedata.is_normalized("NFC", official.full_name)
        assert len(official.full_name.split()) >= 2


def test_people_of_ended_districts_went_on_or_left_on_the_first_of_july(demonstration):
    went = left = 0
    for place in demonstration.places[:4]:
        for official in place.officials:
            before = official.primary_on(dt.date(2025, 6, 30))
            if before is None or before.valid_to != dt.date(2025, 6, 30):
                continue
            if official.primary_on(dt.date(2025, 7, 1)):
                went += 1
            else:
                left += 1
    assert went > 400
    assert 30 < left < went / 3


def test_histories_show_every_kind_of_event(demonstration):
    postings = Counter(
        one.posting for official in demonstration.officials for one in official.assignments
    )
    attributes = Counter(
        name for official in demonstration.officials for name in official.attributes
    )
    on_assignments = Counter(
        name
        for official in demonstration.officials
        for one in official.assignments
        for name in one.attributes
    )
    absences = Counter(
        kind for official in demonstration.officials for kind, _, _ in official.absences
    )
    assert postings["secondment"] > 20
    assert postings["concurrent"] > 5
    assert attributes["language_teacher"] > 200
    assert attributes["foreign_taught_degree"] > 10
    assert on_assignments["foreign_affairs"] > 20
    assert on_assignments["language_qualified_post"] > 5
    assert set(absences) == {"maternity", "study", "sick"}
    assert any(official.only_year_known for official in demonstration.officials)
    assert any(len(official.assignments) > 3 for official in demonstration.officials)
