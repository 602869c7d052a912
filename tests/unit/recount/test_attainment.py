"""What counts as achieved and how figures are made of it (docs/counting.md), by hand."""

from __future__ import annotations

import pytest

from services.targets.recount.figures import Figure, Share
from tests.worlds import events as made
from tests.worlds.asking import (
    DAKLAK,
    PLANS,
    achieved,
    counted,
    reason_of,
    row_of,
    with_validity,
)
from tests.worlds.events import Event

pytestmark = pytest.mark.usefixtures("counted_by")

BORN = "1980-05-05"
KEY = "key-A"
CHECK = made.check_of(KEY, BORN)


def person(*papers: Event, born: str = BORN) -> list[Event]:
    post = made.assignment("H15.03", "public_employee")
    return [*DAKLAK, made.official("A", post, born=born), *papers]


def holds(as_of: str, *papers: Event, **readings: str) -> bool:
    """Whether the public employee A of Đắk Lắk counts for I2-2025 (bậc 4) on that day."""
    return achieved(person(*papers), "daklak-2020", "I2-2025", as_of, **readings) == 1


def days_held(days: list[str], *papers: Event, **readings: str) -> list[str]:
    return [day for day in days if holds(day, *papers, **readings)]


@pytest.mark.parametrize(
    ("level", "reason"), [(3, "level_too_low"), (4, "achieved"), (6, "achieved")]
)
def test_level_of_the_indicator_or_higher_counts(level: int, reason: str) -> None:
    row = row_of(person(made.certificate("S", KEY, level)), "A", "daklak-2020", "I2-2025")
    assert row is not None
    assert (row.reason, row.level, row.specialised) == (reason, level, False)


def test_level_zero_is_a_certificate_that_is_too_low() -> None:
    assert reason_of(person(made.certificate("S", KEY, 0)), "A", "daklak-2020", "I2-2025") == (
        "level_too_low"
    )
    assert reason_of(person(), "A", "daklak-2020", "I2-2025") == "no_certificate"


def test_best_of_several_counts() -> None:
    papers = [made.certificate("S1", KEY, 3), made.certificate("S2", KEY, 5, language="fr")]
    row = row_of(person(*papers), "A", "daklak-2020", "I2-2025")
    assert row is not None
    assert (row.state, row.level) == ("achieved", 5)


def test_certificate_counts_from_its_day_of_issue() -> None:
    paper = made.certificate("S", KEY, 4, "2024-03-01")
    assert days_held(["2024-02-29", "2024-03-01", "2031-01-01"], paper) == [
        "2024-03-01",
        "2031-01-01",
    ]


def test_revocation_from_decision_ends_it_the_day_before() -> None:
    papers = made.certificate("S", KEY, 4, "2024-03-01"), made.revoked("S", KEY, "2025-02-10")
    assert days_held(["2025-02-09", "2025-02-10"], *papers) == ["2025-02-09"]


def test_revocation_from_issue_leaves_no_day() -> None:
    papers = (
        made.certificate("S", KEY, 4, "2024-03-01"),
        made.revoked("S", KEY, "2025-02-10", "from_issue"),
    )
    assert days_held(["2024-03-01", "2025-02-09", "2025-02-10"], *papers) == []


def test_supersession_ends_the_old_and_the_re_mark_counts_from_its_own_issue() -> None:
    papers = (
        made.certificate("S1", KEY, 4, "2024-03-01"),
        made.superseded("S1", KEY, "2024-05-10", by="S2"),
        made.certificate("S2", KEY, 3, "2024-05-12", supersedes="S1"),
    )
    assert days_held(["2024-05-09", "2024-05-10", "2024-05-12"], *papers) == ["2024-05-09"]
    assert reason_of(person(*papers), "A", "daklak-2020", "I2-2025", "2024-05-11") == (
        "no_certificate"
    )
    assert reason_of(person(*papers), "A", "daklak-2020", "I2-2025", "2024-05-12") == (
        "level_too_low"
    )


def test_re_mark_upward_counts_from_the_new_certificate() -> None:
    papers = (
        made.certificate("S1", KEY, 3, "2024-03-01"),
        made.superseded("S1", KEY, "2024-05-10", by="S2"),
        made.certificate("S2", KEY, 4, "2024-05-10", supersedes="S1"),
    )
    assert days_held(["2024-05-09", "2024-05-10"], *papers) == ["2024-05-10"]


def test_re_mark_that_earns_nothing_leaves_nothing() -> None:
    papers = made.certificate("S1", KEY, 4, "2024-03-01"), made.superseded("S1", KEY, "2024-05-10")
    assert days_held(["2024-05-09", "2024-05-10"], *papers) == ["2024-05-09"]


