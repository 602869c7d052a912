"""Raw events as the feeds serve them, made by hand: the tests' own words for the directory and the registers."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Any

Event = dict[str, Any]

_SOURCE = {
    "agency": "enrolment",
    "official": "enrolment",
    "certificate": "certification",
    "result": "certification",
    "evidence": "certification",
}


def envelope(kind: str, subject: str, data: dict[str, Any], version: int = 1) -> Event:
    """``kind`` is ``<subject>.<past participle>``; the id follows from the content."""
    return {
        "specversion": "1.0",
        "id": str(uuid.uuid5(uuid.NAMESPACE_URL, f"{kind} {subject} {data!r}")),
        "source": f"/{_SOURCE[kind.split('.', maxsplit=1)[0]]}",
        "type": f"vn.bac.{kind}.v{version}",
        "subject": subject,
        "time": "2026-01-01T00:00:00Z",
        "datacontenttype": "application/json",
        "data": data,
    }


def text(day: dt.date | str | None) -> str | None:
    return day.isoformat() if isinstance(day, dt.date) else day


def identifier(name: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_OID, name))


def agency_version(
    valid_from: dt.date | str = "2015-01-01",
    valid_to: dt.date | str | None = None,
    *,
    parent: str | None = None,
    level: str = "province",
    system: str = "state",
    province: str = "66",
    commune_kind: str | None = None,
    predecessors: Sequence[str] = (),
    central_vertical: bool = False,
) -> dict[str, Any]:
    return {
        "valid_from": text(valid_from),
        "valid_to": text(valid_to),
        "parent_code": parent,
        "level": level,
        "system": system,
        "province_code": province,
        "kind": None,
        "commune_kind": commune_kind,
        "predecessor_codes": list(predecessors),
        "bloc": None,
        "central_vertical": central_vertical,
    }


def agency(code: str, *versions: dict[str, Any], version: int = 1) -> Event:
    data = {
        "version": version,
        "agency_code": code,
        "versions": list(versions) or [agency_version()],
    }
    return envelope("agency.changed", code, data)


def assignment(
    agency_code: str,
    status: str = "civil_servant",
    valid_from: dt.date | str = "2020-01-01",
    valid_to: dt.date | str | None = None,
    *,
    leadership: str | None = None,
    requires_language: bool = False,
    primary: bool = True,
    posting: str = "regular",
    **attributes: bool | None,
) -> dict[str, Any]:
    return {
        "assignment_id": identifier(f"{agency_code} {status} {valid_from} {primary}"),
        "agency_code": agency_code,
        "status": status,
        "leadership": leadership,
        "requires_language": requires_language,
        "primary": primary,
        "posting": posting,
        "valid_from": text(valid_from),
        "valid_to": text(valid_to),
        "requires_language_basis": "area" if requires_language else None,
        "job_position_code": None,
        "attributes": {
            "language_teacher": None,
            "foreign_affairs": None,
            "language_qualified_post": None,
            **attributes,
        },
    }


def official(
    code: str,
    *assignments: dict[str, Any],
    born: str = "1980-05-05",
    version: int = 1,
    person_key: str | None = None,
    birth_check: str | None = "same",
    absences: Sequence[dict[str, Any]] = (),
    **attributes: Any,
) -> Event:
    """``birth_check`` "same" is what this key and birth date give; a bare year gives none."""
    key = person_key or f"key-{code}"
    if birth_check == "same":
        birth_check = check_of(key, born)
    data = {
        "version": version,
        "official_code": code,
        "person_key": key,
        "birth_check": birth_check,
        "birth_date": born,
        "assignments": list(assignments),
        "absences": list(absences),
        "attributes": {
            "language_teacher": False,
            "foreign_affairs": False,
            "language_qualified_post": False,
            "language_degree": False,
            "language_degree_awarded_on": None,
            "foreign_taught_degree": False,
            "foreign_taught_degree_awarded_on": None,
            "central_vertical": False,
            **attributes,
        },
    }
    return envelope("official.changed", code, data)


def check_of(person_key: str, born: str) -> str | None:
    return None if len(born) == 4 else f"check-{person_key}-{born}"


def linked(code: str, *identities: tuple[str, str | None], version: int = 1) -> Event:
    data = {
        "version": version,
        "official_code": code,
        "identities": [{"person_key": key, "birth_check": check} for key, check in identities],
    }
    return envelope("official.identities_linked", code, data)


def certificate(
    serial: str,
    person_key: str,
    level: int = 4,
    issued_on: dt.date | str = "2023-03-01",
    *,
    language: str = "en",
    birth_check: str | None = None,
    valid_until: dt.date | str | None = None,
    format: str | None = "VSTEP.3-5",  # noqa: A002 - the payload's own word
    supersedes: str | None = None,
    counts_from: dt.date | str | None = None,
) -> Event:
    data = {
        "version": 1,
        "certificate_id": identifier(serial),
        "serial": serial,
        "register_number": "1",
        "register_book": "TDV/certificate/2023",
        "institution_code": "TDV",
        "result_id": identifier(f"result {serial}"),
        "exam_session": "K1",
        "held_on": text(issued_on),
        "format": format,
        "person_key": person_key,
        "birth_check": birth_check,
        "framework": "KNLNNVN-2014",
        "level": level,
        "language": language,
        "issued_on": text(issued_on),
        "valid_until": text(valid_until),
        "rule": None,
        "supersedes": supersedes,
        "counts_from": text(counts_from),
    }
    return envelope("certificate.issued", serial, data)


def revoked(
    serial: str, person_key: str, decided_on: dt.date | str, effect: str = "from_decision"
) -> Event:
    data = {
        "version": 2,
        "certificate_id": identifier(serial),
        "serial": serial,
        "person_key": person_key,
        "institution_code": "TDV",
        "reason_code": "fraud",
        "decision_number": "12/QĐ",
        "decided_on": text(decided_on),
        "effect": effect,
    }
    return envelope("certificate.revoked", serial, data)


def superseded(
    serial: str, person_key: str, decided_on: dt.date | str, by: str | None = None
) -> Event:
    data = {
        "version": 3,
        "certificate_id": identifier(serial),
        "serial": serial,
        "person_key": person_key,
        "institution_code": "TDV",
        "decision_number": "13/QĐ",
        "decided_on": text(decided_on),
        "superseded_by": by,
    }
    return envelope("certificate.superseded", serial, data)


def evidence_recorded(name: str, person_key: str, kind: str = "foreign_certificate") -> Event:
    data = {
        "version": 1,
        "evidence_id": identifier(name),
        "kind": kind,
        "person_key": person_key,
        "birth_check": None,
        "language": "en",
        "dated": "2022-02-02",
    }
    return envelope("evidence.recorded", identifier(name), data)


def evidence(
    name: str,
    person_key: str,
    level: int | None = 4,
    dated: dt.date | str = "2023-03-01",
    *,
    kind: str = "foreign_certificate",
    language: str = "en",
    birth_check: str | None = None,
    expires_on: dt.date | str | None = None,
    test: str | None = "IELTS",
    specialised: bool = False,
    decided_on: dt.date | str = "2024-01-01",
) -> Event:
    """Accepted evidence."""
    data = {
        "version": 2,
        "evidence_id": identifier(name),
        "kind": kind,
        "person_key": person_key,
        "birth_check": birth_check,
        "language": language,
        "dated": text(dated),
        "expires_on": text(expires_on),
        "test": test,
        "level": level,
        "specialised": specialised,
        "decision_number": "7/QĐ",
        "decided_on": text(decided_on),
    }
    return envelope("evidence.accepted", identifier(name), data)


def acceptance_of(name: str, accepted_by: str | None, bloc: str | None) -> str:
    return identifier(f"{name} accepted by {accepted_by} {bloc}")


def accepted_by(authority: str | None, event: Event, bloc: str | None = None) -> Event:
    """The same acceptance as an authority's own (v2); null: nation-wide."""
    said = event["data"]
    acceptance = acceptance_of(said["evidence_id"], authority, bloc)
    data = {**said, "acceptance_id": acceptance, "accepted_by": authority, "bloc": bloc}
    return envelope("evidence.accepted", event["subject"], data, version=2)


def withdrawal_of(event: Event, decided_on: dt.date | str) -> Event:
    """What withdraws this acceptance (v2)."""
    accepted = event["data"]
    data = {
        "version": accepted["version"] + 1,
        **{
            key: accepted[key]
            for key in ("evidence_id", "person_key", "acceptance_id", "accepted_by", "bloc")
        },
        "decision_number": "8/QĐ",
        "decided_on": text(decided_on),
    }
    return envelope("evidence.withdrawn", event["subject"], data)


def specialised_evidence(
    name: str, person_key: str, dated: dt.date | str = "2023-03-01", **said: Any
) -> Event:
    return evidence(
        name,
        person_key,
        None,
        dated,
        **{"kind": "specialised_language", "test": None, "specialised": True, **said},
    )


def withdrawn(name: str, person_key: str, decided_on: dt.date | str) -> Event:
    data = {
        "version": 3,
        "evidence_id": identifier(name),
        "person_key": person_key,
        "decision_number": "8/QĐ",
        "decided_on": text(decided_on),
    }
    return envelope("evidence.withdrawn", identifier(name), data)
