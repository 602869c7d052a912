"""Bodies as dated versions, and workplaces: where people of the demonstration are employed."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from shared.contracts.events import AgencyLevel, AgencySystem, Bloc, CommuneKind

BODIES_SINCE = dt.date(2012, 1, 1)
"""First day of every body that is not younger; histories begin here."""
DEPARTMENTS_MERGED = dt.date(2025, 3, 1)
DISTRICTS_ENDED = dt.date(2025, 6, 30)
NEW_MAP = dt.date(2025, 7, 1)

Sector = Literal[
    "department",
    "foreign_affairs",
    "vertical",
    "party",
    "front",
    "district",
    "district_party",
    "commune",
    "commune_party",
    "kindergarten",
    "primary_school",
    "lower_secondary_school",
    "upper_secondary_school",
    "college",
    "hospital",
    "health_centre",
    "health_station",
    "public_service",
]

SCHOOLS: frozenset[Sector] = frozenset(
    {
        "kindergarten",
        "primary_school",
        "lower_secondary_school",
        "upper_secondary_school",
        "college",
    }
)
HEALTH: frozenset[Sector] = frozenset({"hospital", "health_centre", "health_station"})


@dataclass(frozen=True, slots=True, kw_only=True)
class AgencyVersion:
    """A row of the agency import. ``valid_to`` is the last day in force."""

    code: str
    name: str
    kind: str
    parent_code: str | None
    level: AgencyLevel
    system: AgencySystem
    province_code: str
    valid_from: dt.date
    valid_to: dt.date | None = None
    commune_kind: CommuneKind | None = None
    predecessor_codes: tuple[str, ...] = ()
    bloc: Bloc | None = None
    central_vertical: bool = False

    def as_row(self) -> dict[str, Any]:
        row: dict[str, Any] = {
            "code": self.code,
            "name": self.name,
            "kind": self.kind,
            "parent_code": self.parent_code,
            "level": self.level,
            "system": self.system,
            "province_code": self.province_code,
            "valid_from": self.valid_from.isoformat(),
            "valid_to": self.valid_to and self.valid_to.isoformat(),
        }
        if self.commune_kind:
            row["commune_kind"] = self.commune_kind
        if self.predecessor_codes:
            row["predecessor_codes"] = list(self.predecessor_codes)
        if self.bloc:
            row["bloc"] = self.bloc
        if self.central_vertical:
            row["central_vertical"] = True
        return row


@dataclass(frozen=True, slots=True, kw_only=True)
class Workplace:
    """A body that employs people, from ``since`` to ``until``."""

    code: str
    sector: Sector
    heads: int
    """Posts that are filled when the body is at work; 0 where only others' people come."""
    province: str
    """Old province code: prefix of most citizen numbers here."""
    since: dt.date = BODIES_SINCE
    until: dt.date | None = None
    destinations: tuple[tuple[str, float], ...] = ()
    """Where people go the day after ``until``, with weights; an empty code means that they leave."""
    language_area: bool = False


@dataclass(slots=True)
class Tree:
    """Collects versions (parents before children) and workplaces of one place."""

    versions: list[AgencyVersion] = field(default_factory=list)
    workplaces: dict[str, Workplace] = field(default_factory=dict)

    def add(self, version: AgencyVersion) -> str:
        self.versions.append(version)
        return version.code

    def employ(self, workplace: Workplace) -> None:
        self.workplaces[workplace.code] = workplace

    def change(self, code: str, on: dt.date, **changes: Any) -> None:
        """A new version of a body from ``on``; the one before ends the day before."""
        index = max(number for number, one in enumerate(self.versions) if one.code == code)
        before = self.versions[index]
        self.versions[index] = replace(before, valid_to=on - dt.timedelta(days=1))
        self.versions.append(
            replace(before, valid_from=on, valid_to=None, predecessor_codes=(), **changes)
        )

    def in_order(self) -> list[AgencyVersion]:
        """By first day; of one day, parents before children."""
        return sorted(self.versions, key=lambda one: one.valid_from)
