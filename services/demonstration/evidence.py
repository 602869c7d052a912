"""Foreign certificates, degrees, older certificates and specialised evidence, with what was decided about them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from random import Random
from typing import Any

from services.demonstration.attainment import Outcome
from services.demonstration.officials import LAST_KNOWN, Official
from services.demonstration.tree import HEALTH, SCHOOLS, Sector
from shared.contracts.events import EvidenceKind

EQUIVALENCE = "TT23-2021"


@dataclass(frozen=True, slots=True)
class Decision:
    number: str
    decided_on: dt.date


@dataclass(frozen=True, slots=True)
class Acceptance:
    decision: Decision
    level: int | None
    """Given by the decision itself; null where the evidence proves none or a table derives it."""
    equivalence_table: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    filed_by: str
    official: Official
    kind: EvidenceKind
    language: str
    dated: dt.date
    test: str | None = None
    certificate_number: str | None = None
    issued_by: str | None = None
    expires_on: dt.date | None = None
    scores: dict[str, Any] | None = None
    degree: str | None = None
    field: str | None = None
    acceptance: Acceptance | None = None
    """None: not decided yet."""
    withdrawal: Decision | None = None
    level: int | None = None
    """What it proves once accepted."""

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What tells two papers apart."""
        return (
            *(self.official.citizen_id, self.kind, self.dated.isoformat()),
            self.certificate_number or "",
        )

    def as_row(self) -> dict[str, Any]:
        official = self.official
        row: dict[str, Any] = {
            "person": {
                "citizen_id": official.citizen_id,
                "full_name": official.full_name,
                "birth_date": official.born.isoformat(),
            },
            "kind": self.kind,
            "language": self.language,
            "dated": self.dated.isoformat(),
        }
        optional: dict[str, Any] = {
            "test": self.test,
            "certificate_number": self.certificate_number,
            "issued_by": self.issued_by,
            "expires_on": self.expires_on and self.expires_on.isoformat(),
            "scores": self.scores,
            "degree": self.degree,
            "field": self.field,
        }
        return row | {name: value for name, value in optional.items() if value is not None}


@dataclass(frozen=True, slots=True)
class _Test:
    name: str
    language: str
    issued_by: str
    lasts_two_years: bool
    three: tuple[Any, ...]
    """Scores that the table puts at level 3."""
    four: tuple[Any, ...]
    weight: int


def _overall(*values: float) -> tuple[dict[str, float], ...]:
    return tuple({"overall": value} for value in values)


_TESTS = (
    _Test("IELTS", "en", "British Council", True, _overall(4.0, 4.5, 5.0),
          _overall(5.5, 6.0, 6.5, 7.0), 10),
    _Test("TOEFL iBT", "en", "ETS", True, _overall(34, 41), _overall(52, 61, 78, 90), 3),
    _Test("TOEIC", "en", "IIG Việt Nam", True,
          ({"listening": 310, "reading": 295, "speaking": 130, "writing": 130},),
          ({"listening": 420, "reading": 400, "speaking": 160, "writing": 160},
           {"listening": 445, "reading": 415, "speaking": 170, "writing": 170}), 4),
    _Test("HSK", "zh", "Trung tâm khảo thí Hán ngữ", True, ({"grade": "HSK 3"},),
          ({"grade": "HSK 4"},), 2),
    _Test("JLPT", "ja", "Japan Foundation", False, ({"grade": "N4"},), ({"grade": "N3"},), 2),
    _Test("DELF", "fr", "France Éducation international", False, ({"grade": "B1"},),
          ({"grade": "B2"},), 1),
    _Test("TOPIK", "ko", "NIIED", True, ({"grade": "TOPIK 3"},), ({"grade": "TOPIK 4"},), 1),
)  # fmt: skip


