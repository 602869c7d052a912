"""Exam sessions since 2020 with their results, re-markings and revocations."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any, Literal

from services.demonstration.attainment import Outcome
from services.demonstration.officials import LAST_KNOWN, Official

FORMAT = "VSTEP.3-5"
SKILLS = ("listening", "reading", "writing", "speaking")
ISSUED_AFTER_DAYS = 21
_SUMS: dict[Outcome, tuple[int, int]] = {0: (16, 29), 3: (30, 45), 4: (46, 65), 5: (66, 76)}
"""Sums of the four skills that give each level, in half points (a mean of 3.75 rounds up to 4.0)."""


@dataclass(frozen=True, slots=True)
class Session:
    institution: str
    code: str
    held_on: dt.date

    @property
    def issued_on(self) -> dt.date:
        return self.held_on + dt.timedelta(days=ISSUED_AFTER_DAYS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """The sheet of one candidate."""

    session: Session
    number: str
    identity: dict[str, str]
    full_name: str
    birth_date: dt.date
    halves: tuple[int, int, int, int] | None
    """Half points in the order of SKILLS; none for somebody who was not present."""
    attendance: Literal["present", "absent", "excused", "suspended"] = "present"
    official_code: str | None = None

    @property
    def key(self) -> tuple[str, str]:
        return (self.session.code, self.number)

    def as_row(self) -> dict[str, Any]:
        candidate: dict[str, Any] = {
            "number": self.number,
            **self.identity_fields,
            "full_name": self.full_name,
            "birth_date": self.birth_date.isoformat(),
        }
        if self.attendance != "present":
            candidate["attendance"] = self.attendance
        row: dict[str, Any] = {
            "institution_code": self.session.institution,
            "exam_session": {
                "code": self.session.code,
                "held_on": self.session.held_on.isoformat(),
            },
            "format": FORMAT,
            "language": "en",
            "candidate": candidate,
            "scores": scores(self.halves),
        }
        if self.halves is not None:
            row["issued_on"] = self.session.issued_on.isoformat()
        return row

    @property
    def identity_fields(self) -> dict[str, Any]:
        if self.identity["type"] == "citizen_id":
            return {"citizen_id": self.identity["number"]}
        return {"identity": self.identity}


@dataclass(frozen=True, slots=True)
class Remarking:
    """A re-marking (phúc khảo) of one sheet."""

    sheet: Sheet
    halves: tuple[int, int, int, int]
    decision_number: str
    decided_on: dt.date


@dataclass(frozen=True, slots=True)
class Revocation:
    sheet: Sheet
    reason_code: str
    decision_number: str
    decided_on: dt.date
    effect: Literal["from_decision", "from_issue"]


@dataclass(slots=True)
class ExamRecords:
    sheets: list[Sheet] = field(default_factory=list)
    remarkings: list[Remarking] = field(default_factory=list)
    revocations: list[Revocation] = field(default_factory=list)


def scores(halves: tuple[int, int, int, int] | None) -> dict[str, float | None]:
    if halves is None:
        return dict.fromkeys(SKILLS)
    return {skill: value / 2 for skill, value in zip(SKILLS, halves, strict=True)}


def sessions_of(institution: str, first_year: int = 2020) -> list[Session]:
    """Three sessions a year, the last in autumn 2026."""
    random = Random(f"bac sessions {institution}")
    found = []
    for year in range(first_year, 2027):
        for month in (4, 7, 11) if year < 2026 else (4, 7, 9):
            day = dt.date(year, month, random.randint(8, 28))
            day += dt.timedelta(days=(5 - day.weekday()) % 7)
            code = f"DEMO-{institution}-{year}-{month:02d}"
            found.append(Session(institution, code, day))
    return [one for one in found if one.issued_on < LAST_KNOWN]


class Exams:
    """Sends people to sessions and marks their papers."""

    def __init__(self, place: str, institution: str, first_day: dt.date) -> None:
        self.random = Random(f"bac exams {place}")
        self.place = place
        self.sessions = [one for one in sessions_of(institution) if one.held_on >= first_day]
        self.records = ExamRecords()
        self._taken: dict[str, int] = {}

    def sit(self, official: Official, reached: Outcome, *, by_exam: bool) -> Sheet | None:
        """All exams of one person; returns the sheet that shows the best level, if an exam does.

        ``by_exam`` false: the level comes from another paper, so that exams only show lower ones.
        """
        random = self.random
        employed_to = official.last.valid_to or LAST_KNOWN
        first = max(official.assignments[0].valid_from, dt.date(2020, 1, 1))
        open_to = [one for one in self.sessions if first <= one.held_on <= employed_to]
        if not open_to:
            return None
        levels: list[Outcome] = []
        if reached == 0 or not by_exam:
            levels = [0] if random.random() < (0.2 if reached == 0 else 0.05) else []
        elif reached == 3:
            levels = [0, 3] if random.random() < 0.15 else [3]
        else:
            drawn = random.random()
            levels = [3, reached] if drawn < 0.22 else [0, reached] if drawn < 0.28 else [reached]
        # Later sessions are larger: the plans began slowly.
        weights = [3 + (one.held_on.year - 2020) for one in open_to]
        chosen = sorted(
            {random.choices(open_to, weights)[0] for _ in levels}, key=lambda one: one.held_on
        )
        best = None
        for session, level in zip(chosen, levels[-len(chosen) :] if chosen else [], strict=True):
            best = self._sheet(session, official, level)
        if random.random() < 0.02:
            others = [one for one in open_to if one not in chosen]
            if others:
                self._sheet(random.choice(others), official, None)
        return best if best is not None and by_exam and reached else None

    def _sheet(self, session: Session, official: Official, level: Outcome | None) -> Sheet:
        old_card = official.former_card is not None and session.held_on.year < 2022
        identity = (
            {"type": "cmnd9", "country": "VN", "number": str(official.former_card)}
            if old_card
            else {"type": "citizen_id", "country": "VN", "number": official.citizen_id}
        )
        attendance: Literal["present", "absent", "excused", "suspended"] = "present"
        if level is None:
            attendance = self.random.choices(("absent", "excused", "suspended"), (8, 3, 1))[0]
        sheet = Sheet(
            session=session,
            number=self._number(session),
            identity=identity,
            full_name=official.full_name,
            birth_date=official.born,
            halves=None if level is None else halves(self.random, level),
            attendance=attendance,
            official_code=official.code,
        )
        self.records.sheets.append(sheet)
        return sheet

    def _number(self, session: Session) -> str:
        given = self._taken.get(session.code, 0) + 1
        self._taken[session.code] = given
        return f"{self.place.upper()}{given:04d}"

    def outsiders(self, people: list[tuple[str, str, dt.date]]) -> None:
        """Candidates who are on no roster: citizen number, name, birth date."""
        for citizen_id, name, born in people:
            session = self.random.choice(self.sessions)
            level: Outcome = self.random.choices((0, 3, 4), (2, 4, 3))[0]
            self.records.sheets.append(
                Sheet(
                    session=session,
                    number=self._number(session),
                    identity={"type": "citizen_id", "country": "VN", "number": citizen_id},
                    full_name=name,
                    birth_date=born,
                    halves=halves(self.random, level),
                )
            )

    def afterwards(self, *, wrong_births: int, remarkings: int, revocations: int) -> None:
        """A few sheets with a wrong birth date, re-marked papers and certificates taken back."""
        sheets = self.records.sheets
        random = self.random
        certified = [
            number
            for number, one in enumerate(sheets)
            if one.halves is not None and sum(one.halves) >= 30 and one.official_code
        ]
        random.shuffle(certified)
        for number in certified[:wrong_births]:
            born = sheets[number].birth_date
            sheets[number] = replace(sheets[number], birth_date=born + dt.timedelta(days=31))
        rest = certified[wrong_births:]
        nearly = [n for n in rest if sum(sheets[n].halves or ()) in (45, 46)][:remarkings]
        for count, number in enumerate(nearly, 1):
            sheet = sheets[number]
            assert sheet.halves is not None
            up = 1 if sum(sheet.halves) == 45 else -1
            listening, reading, writing, speaking = sheet.halves
            self.records.remarkings.append(
                Remarking(
                    sheet,
                    (listening, reading, writing + up, speaking),
                    f"{count:02d}-PK-{self.place.upper()}/QĐ-MINHHOA",
                    sheet.session.issued_on + dt.timedelta(days=30),
                )
            )
        left = [n for n in rest if n not in nearly and sheets[n].session.held_on.year < 2026]
        reasons: tuple[tuple[str, Literal["from_decision", "from_issue"]], ...] = (
            ("fraud", "from_issue"),
            ("fraud", "from_decision"),
            ("issued_in_error", "from_decision"),
        )
        for count, number in enumerate(left[:revocations], 1):
            reason, effect = reasons[count % len(reasons)]
            issued = sheets[number].session.issued_on
            self.records.revocations.append(
                Revocation(
                    sheets[number],
                    reason,
                    f"{count:02d}-TH-{self.place.upper()}/QĐ-MINHHOA",
                    min(issued + dt.timedelta(days=random.randrange(120, 500)), LAST_KNOWN),
                    effect,
                )
            )


def halves(random: Random, level: Outcome) -> tuple[int, int, int, int]:
    """Scores on the grid whose sum gives that level; most lie near the lower end of its band."""
    low, high = _SUMS[level]
    total = round(random.triangular(low, high, low + (high - low) * 0.35))
    skills = [total // 4 + (index < total % 4) for index in range(4)]
    random.shuffle(skills)
    for _ in range(6):
        giver, taker = random.sample(range(4), 2)
        if skills[giver] > 2 and skills[taker] < 19:
            skills[giver] -= 1
            skills[taker] += 1
    return (skills[0], skills[1], skills[2], skills[3])
