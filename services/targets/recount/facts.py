"""Plain records read from raw events: what the directory and the registers said, before any counting.

The events are decoded here by hand, on purpose: a mistake in the catalogue's types or in the serving path's
reading of them must not be able to hide from the recount.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

Event = Mapping[str, Any]
"""A CloudEvent as the feeds serve it, decoded from JSON."""


@dataclass(frozen=True, slots=True)
class AgencyVersion:
    valid_from: dt.date
    valid_to: dt.date | None
    parent_code: str | None
    level: str
    system: str
    province_code: str
    commune_kind: str | None
    predecessor_codes: tuple[str, ...]
    central_vertical: bool
    bloc: str | None = None
    """As declared."""


@dataclass(frozen=True, slots=True)
class Assignment:
    agency_code: str
    status: str
    leadership: str | None
    requires_language: bool
    primary: bool
    valid_from: dt.date
    valid_to: dt.date | None
    attributes: Mapping[str, bool | None]


@dataclass(frozen=True, slots=True)
class Official:
    official_code: str
    born_on: dt.date
    assignments: tuple[Assignment, ...]
    attributes: Mapping[str, Any]
    birth_checks: Mapping[str, str | None]
    """By the person key of each identity, current and former."""


@dataclass(slots=True)
class Paper:
    """A certificate or accepted evidence, with all that was decided about it later."""

    reference: str
    person_key: str
    birth_check: str | None
    language: str
    level: int | None
    specialised: bool
    counts_from: dt.date
    valid_until: dt.date | None
    test: str | None
    proves_foreign_language: bool
    """A register, a foreign-language test or certificate: what Khmer and Lao need in order to count."""
    accepted_by: str | None = None
    """Agency of the authority that accepted evidence; null for the whole nation's and for certificates."""
    accepting_bloc: str | None = None
    """The reporting bloc which that authority is confined to."""
    accepted_on: dt.date | None = None
    ended_on: list[dt.date] = field(default_factory=list)
    """First day on which it no longer stands, one per revocation, supersession or withdrawal."""
    void: bool = False
    """Annulled from its issue: it counts on no day."""

    def stands_on(self, day: dt.date) -> bool:
        if self.void or day < self.counts_from:
            return False
        return all(day < ended for ended in self.ended_on)


class Facts:
    """The facts of both feeds, up to their last event."""

    def __init__(self, events: Iterable[Event]) -> None:
        self.agencies: dict[str, tuple[AgencyVersion, ...]] = {}
        self.officials: dict[str, Official] = {}
        self.papers: dict[str, list[Paper]] = defaultdict(list)
        """By person key."""
        agencies = _Latest()
        officials = _Latest()
        links = _Latest()
        papers: dict[str, Paper] = {}
        endings: list[tuple[str, Event]] = []
        for event in events:
            kind, data = event["type"], event["data"]
            if kind == "vn.bac.agency.changed.v1":
                agencies.keep(data["agency_code"], data)
            elif kind == "vn.bac.official.changed.v1":
                officials.keep(data["official_code"], data)
            elif kind == "vn.bac.official.identities_linked.v1":
                links.keep(data["official_code"], data)
            elif kind == "vn.bac.certificate.issued.v1":
                papers[data["serial"]] = _certificate(data)
            elif kind == "vn.bac.evidence.accepted.v1":
                papers[data["evidence_id"]] = _evidence(data)
            elif kind == "vn.bac.evidence.accepted.v2":
                accepted = _evidence(data)
                accepted.accepted_by = data["accepted_by"]
                accepted.accepting_bloc = data["bloc"]
                papers[data["acceptance_id"]] = accepted
            elif kind in (
                "vn.bac.certificate.revoked.v1",
                "vn.bac.certificate.superseded.v1",
            ):
                endings.append((data["serial"], data))
            elif kind == "vn.bac.evidence.withdrawn.v1":
                endings.append((data.get("acceptance_id") or data["evidence_id"], data))
        for reference, data in endings:
            paper = papers.get(reference)
            if paper is None:
                continue
            if data.get("effect") == "from_issue":
                paper.void = True
            else:
                paper.ended_on.append(_date(data["decided_on"]))
        for code, data in agencies.by_subject.items():
            self.agencies[code] = tuple(_agency_version(each) for each in data["versions"])
        for code, data in officials.by_subject.items():
            self.officials[code] = _official(data, links.by_subject.get(code))
        for paper in papers.values():
            self.papers[paper.person_key].append(paper)


class _Latest:
    """Each subject's newest state: payloads carry the subject's growing version."""

    def __init__(self) -> None:
        self.by_subject: dict[str, Mapping[str, Any]] = {}

    def keep(self, subject: str, data: Mapping[str, Any]) -> None:
        known = self.by_subject.get(subject)
        if known is None or data["version"] >= known["version"]:
            self.by_subject[subject] = data


def _date(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def _date_or_none(text: str | None) -> dt.date | None:
    return None if text is None else dt.date.fromisoformat(text)


def _birth_date(text: str) -> dt.date:
    return dt.date(int(text), 1, 1) if len(text) == 4 else dt.date.fromisoformat(text)


def _agency_version(data: Mapping[str, Any]) -> AgencyVersion:
    return AgencyVersion(
        valid_from=_date(data["valid_from"]),
        valid_to=_date_or_none(data["valid_to"]),
        parent_code=data["parent_code"],
        level=data["level"],
        system=data["system"],
        province_code=data["province_code"],
        commune_kind=data.get("commune_kind"),
        predecessor_codes=tuple(data.get("predecessor_codes") or ()),
        central_vertical=bool(data.get("central_vertical")),
        bloc=data.get("bloc"),
    )


def _official(data: Mapping[str, Any], linked: Mapping[str, Any] | None) -> Official:
    birth_checks: dict[str, str | None] = {}
    for identity in linked["identities"] if linked else ():
        birth_checks[identity["person_key"]] = identity["birth_check"]
    birth_checks[data["person_key"]] = data["birth_check"]
    return Official(
        official_code=data["official_code"],
        born_on=_birth_date(data["birth_date"]),
        assignments=tuple(
            Assignment(
                agency_code=each["agency_code"],
                status=each["status"],
                leadership=each["leadership"],
                requires_language=each["requires_language"],
                primary=each["primary"],
                valid_from=_date(each["valid_from"]),
                valid_to=_date_or_none(each["valid_to"]),
                attributes=each.get("attributes") or {},
            )
            for each in data["assignments"]
        ),
        attributes=data.get("attributes") or {},
        birth_checks=birth_checks,
    )


def _certificate(data: Mapping[str, Any]) -> Paper:
    return Paper(
        reference=data["serial"],
        person_key=data["person_key"],
        birth_check=data["birth_check"],
        language=data["language"],
        level=data["level"],
        specialised=False,
        counts_from=_date(data.get("counts_from") or data["issued_on"]),
        valid_until=_date_or_none(data["valid_until"]),
        test=data["format"],
        proves_foreign_language=True,
    )


def _evidence(data: Mapping[str, Any]) -> Paper:
    return Paper(
        reference=data["evidence_id"],
        person_key=data["person_key"],
        birth_check=data["birth_check"],
        language=data["language"],
        level=data["level"],
        specialised=data["specialised"],
        counts_from=_date(data["dated"]),
        valid_until=_date_or_none(data["expires_on"]),
        test=data["test"],
        proves_foreign_language=(
            data["kind"] in ("framework_certificate", "foreign_certificate")
            or data["test"] is not None
        ),
        accepted_on=_date(data["decided_on"]),
    )