def test_reissue_counts_from_the_originals_day_of_issue() -> None:
    papers = (
        made.certificate("S1", KEY, 4, "2022-03-01"),
        made.superseded("S1", KEY, "2024-05-10", by="S2"),
        made.certificate("S2", KEY, 4, "2024-05-20", supersedes="S1", counts_from="2022-03-01"),
    )
    days = ["2022-03-01", "2024-05-09", "2024-05-10", "2024-05-15", "2024-05-20"]
    assert days_held(days, *papers) == days


def test_earliest_of_several_ends_counts() -> None:
    papers = (
        made.certificate("S", KEY, 4, "2024-03-01"),
        made.superseded("S", KEY, "2025-01-01"),
        made.revoked("S", KEY, "2024-06-01"),
    )
    assert days_held(["2024-05-31", "2024-06-01"], *papers) == ["2024-05-31"]


def test_certificate_that_comes_before_its_holders_roster_counts_once_the_roster_is_there() -> None:
    paper = made.certificate("S", KEY, 4)
    post = made.assignment("H15.03", "public_employee")
    events = [paper, *DAKLAK]
    assert counted(events, "daklak-2020", "I2-2025").status == "no_population"
    assert achieved([*events, made.official("A", post)], "daklak-2020", "I2-2025") == 1


def test_evidence_counts_from_its_date_once_accepted_never_from_the_acceptance() -> None:
    paper = made.evidence("E", KEY, 4, "2023-03-01", decided_on="2025-06-01")
    assert days_held(["2023-02-28", "2023-03-01"], paper) == ["2023-03-01"]


def test_evidence_that_was_only_filed_counts_for_nothing() -> None:
    assert not holds("2025-12-31", made.evidence_recorded("E", KEY))


def test_withdrawn_evidence_counts_to_the_day_before_the_decision() -> None:
    papers = made.evidence("E", KEY, 4, "2023-03-01"), made.withdrawn("E", KEY, "2024-09-01")
    assert days_held(["2024-08-31", "2024-09-01"], *papers) == ["2024-08-31"]


# --- languages ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "counts"),
    [
        ("en", True),
        ("zh", True),
        ("lo", True),
        ("km", True),
        ("tyz", False),
        ("vi", False),
        ("qqq", False),
    ],
)
def test_only_foreign_languages_count_and_minority_languages_never(
    language: str, counts: bool
) -> None:
    assert holds("2025-12-31", made.certificate("S", KEY, 4, language=language)) is counts


@pytest.mark.parametrize(
    ("kind", "test", "counts"),
    [
        ("foreign_certificate", None, True),
        ("framework_certificate", None, True),
        ("manual_decision", "a test", True),
        ("manual_decision", None, False),
        ("language_degree", None, False),
    ],
)
def test_khmer_counts_only_under_a_foreign_language_framework_or_test(
    kind: str, test: str | None, counts: bool
) -> None:
    paper = made.evidence("E", KEY, 4, kind=kind, language="km", test=test)
    assert holds("2025-12-31", paper) is counts
    other = made.evidence("E", KEY, 4, kind=kind, language="ja", test=test)
    assert holds("2025-12-31", other)


# --- identity -----------------------------------------------------------------------------------


def test_certificate_with_another_birth_date_does_not_count() -> None:
    assert holds("2025-12-31", made.certificate("S", KEY, 4, birth_check=CHECK))
    other = made.check_of(KEY, "1981-05-05")
    assert not holds("2025-12-31", made.certificate("S", KEY, 4, birth_check=other))
    assert not holds("2025-12-31", made.evidence("E", KEY, 4, birth_check=other))


def test_birth_dates_are_compared_only_where_both_are_whole() -> None:
    assert holds("2025-12-31", made.certificate("S", KEY, 4, birth_check=None))
    events = person(made.certificate("S", KEY, 4, birth_check="any"), born="1980")
    assert achieved(events, "daklak-2020", "I2-2025") == 1


def test_settling_the_birth_date_on_the_roster_lets_the_certificate_count() -> None:
    right = "1981-05-05"
    paper = made.certificate("S", KEY, 4, birth_check=made.check_of(KEY, right))
    post = made.assignment("H15.03", "public_employee")
    corrected = made.official("A", post, born=right, version=2)
    assert achieved(person(paper), "daklak-2020", "I2-2025") == 0
    assert achieved([*person(paper), corrected], "daklak-2020", "I2-2025") == 1


def test_certificates_of_every_linked_identity_are_one_persons() -> None:
    former = "former-A"
    paper = made.certificate("S", former, 4, birth_check=made.check_of(former, BORN))
    link = made.linked("A", (KEY, CHECK), (former, made.check_of(former, BORN)))
    assert not holds("2025-12-31", paper)
    assert holds("2025-12-31", paper, link)