class EvidenceFiles:
    """Papers of one place."""

    def __init__(self, place: str, top: str) -> None:
        self.random = Random(f"bac evidence {place}")
        self.place = place
        self.top = top
        """Body on whose behalf the authority decides."""
        self.filed: list[Evidence] = []

    def level_paper(self, official: Official, reached: Outcome, filed_by: str) -> None:
        """A paper other than an exam here that shows the level the person reached."""
        random = self.random
        dated = self._day(official)
        drawn = random.random()
        number = f"DEMO-{random.randrange(10**7):07d}"
        if reached == 5 or drawn < 0.08:
            kind: EvidenceKind = "language_degree" if reached >= 4 else "old_national_certificate"
            level = 5 if reached >= 4 else 3
            self._file(
                filed_by=filed_by,
                official=official,
                kind=kind,
                language="en",
                dated=dated,
                degree="Cử nhân Ngôn ngữ Anh" if level == 5 else None,
                test=None if level == 5 else "Chứng chỉ C (QĐ 177/1993)",
                certificate_number=number,
                issued_by="Cơ sở đào tạo (minh họa)",
                level=level,
                derived=False,
            )
        elif drawn < 0.2:
            self._file(
                filed_by=filed_by,
                official=official,
                kind="framework_certificate",
                language="en",
                dated=dated,
                test="VSTEP.3-5",
                certificate_number=number,
                issued_by="Cơ sở tổ chức thi khác (minh họa)",
                level=int(reached),
                derived=False,
            )
        else:
            test = random.choices(_TESTS, [one.weight for one in _TESTS])[0]
            expires = None
            if test.lasts_two_years:
                expires = dated.replace(year=dated.year + 2) - dt.timedelta(days=1)
            self._file(
                filed_by=filed_by,
                official=official,
                kind="foreign_certificate",
                language=test.language,
                dated=dated,
                test=test.name,
                certificate_number=number,
                issued_by=test.issued_by,
                expires_on=expires,
                scores=random.choice(test.three if reached == 3 else test.four),
                level=int(reached),
                derived=True,
            )

    def specialised_paper(self, official: Official, sector: Sector, filed_by: str) -> None:
        field = (
            "Tiếng Anh y khoa"
            if sector in HEALTH
            else "Tiếng Anh chuyên ngành giáo dục"
            if sector in SCHOOLS
            else "Tiếng Anh hành chính"
        )
        self._file(
            filed_by=filed_by,
            official=official,
            kind="specialised_language",
            language="en",
            dated=self._day(official, first_year=2022),
            certificate_number=f"DEMO-CN-{self.random.randrange(10**6):06d}",
            issued_by="Cơ sở đào tạo (minh họa)",
            field=field,
            level=None,
            derived=False,
        )

    def _file(self, *, level: int | None, derived: bool, dated: dt.date, **paper: Any) -> None:
        random = self.random
        acceptance = withdrawal = None
        if random.random() < 0.93:
            decision = self._decision(dated)
            table = EQUIVALENCE if derived else None
            acceptance = Acceptance(decision, None if derived else level, table)
            late = decision.decided_on + dt.timedelta(days=random.randrange(60, 300))
            if random.random() < 0.012 and late < LAST_KNOWN:
                withdrawal = Decision(f"{late.year}-RUT-{self.place.upper()}/QĐ-MINHHOA", late)
        self.filed.append(
            Evidence(
                **paper, dated=dated, level=level, acceptance=acceptance, withdrawal=withdrawal
            )
        )

    def _decision(self, dated: dt.date) -> Decision:
        """Papers of a half-year are accepted by one decision at its end."""
        for year in range(dated.year, 2027):
            for half, day in ((1, dt.date(year, 6, 25)), (2, dt.date(year, 12, 20))):
                if day > dated and day < LAST_KNOWN:
                    return Decision(f"{year}-{half}-CN-{self.place.upper()}/QĐ-MINHHOA", day)
        day = dt.date(2026, 10, 15)
        return Decision(f"2026-2-CN-{self.place.upper()}/QĐ-MINHHOA", day)

    def _day(self, official: Official, first_year: int = 2019) -> dt.date:
        first = max(official.assignments[0].valid_from, dt.date(first_year, 2, 1))
        last = min(official.last.valid_to or LAST_KNOWN, dt.date(2026, 9, 20))
        first = min(first, last - dt.timedelta(days=30))
        days = (last - first).days
        day = first + dt.timedelta(days=int(days * self.random.random() ** 0.7))
        return day.replace(day=min(day.day, 28))
