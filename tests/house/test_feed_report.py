"""What `bac feed faults` prints of a followed feed."""

from __future__ import annotations

from services.command.feed_report import fault_lines

FEED = {"feed": "enrolment", "position": 12, "moved_at": "2026-11-28T01:00:00Z", "set_aside": []}


def test_a_feed_that_goes_on_has_nothing_to_show() -> None:
    assert fault_lines("targets", {**FEED, "stuck": None}) == []


def test_a_stuck_event_is_named_with_its_place_and_a_refused_feed_without() -> None:
    stuck = {"type": "t", "subject": "H56", "error": "KeyError", "since": "2026-11-28T01:00:00Z"}
    (line,) = fault_lines("targets", {**FEED, "stuck": {**stuck, "position": 13}})
    assert "targets follows enrolment: STUCK at position 13" in line
    assert "t of H56 (KeyError)" in line
    (line,) = fault_lines("targets", {**FEED, "stuck": {**stuck, "position": None}})
    assert "refused as a whole" in line
    assert "position" not in line


def test_an_event_set_aside_is_shown_with_who_decided_and_why() -> None:
    aside = {
        "position": 13, "type": "t", "subject": "H56", "error": None, "reason": "fault 312",
        "decided_by": "an.admin", "passed": True, "asked_again": False,
    }  # fmt: skip
    (line,) = fault_lines("targets", {**FEED, "stuck": None, "set_aside": [aside]})
    assert line.endswith("position 13 set aside: t of H56; fault 312 (by an.admin)")
    (line,) = fault_lines(
        "targets", {**FEED, "stuck": None, "set_aside": [{**aside, "passed": False}]}
    )
    assert "to be set aside" in line