def test_linked_identity_is_compared_with_its_own_birth_check() -> None:
    former = "former-A"
    paper = made.certificate("S", former, 4, birth_check="other")
    link = made.linked("A", (KEY, CHECK), (former, made.check_of(former, BORN)))
    assert not holds("2025-12-31", paper, link)


def test_link_that_was_taken_back_matches_no_longer() -> None:
    former = "former-A"
    paper = made.certificate("S", former, 4)
    linked = made.linked("A", (KEY, CHECK), (former, None), version=1)
    unlinked = made.linked("A", (KEY, CHECK), version=2)
    assert holds("2025-12-31", paper, linked)
    assert not holds("2025-12-31", paper, linked, unlinked)


def test_current_record_wins_over_an_older_entry_of_the_linked_identities() -> None:
    paper = made.certificate("S", KEY, 4, birth_check=CHECK)
    stale = made.linked("A", (KEY, "stale"), ("former-A", None))
    assert holds("2025-12-31", paper, stale)


# --- specialised --------------------------------------------------------------------------------


def test_specialised_indicator_needs_both_and_shows_the_level_beside() -> None:
    events = person(made.certificate("S", KEY, 4))
    figure = counted(events, "daklak-2020", "I2-2030", "2030-12-31")
    assert figure.as_answer()["achieved"] == 0
    assert figure.as_answer()["level_only"] == {"achieved": 1, "percent": 100.0}
    assert reason_of(events, "A", "daklak-2020", "I2-2030", "2030-12-31") == (
        "no_specialised_evidence"
    )
    events.append(made.specialised_evidence("E", KEY, "2030-12-31"))
    assert achieved(events, "daklak-2020", "I2-2030", "2030-12-30") == 0
    assert achieved(events, "daklak-2020", "I2-2030", "2030-12-31") == 1


def test_specialised_evidence_proves_no_level_by_itself() -> None:
    events = person(made.specialised_evidence("E", KEY))
    row = row_of(events, "A", "daklak-2020", "I2-2030", "2030-12-31")
    assert row is not None
    assert (row.reason, row.level, row.specialised) == ("no_certificate", None, True)


def test_specialised_evidence_may_be_in_another_foreign_language_but_not_a_minority_one() -> None:
    certificate = made.certificate("S", KEY, 4)
    for language, count in (("ja", 1), ("tyz", 0)):
        evidence = made.specialised_evidence("E", KEY, language=language)
        events = person(certificate, evidence)
        assert achieved(events, "daklak-2020", "I2-2030", "2030-12-31") == count, language


def test_withdrawn_specialised_evidence_no_longer_counts() -> None:
    events = person(
        made.certificate("S", KEY, 4),
        made.specialised_evidence("E", KEY, "2023-01-01"),
        made.withdrawn("E", KEY, "2026-01-01"),
    )
    assert achieved(events, "daklak-2020", "I2-2030", "2025-12-31") == 1
    assert achieved(events, "daklak-2020", "I2-2030", "2026-01-01") == 0


def test_indicator_without_specialised_has_no_level_only() -> None:
    assert counted(person(), "daklak-2020", "I2-2025").as_answer()["level_only"] is None
    assert counted(person(), "cantho-2020", "I2-2030", agency="H15").level_only is None


# --- expiry -------------------------------------------------------------------------------------

UNEXPIRED = {"R9_achieved_at": "unexpired"}


def test_expiry_counts_only_under_r9_unexpired_and_valid_until_is_the_last_day() -> None:
    paper = made.certificate("S", KEY, 4, "2023-01-01", valid_until="2025-01-01")
    days = ["2025-01-01", "2025-01-02"]
    assert days_held(days, paper) == days
    assert days_held(days, paper, **UNEXPIRED) == ["2025-01-01"]


def test_r9_unexpired_without_a_printed_end_or_months_of_the_plan_never_expires() -> None:
    assert holds("2031-12-31", made.certificate("S", KEY, 4, "2019-01-01"), **UNEXPIRED)


@pytest.mark.parametrize(
    ("issued", "last_day", "next_day"),
    [
        ("2023-03-15", "2025-03-15", "2025-03-16"),
        ("2024-02-29", "2026-02-28", "2026-03-01"),
        ("2023-12-31", "2025-12-31", "2026-01-01"),
    ],
)
def test_r9_unexpired_uses_the_plans_months_for_the_test_where_nothing_is_printed(
    issued: str, last_day: str, next_day: str
) -> None:
    plan = with_validity(PLANS["daklak-2020"], {"IELTS": 24})
    events = person(made.evidence("E", KEY, 4, issued))
    assert achieved(events, plan, "I2-2025", last_day, **UNEXPIRED) == 1
    assert achieved(events, plan, "I2-2025", next_day, **UNEXPIRED) == 0
    assert achieved(events, plan, "I2-2025", next_day) == 1


