"""Invented officials with their histories: appointments, transfers, retirements and the moves of 2025."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field
from random import Random
from typing import Any

from services.demonstration.identities import IdentityNumbers
from services.demonstration.names import Sex, full_name
from services.demonstration.posts import (
    LANGUAGE_TEACHERS,
    Post,
    field_needs_language,
    heads_of,
    staff_post,
)
from services.demonstration.tree import (
    DISTRICTS_ENDED,
    NEW_MAP,
    SCHOOLS,
    Sector,
    Tree,
    Workplace,
)
from shared.contracts.events import Posting

LAST_KNOWN = dt.date(2026, 11, 1)
"""Nothing in the demonstration happens later, so that it can be loaded on any day after."""
_DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    agency_code: str
    post: Post
    valid_from: dt.date
    valid_to: dt.date | None
    basis: str | None = None
    """Why the post requires a language (area, field, both); none: it does not."""
    posting: Posting = "regular"
    primary: bool = True
    attributes: tuple[str, ...] = ()

    def as_row(self) -> dict[str, Any]:
        row: dict[str, Any] = {
            "agency_code": self.agency_code,
            "status": self.post.status,
            "position_title": self.post.title,
            "leadership": self.post.leadership,
            "requires_language": self.basis is not None,
            "posting": self.posting,
            "primary": self.primary,
            "valid_from": self.valid_from.isoformat(),
            "valid_to": self.valid_to and self.valid_to.isoformat(),
        }
        if self.basis:
            row["requires_language_basis"] = self.basis
        if self.attributes:
            row["attributes"] = dict.fromkeys(self.attributes, True)
        return row


@dataclass(frozen=True, slots=True, kw_only=True)
class Official:
    code: str
    place: str
    citizen_id: str
    former_card: str | None
    full_name: str
    born: dt.date
    only_year_known: bool
    sex: Sex
    assignments: tuple[Assignment, ...]
    """In order of their first day; primary ones never overlap."""
    absences: tuple[tuple[str, dt.date, dt.date], ...]
    attributes: dict[str, Any] = field(hash=False)

    def primary_on(self, day: dt.date) -> Assignment | None:
        for one in self.assignments:
            if one.primary and one.valid_from <= day and (not one.valid_to or one.valid_to >= day):
                return one
        return None

    @property
    def last(self) -> Assignment:
        return [one for one in self.assignments if one.primary][-1]

    def as_row(self) -> dict[str, Any]:
        """A row of the roster import."""
        row: dict[str, Any] = {
            "official_code": self.code,
            "record_code": self.code.replace("DEMO-", "DEMO-HS-"),
            "citizen_id": self.citizen_id,
            "full_name": self.full_name,
            "birth_date": str(self.born.year) if self.only_year_known else self.born.isoformat(),
            "sex": self.sex,
            "assignments": [one.as_row() for one in self.assignments],
        }
        if self.former_card:
            row["former_identities"] = [
                {"type": "cmnd9", "country": "VN", "number": self.former_card}
            ]
        if self.absences:
            row["absences"] = [
                {"kind": kind, "valid_from": first.isoformat(), "valid_to": last.isoformat()}
                for kind, first, last in self.absences
            ]
        if self.attributes:
            row["attributes"] = self.attributes
        return row


@dataclass(frozen=True, slots=True)
class _Stay:
    workplace: Workplace
    post: Post
    first: dt.date
    last: dt.date | None


class Roster:
    """Fills the workplaces of one place."""

    def __init__(
        self,
        place: str,
        letters: str,
        tree: Tree,
        numbers: IdentityNumbers,
        minority: str = "",
        minority_share: float = 0.0,
    ) -> None:
        self.place = place
        self.letters = letters
        self.tree = tree
        self.numbers = numbers
        self.minority = minority
        self.minority_share = minority_share
        self.random = Random(f"bac officials {place}")
        self.officials: list[Official] = []
        self._of_sector: dict[Sector, list[Workplace]] = defaultdict(list)
        for workplace in tree.workplaces.values():
            self._of_sector[workplace.sector].append(workplace)

    def build(self) -> list[Official]:
        for workplace in self.tree.workplaces.values():
            heads = heads_of(workplace.sector, workplace.since)
            if workplace.sector == "health_centre" and workplace.heads < 10:
                heads = (
                    Post("Giám đốc Trung tâm", "public_employee", "above_division"),
                    *(Post("Phó Giám đốc Trung tâm", "public_employee", "above_division"),) * 3,
                )
            for index in range(workplace.heads):
                young = workplace.since >= dt.date(2025, 3, 1)
                leader = heads[index] if index < len(heads) and not young else None
                self._fill(workplace, leader)
            self._outside_the_plans(workplace)
        return self.officials

    def _fill(self, workplace: Workplace, leader: Post | None) -> None:
        """A post with its holder and, when the holder leaves, the one who comes after."""
        random = self.random
        stays = self._life(workplace, leader, self._birth(workplace), None)
        gone = stays[-1].last
        if gone is None or random.random() > 0.8:
            return
        came = gone + dt.timedelta(days=random.randrange(1, 240))
        last = stays[-1].workplace
        if came < min(last.until or LAST_KNOWN, LAST_KNOWN):
            born = self._day(came.year - 31, came.year - 24)
            self._life(last, None, born, came)

    def _life(
        self, workplace: Workplace, leader: Post | None, born: dt.date, came: dt.date | None
    ) -> list[_Stay]:
        random = self.random
        sex: Sex = "female" if random.random() < _women(workplace.sector) else "male"
        first = came or self._hired(workplace, born)
        retires = _years_after(born, 61 if sex == "male" else 56, 3 if sex == "male" else 8)
        leaves = retires - _DAY if retires <= LAST_KNOWN else None
        if leaves is None and random.random() < 0.045:
            day = self._day(2019, 2026)
            leaves = day if first + 200 * _DAY < day < LAST_KNOWN else None
        moves = self._day(2018, 2026) if random.random() < 0.06 and leader is None else None
        if leaves is not None and leaves <= first:
            leaves = first + 400 * _DAY
        stays = self._stays(workplace, leader, first, leaves, moves)
        self._register(stays, born, sex)
        return stays

    def _stays(
        self,
        workplace: Workplace,
        leader: Post | None,
        first: dt.date,
        leaves: dt.date | None,
        moves: dt.date | None,
    ) -> list[_Stay]:
        random = self.random
        stays: list[_Stay] = []
        post = staff_post(random, workplace.sector, first)
        if leader is not None:
            appointed = first + dt.timedelta(days=random.randrange(400, 3600))
            limit = min(workplace.until or dt.date(2025, 1, 1), leaves or dt.date.max)
            if appointed < limit:
                stays.append(_Stay(workplace, post, first, appointed - _DAY))
                first = appointed
            post = leader
        day = first
        while True:
            ends = [leaves, workplace.until]
            if moves is not None and moves > day + 200 * _DAY:
                ends.append(moves - _DAY)
            last = min((one for one in ends if one is not None), default=None)
            if last is not None and last < day:
                last = day
            stays.append(_Stay(workplace, post, day, last))
            if last is None or last == leaves or last >= LAST_KNOWN:
                return stays
            day = last + _DAY
            target = self._next(workplace, day, moved=last != workplace.until)
            if target is None:
                return stays
            if last != workplace.until:
                moves = None
            post = self._next_post(post, workplace, target, day)
            workplace = target

    def _next(self, workplace: Workplace, day: dt.date, *, moved: bool) -> Workplace | None:
        if moved:
            others = [
                one
                for one in self._of_sector[workplace.sector]
                if one is not workplace
                and one.since <= day
                and (one.until is None or one.until > day + 200 * _DAY)
            ]
            return self.random.choice(others) if others else None
        codes = [code for code, _ in workplace.destinations]
        weights = [weight for _, weight in workplace.destinations]
        code = self.random.choices(codes, weights)[0] if codes else ""
        return self.tree.workplaces[code] if code else None

    def _next_post(self, post: Post, old: Workplace, new: Workplace, day: dt.date) -> Post:
        random = self.random
        same = old.sector == new.sector
        commune = new.sector in ("commune", "commune_party")
        if same and not (commune and day == NEW_MAP):
            return post
        if post.leadership is None:
            return staff_post(random, new.sector, day)
        heads = heads_of(new.sector, day)
        if random.random() < 0.72:
            return random.choice(heads if len(heads) < 3 else heads[1:])
        return staff_post(random, new.sector, day)

    # --- from a life to a record ----------------------------------------------------------------

    def _register(self, stays: list[_Stay], born: dt.date, sex: Sex) -> None:
        random = self.random
        sector = stays[0].workplace.sector
        diplomat = sector == "foreign_affairs"
        teaches = random.random() < LANGUAGE_TEACHERS.get(sector, 0) and sector in SCHOOLS
        attributes: dict[str, Any] = {}
        on_assignment: list[str] = []
        if teaches and random.random() < 0.85:
            attributes["language_teacher"] = True
        elif teaches:
            on_assignment.append("language_teacher")
        if teaches or (diplomat and random.random() < 0.5):
            attributes["language_degree"] = True
        if diplomat:
            on_assignment.append("foreign_affairs")
            if "language_degree" in attributes:
                on_assignment.append("language_qualified_post")
        elif random.random() < 0.012:
            kind = random.choice(("language_degree", "foreign_taught_degree"))
            attributes[kind] = True
            attributes[f"{kind}_awarded_on"] = self._day(
                max(2010, born.year + 23), max(2022, born.year + 24)
            ).isoformat()
        # A title of the foreign-language teacher wins over the usual one.
        assignments = [
            self._assignment(stay, "Giáo viên ngoại ngữ" if teaches else None, tuple(on_assignment))
            for stay in stays
        ]
        assignments += self._second_posts(stays)
        self._record(assignments, born, sex, attributes, stays[0].workplace.province)

    def _record(
        self,
        assignments: list[Assignment],
        born: dt.date,
        sex: Sex,
        attributes: dict[str, Any],
        province: str,
    ) -> None:
        random = self.random
        if random.random() < 0.07:
            province = random.choice(("40", "38", "36", "42", "46", "49", "51", "79", "01"))
        former = born.year < 1988 and random.random() < 0.06
        absences = []
        first, last = assignments[0].valid_from, assignments[-1].valid_to or LAST_KNOWN
        if last - first > 900 * _DAY and random.random() < 0.02:
            away = last - dt.timedelta(days=random.randrange(200, 700))
            kind = random.choice(("maternity", "study") if sex == "female" else ("study", "sick"))
            absences.append((kind, away, away + 179 * _DAY))
        self.officials.append(
            Official(
                code=f"DEMO-{self.letters}-{len(self.officials) + 1:05d}",
                place=self.place,
                citizen_id=self.numbers.citizen_id(province, born, sex),
                former_card=self.numbers.old_card(province) if former else None,
                full_name=full_name(random, sex, self.minority, self.minority_share),
                born=born,
                only_year_known=born.year < 1972 and random.random() < 0.02,
                sex=sex,
                assignments=tuple(sorted(assignments, key=lambda one: one.valid_from)),
                absences=tuple(absences),
                attributes=attributes,
            )
        )

    def _assignment(
        self, stay: _Stay, title: str | None, attributes: tuple[str, ...]
    ) -> Assignment:
        post = stay.post
        if title is not None and post.leadership is None:
            post = Post(title, post.status)
        area = stay.workplace.language_area and stay.workplace.sector == "commune"
        by_field = field_needs_language(post.title)
        basis = "both" if area and by_field else "area" if area else "field" if by_field else None
        return Assignment(
            agency_code=stay.workplace.code,
            post=post,
            valid_from=stay.first,
            valid_to=stay.last,
            basis=basis,
            attributes=attributes,
        )

    def _second_posts(self, stays: list[_Stay]) -> list[Assignment]:
        """A secondment, or a Party post held beside the main one; neither moves membership."""
        random = self.random
        stay = stays[-1]
        last = stay.last or LAST_KNOWN
        code = f"{stay.workplace.code}.DANG"
        heads_commune = stay.workplace.sector == "commune" and stay.post.status == "cadre"
        if heads_commune and code in self.tree.workplaces and random.random() < 0.5:
            return [
                Assignment(
                    agency_code=code,
                    post=Post("Phó Bí thư Đảng ủy", "cadre", "division"),
                    valid_from=stay.first,
                    valid_to=stay.last,
                    posting="concurrent",
                    primary=False,
                )
            ]
        if random.random() > 0.012 or last - stay.first < 800 * _DAY:
            return []
        first = last - dt.timedelta(days=random.randrange(250, 600))
        others = [
            one
            for one in self.tree.workplaces.values()
            if one is not stay.workplace
            and one.since <= first
            and one.until is None
            and one.sector in ("department", "party", stay.workplace.sector)
        ]
        if not others:
            return []
        return [
            Assignment(
                agency_code=random.choice(others).code,
                post=Post(stay.post.title, stay.post.status),
                valid_from=first,
                valid_to=min(first + 364 * _DAY, last),
                posting="secondment",
                primary=False,
            )
        ]

    def _outside_the_plans(self, workplace: Workplace) -> None:
        """Contract staff and part-time people of communes: in the system, in no plan."""
        contracts = round(workplace.heads / 30)
        if workplace.sector == "commune" and workplace.until == DISTRICTS_ENDED:
            kind, title, count = "part_time_commune", "Người hoạt động không chuyên trách", 1
        else:
            kind, title, count = "contract_staff", "Nhân viên hỗ trợ, phục vụ", contracts
        for _ in range(count):
            born = self._day(1968, 1999)
            sex: Sex = "female" if self.random.random() < 0.5 else "male"
            first = self._hired(workplace, born)
            post = Post(title, kind)  # type: ignore[arg-type]
            self._record(
                [
                    Assignment(
                        agency_code=workplace.code,
                        post=post,
                        valid_from=first,
                        valid_to=workplace.until,
                    )
                ],
                *(born, sex, {}, workplace.province),
            )

    # --- days -----------------------------------------------------------------------------------

    def _birth(self, workplace: Workplace) -> dt.date:
        if workplace.since >= dt.date(2025, 3, 1):
            return self._day(1994, 2001)
        year = 2025 - int(self.random.triangular(25, 63, 37))
        return self._day(year, year)

    def _hired(self, workplace: Workplace, born: dt.date) -> dt.date:
        if workplace.since >= dt.date(2025, 3, 1):
            return self._day(2025, 2025).replace(month=self.random.choice((9, 10, 11, 12)))
        day = self._day(born.year + 23, born.year + 29)
        latest = min(dt.date(2024, 12, 1), (workplace.until or dt.date.max) - 300 * _DAY)
        return max(min(day, latest), workplace.since)

    def _day(self, first_year: int, last_year: int) -> dt.date:
        return dt.date(
            *(self.random.randint(first_year, last_year), self.random.randint(1, 12)),
            self.random.randint(1, 28),
        )


def _women(sector: Sector) -> float:
    if sector == "kindergarten":
        return 0.98
    if sector in SCHOOLS:
        return 0.68
    return 0.62 if sector in ("hospital", "health_centre", "health_station") else 0.42


def _years_after(born: dt.date, years: int, months: int) -> dt.date:
    """First day of the month after that age is reached."""
    month = born.month + months
    year = born.year + years + month // 12
    return dt.date(year, month % 12 + 1, 1)
