"""What evidence can prove, and the level it is accepted at."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Final

from services.certification.evidence.errors import (
    EquivalenceSilent,
    EquivalenceTableUnknown,
    EvidenceDatesImpossible,
    EvidenceLevelRequired,
    EvidenceLevelUnexpected,
    LanguageUnknown,
)
from services.certification.faults import refusal
from services.certification.framework.documents import Languages
from services.certification.framework.equivalence import EquivalenceTable, derived_level
from shared.contracts.events import EvidenceKind
from shared.contracts.problem import Problem

SPECIALISED: Final[EvidenceKind] = "specialised_language"
OLDEST: Final = dt.date(1950, 1, 1)


def refusals_of_filing(
    dated: dt.date, expires_on: dt.date | None, birth_date: str, today: dt.date
) -> Iterator[Problem]:
    """Each ``evidence_dates_impossible``; ``birth_date`` is a day or a bare year."""
    if not OLDEST <= dated <= today:
        yield refusal(
            EvidenceDatesImpossible,
            "/dated",
            "ngày của minh chứng ở tương lai hoặc quá xa",
            "the evidence is dated in the future or too far back",
        )
    if not 1900 <= int(birth_date[:4]) < dated.year:
        yield refusal(
            EvidenceDatesImpossible,
            "/person/birth_date",
            "ngày sinh sau ngày của minh chứng hoặc không thể có",
            "the birth date follows the evidence or is absurd",
        )
    if expires_on is not None and expires_on < dated:
        yield refusal(
            EvidenceDatesImpossible,
            "/expires_on",
            "ngày hết hạn trước ngày của minh chứng",
            "it expires before it is dated",
        )


def judge_language(language: str, known: Languages) -> None:
    """Raises ``language_unknown``: evidence in no foreign language would be filed and never counted."""
    if language not in known.codes:
        raise refusal(
            LanguageUnknown,
            "/language",
            f"mã này không có trong danh mục ngoại ngữ ({known.source}); tiếng Anh là en",
            f"the code is not in the list of foreign languages ({known.source}); English is en",
        )


def judge_decision(decided_on: dt.date, not_before: dt.date, today: dt.date) -> None:
    if not not_before <= decided_on <= today:
        raise refusal(
            EvidenceDatesImpossible,
            "/decided_on",
            "ngày quyết định quá sớm hoặc ở tương lai",
            "the decision comes too early or lies in the future",
        )


def accepted_level(
    kind: str,
    language: str,
    test: str | None,
    scores: Mapping[str, float | str],
    stated: int | None,
    table_id: str | None,
    tables: Mapping[str, EquivalenceTable],
) -> int | None:
    """The level of an acceptance: the one it states, or that of the table it names; null only for
    specialised language. No table is applied unless it is named."""
    if kind == SPECIALISED:
        if stated is not None or table_id is not None:
            raise refusal(
                EvidenceLevelUnexpected,
                "/level",
                "minh chứng ngoại ngữ chuyên ngành không xác định bậc",
                "specialised-language evidence proves no level",
            )
        return None
    if table_id is None:
        if stated is None:
            raise refusal(
                EvidenceLevelRequired,
                "/level",
                "quyết định phải nêu bậc hoặc bảng quy đổi",
                "the decision must state a level or name an equivalence table",
            )
        return stated
    table = tables.get(table_id)
    if table is None:
        raise refusal(
            EquivalenceTableUnknown,
            "/equivalence_table",
            "không có bảng quy đổi này",
            "there is no such equivalence table",
        )
    derived = derived_level(table, language, test, scores)
    if derived is None or (stated is not None and stated != derived):
        found = "không có" if derived is None else str(derived)
        raise refusal(
            EquivalenceSilent,
            "/equivalence_table",
            f"bậc theo bảng quy đổi: {found}",
            f"level by the table: {'none' if derived is None else derived}",
        )
    return derived
