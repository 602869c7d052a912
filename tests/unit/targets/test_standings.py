"""Where one person stands on which days, with which facts: worked out by hand."""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec

from services.targets.plans.loading import load_languages, load_plans, load_provinces
from services.targets.population.clauses import LEVELS, STATUSES
from services.targets.population.credentials import issued
from services.targets.population.profiles import ProfileScheme
from services.targets.population.standing import StandingRules, born_on
from services.targets.population.tree import Tree, versions_of
from shared.contracts.events import AgencyChanged, CertificateIssued, OfficialChanged
from tests.worlds import events as made

SCHEME = ProfileScheme(load_plans().values())
LANGUAGES = load_languages()
PROVINCE, OFFICE, DISTRICT, COMMUNE = "H15", "H15.01", "H15.D", "H15.X"
BODIES = {
    PROVINCE: [made.agency_version()],
    OFFICE: [made.agency_version(parent=PROVINCE)],
    DISTRICT: [made.agency_version(valid_to="2025-06-30", parent=PROVINCE, level="district")],
    COMMUNE: [
        made.agency_version("2025-07-01", parent=PROVINCE, level="commune", predecessors=[DISTRICT])
    ],
}
TREE = Tree(
    load_provinces(),
    {
        code: versions_of(msgspec.convert(made.agency(code, *versions)["data"], AgencyChanged))
        for code, versions in BODIES.items()
    },
)
RULES = StandingRules(SCHEME, TREE, LANGUAGES)


def standings(
    *posts: dict[str, Any], certificates: tuple[dict[str, Any], ...] = (), **facts: Any
) -> list[tuple[str, str, str, dict[str, int]]]:
    """First and last day, body, and the fields of the profile that are not zero."""
    state = msgspec.convert(made.official("A", *posts, **facts)["data"], OfficialChanged)
    credentials = [
        issued(msgspec.convert(each["data"], CertificateIssued)) for each in certificates
    ]
    return [
        (
            dt.date.fromordinal(each.first).isoformat(),
            dt.date.fromordinal(each.until - 1).isoformat(),
            each.body,
            {
                field: value
                for field, value in zip(SCHEME.fields, each.profile, strict=True)
                if value
            },
        )
        for each in RULES.standings(state, credentials)
    ]


def days(found: list[tuple[str, str, str, dict[str, int]]]) -> list[tuple[str, str, str]]:
    return [(first, last, body) for first, last, body, _ in found]


def test_nobody_stands_anywhere_without_a_primary_assignment() -> None:
    assert standings(made.assignment(OFFICE, primary=False)) == []


def test_a_standing_lasts_as_long_as_the_assignment_and_its_body() -> None:
    post = made.assignment(DISTRICT, valid_from="2024-01-01", valid_to="2025-12-31")
    assert days(standings(post, born="1980-01-01"))[-1] == ("2024-01-01", "2025-06-30", DISTRICT)


def test_the_fortieth_birthday_parts_a_standing() -> None:
    post = made.assignment(
        OFFICE, valid_from="2024-01-01", valid_to="2024-12-31", leadership="division"
    )
    found = standings(post, born="1984-05-05")
    assert days(found) == [
        ("2024-01-01", "2024-05-04", OFFICE),
        ("2024-05-05", "2024-12-31", OFFICE),
    ]
    younger, older = (facts for *_, facts in found)
    assert younger["below_40.day"] == 1
    assert "below_40.day" not in older
    assert younger["below_40.start"] == older["below_40.start"] == 1


def test_an_age_that_no_clause_asks_for_parts_nothing() -> None:
    post = made.assignment(OFFICE, valid_from="2024-01-01", valid_to="2024-12-31")
    assert days(standings(post, born="1984-05-05")) == [("2024-01-01", "2024-12-31", OFFICE)]


def test_a_bare_year_is_its_first_of_january() -> None:
    assert born_on("1984") == dt.date(1984, 1, 1)
    assert born_on("1984-05-05") == dt.date(1984, 5, 5)


def test_status_and_level_are_those_of_the_assignment_and_of_the_body() -> None:
    post = made.assignment(COMMUNE, "cadre", valid_from="2026-01-01")
    (_, _, body, facts), *_ = standings(post, born="1960-01-01")
    assert body == COMMUNE
    assert facts.get("status", 0) == STATUSES.index("cadre")
    assert facts["level"] == LEVELS.index("commune")


def test_contract_staff_keep_their_status_and_nothing_else() -> None:
    post = made.assignment(OFFICE, "contract_staff", valid_from="2026-01-01")
    (_, _, _, facts), *rest = standings(post, born="2000-01-01")
    assert facts == {"status": STATUSES.index("other")}
    assert rest == []


def test_a_certificate_counts_from_the_day_it_was_issued() -> None:
    post = made.assignment(OFFICE, valid_from="2024-01-01", valid_to="2024-12-31")
    certificate = made.certificate("S1", "key-A", 4, "2024-03-01")
    found = standings(post, born="1960-01-01", certificates=(certificate,))
    assert days(found) == [
        ("2024-01-01", "2024-02-29", OFFICE),
        ("2024-03-01", "2024-12-31", OFFICE),
    ]
    before, after = (facts for *_, facts in found)
    assert "level.any.standing" not in before
    assert after["level.any.standing"] == SCHEME.level_class(4)


def test_people_of_an_abolished_district_keep_the_level_of_its_last_day() -> None:
    last = made.assignment(DISTRICT, valid_from="2020-01-01", valid_to="2025-06-30")
    now = made.assignment(COMMUNE, valid_from="2025-07-01")
    *_, (first, _, body, facts) = standings(last, now, born="1960-01-01")
    assert (first, body) == ("2025-07-01", COMMUNE)
    assert facts["level"] == LEVELS.index("commune")
    assert facts["frozen_level"] == LEVELS.index("district")
