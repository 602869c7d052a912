"""Versions of the framework, and equivalence tables."""

from __future__ import annotations

import datetime as dt

import pytest

from services.certification.framework.documents import DocumentError, Rulebook
from services.certification.framework.equivalence import derived_level
from services.certification.framework.levels import framework_on
from shared.contracts.levels import CEFR

BOOK = Rulebook.load()


@pytest.mark.parametrize(
    ("day", "named", "expected"),
    [
        ("2014-03-15", None, None),
        ("2014-03-16", None, "KNLNNVN-2014"),
        ("2026-05-30", None, "KNLNNVN-2014"),
        ("2026-05-31", None, "KNLNNVN-2026"),
        ("2026-05-31", "KNLNNVN-2014", "KNLNNVN-2014"),
        ("2027-12-31", "KNLNNVN-2014", "KNLNNVN-2014"),
        ("2028-01-01", "KNLNNVN-2014", None),
        ("2026-05-30", "KNLNNVN-2026", None),
        ("2026-06-01", "KNLNNVN-1999", None),
    ],
)
def test_the_version_that_judges_an_exam(day: str, named: str | None, expected: str | None) -> None:
    found = framework_on(BOOK.frameworks, dt.date.fromisoformat(day), named)
    assert (found.code if found else None) == expected


def test_levels_keep_their_cefr_names_and_the_new_version_has_a_pre_level() -> None:
    old, new = BOOK.frameworks
    assert [level.level for level in old.levels] == [1, 2, 3, 4, 5, 6]
    assert [level.level for level in new.levels] == [0, 1, 2, 3, 4, 5, 6]
    assert new.levels[0].code == "PRE1"
    for framework in (old, new):
        assert {each.level: each.cefr for each in framework.levels}.items() <= CEFR.items()


@pytest.mark.parametrize(
    ("table", "language", "test", "scores", "level"),
    [
        ("TT23-2021", "en", "TOEFL iBT", {"overall": 50}, 4),
        ("OLD-MASTER-TABLE", "en", "TOEFL iBT", {"overall": 50}, 3),
        ("VNU-HN-2023", "en", "TOEFL iBT", {"overall": 50}, 3),
        ("TT23-2021", "en", "IELTS", {"overall": 4.0}, 3),
        ("VNU-HN-2023", "en", "IELTS", {"overall": 4.0}, None),
        ("TT23-2021", "en", "IELTS", {"overall": 9.0}, 4),
        ("TT23-2021", "fr", "IELTS", {"overall": 9.0}, None),
        ("TT23-2021", "en", "TOEFL ITP", {"overall": 600}, 3),
        ("TT23-2021", "en", "toeic", {"listening": 400, "reading": 385, "speaking": 160, "writing": 149}, 3),
        ("TT23-2021", "en", "TOEIC", {"listening": 495, "reading": 495, "speaking": 200}, None),
        ("TT23-2021", "ja", "JLPT", {"grade": "n3"}, 4),
        ("QD2383-2024", "en", "PTE Academic", {"overall": 85}, 6),
        ("QD925-2023", "en", "Aptis ESOL", {"grade": "C1"}, 5),
        ("CV3755-2016", "en", "QĐ 177/1993", {"grade": "C"}, 3),
        ("TT18-2021", "en", "IELTS", {"overall": 5.0}, None),
    ],
)  # fmt: skip
def test_a_named_table_gives_its_own_level(
    table: str, language: str, test: str, scores: dict[str, float | str], level: int | None
) -> None:
    assert derived_level(BOOK.equivalence_tables[table], language, test, scores) == level


def test_documents_that_contradict_themselves_are_refused(tmp_path) -> None:
    import shutil

    from services.certification.framework.documents import FOLDER

    for place, (name, old, new) in enumerate(
        (
            ("frameworks.yaml", "valid_to: 2026-05-30", "valid_to: 2026-06-30"),
            ("score_rules.yaml", "at_least: 6.0", "at_least: 6.3"),
            ("score_rules.yaml", "at_least: 6.0, level: 4", "at_least: 3.0, level: 4"),
            ("score_rules.yaml", "rounding: half_up", "rounding: half_even"),
            ("equivalence_tables.yaml", "- id: TT18-2021", "- id: TT23-2021"),
        )
    ):
        folder = tmp_path / str(place)
        shutil.copytree(FOLDER, folder)
        path = folder / name
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new, 1))
        with pytest.raises(DocumentError):
            Rulebook.load(folder)