def test_r9_printed_end_wins_over_the_plans_months_and_other_tests_are_untouched() -> None:
    plan = with_validity(PLANS["daklak-2020"], {"IELTS": 24, "VSTEP.3-5": 12})
    printed = person(made.evidence("E", KEY, 4, "2020-01-01", expires_on="2030-01-01"))
    other = person(made.evidence("E", KEY, 4, "2020-01-01", test="DELF"))
    certificate = person(made.certificate("S", KEY, 4, "2020-01-01"))
    assert achieved(printed, plan, "I2-2025", "2025-12-31", **UNEXPIRED) == 1
    assert achieved(other, plan, "I2-2025", "2025-12-31", **UNEXPIRED) == 1
    assert achieved(certificate, plan, "I2-2025", "2021-01-01", **UNEXPIRED) == 1
    assert achieved(certificate, plan, "I2-2025", "2021-01-02", **UNEXPIRED) == 0


def test_r9_months_of_a_reissue_run_from_the_day_it_counts_from() -> None:
    plan = with_validity(PLANS["daklak-2020"], {"VSTEP.3-5": 24})
    paper = made.certificate("S", KEY, 4, "2024-05-20", counts_from="2022-03-01")
    assert achieved(person(paper), plan, "I2-2025", "2024-03-01", **UNEXPIRED) == 1
    assert achieved(person(paper), plan, "I2-2025", "2024-03-02", **UNEXPIRED) == 0


def test_r9_unexpired_restricts_specialised_evidence_too() -> None:
    events = person(
        made.certificate("S", KEY, 4),
        made.specialised_evidence("E", KEY, "2023-01-01", expires_on="2025-01-01"),
    )
    assert achieved(events, "daklak-2020", "I2-2030", "2025-01-02") == 1
    assert achieved(events, "daklak-2020", "I2-2030", "2025-01-02", **UNEXPIRED) == 0


# --- figures ------------------------------------------------------------------------------------


def staff(total: int, holding: int) -> list[Event]:
    events = list(DAKLAK)
    for number in range(total):
        code = f"P{number}"
        events.append(made.official(code, made.assignment("H15.03", "public_employee")))
        if number < holding:
            events.append(made.certificate(f"S{number}", f"key-{code}", 4))
    return events


@pytest.mark.parametrize(
    ("total", "holding", "percent", "shortfall", "status"),
    [
        (3, 1, 33.33, 1, "not_met"),
        (3, 2, 66.67, 0, "met"),
        (8, 1, 12.5, 4, "not_met"),
        (16, 1, 6.25, 9, "not_met"),
        (5, 3, 60.0, 0, "met"),
        (160, 1, 0.63, 95, "not_met"),
        (32, 1, 3.13, 19, "not_met"),
    ],
)
def test_percent_is_rounded_half_up_and_shortfall_and_met_are_exact(
    total: int, holding: int, percent: float, shortfall: int, status: str
) -> None:
    answer = counted(staff(total, holding), "daklak-2020", "I2-2025").as_answer()
    assert (answer["percent"], answer["shortfall"], answer["status"]) == (
        percent,
        shortfall,
        status,
    )


def test_percent_that_rounds_up_to_the_requirement_is_not_yet_met() -> None:
    indicator = PLANS["daklak-2020"].indicator("I2-2025")
    assert indicator is not None
    nearly = Figure(indicator, Share(100_000, 59_999), None, None)
    assert nearly.as_answer()["percent"] == 60.0
    assert nearly.status == "not_met"
    assert nearly.shortfall == 1


def test_no_population_has_no_percent_no_shortfall_and_is_neither_met_nor_missed() -> None:
    answer = counted(DAKLAK, "daklak-2020", "I2-2030", "2030-12-31").as_answer()
    assert answer["percent"] is None
    assert answer["shortfall"] == 0
    assert answer["status"] == "no_population"
    assert answer["level_only"] == {"achieved": 0, "percent": None}


def test_figure_repeats_what_the_indicator_asks() -> None:
    answer = counted(staff(1, 1), "daklak-2020", "I2-2030").as_answer()
    assert answer["id"] == "I2-2030"
    assert answer["milestone"] == "2030-12-31"
    assert (answer["required_percent"], answer["required_level"]) == (70, 4)
    assert answer["specialised"] is True
    assert answer["focus"] is None
