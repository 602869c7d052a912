"""Every row stands before the services' own rules, without a doubt being raised about one."""

from __future__ import annotations

import datetime as dt
import json
from collections import defaultdict

import msgspec
import pytest

from services.certification.evidence.acceptance import accepted_level, refusals_of_filing
from services.certification.framework.documents import Rulebook
from services.certification.sheets.judging import Judge
from services.certification.sheets.schemas import ResultBody
from services.demonstration.example_session import example_sheets
from services.demonstration.places import HEALTH_CENTRE, PLACES
from services.enrolment.directory.agencies.submissions import AgencyRow, doubts_about, problems_of
from services.enrolment.directory.agencies.tree import Version, faults
from services.enrolment.directory.officials.rows import OfficialRow
from services.enrolment.directory.officials.submission import submission
from shared.security.person_key import PersonKeys
from tests.unit.demonstration.told import level_of

TODAY = dt.date(2026, 11, 23)
KEYS = PersonKeys(b"k" * 32)


@pytest.fixture(scope="module")
def rulebook() -> Rulebook:
    return Rulebook.load()


def test_bodies_are_rows_of_the_agency_import(demonstration):
    history = defaultdict(list)
    for code in (*(place.root for place in PLACES), HEALTH_CENTRE):
        history[code].append(Version(dt.date(2004, 1, 1), None, None, "state", None))
    for version in demonstration.agencies:
        row = msgspec.convert(version.as_row(), AgencyRow)
        assert problems_of(row) == doubts_about(row) == []
        history[row.code].append(
            Version(row.valid_from, row.valid_to, row.parent_code, row.system, row.bloc)
        )
    assert faults(list(history), history) == []


def test_officials_are_rows_of_the_roster_import(demonstration):
    for official in demonstration.officials:
        made = submission(msgspec.convert(official.as_row(), OfficialRow), KEYS)
        assert made.problems == made.warnings == []


def test_sheets_are_judged_as_meant(demonstration, rulebook):
    judge = Judge(rulebook, KEYS)
    for sheet in [*demonstration.sheets, *example_sheets(demonstration)]:
        body = msgspec.json.decode(json.dumps(sheet.as_row()), type=ResultBody)
        assert judge(body, TODAY).judged.level == level_of(sheet.halves)


def test_evidence_is_accepted_at_the_level_it_was_made_for(demonstration, rulebook):
    tables = rulebook.equivalence_tables
    for place in demonstration.places:
        for paper in place.evidence:
            born = paper.official.born.isoformat()
            assert not [*refusals_of_filing(paper.dated, paper.expires_on, born, TODAY)]
            if paper.acceptance is None:
                continue
            level = accepted_level(
                *(paper.kind, paper.language, paper.test, paper.scores or {}),
                *(paper.acceptance.level, paper.acceptance.equivalence_table, tables),
            )
            assert level == paper.level
