"""Loading the facts that ship with the product: the plans' bodies, the organisers' authorisations.

The same facts loaded twice change nothing, and what somebody changed since, or had entered before, is left
as it is.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from services.enrolment.directory.agencies import repository as agencies
from services.enrolment.directory.agencies.submissions import AgencyRow
from services.enrolment.directory.agencies.use_cases.storing import store_versions
from services.enrolment.directory.facts import repository
from services.enrolment.directory.institutions import repository as institutions
from services.enrolment.directory.institutions import use_cases as institution_use_cases
from services.enrolment.directory.institutions.schemas import InstitutionBody
from shared.contracts.events import InstitutionChanged
from shared.documents import parse
from shared.persistence.unit_of_work import UnitOfWork
from shared.security.principal import Principal

LOADER = Principal(subject="product", role="admin")


def agency_facts() -> dict[str, list[AgencyRow]]:
    """Versions by code, as shipped."""
    found: dict[str, list[AgencyRow]] = {}
    for fact in _read("agencies.yaml"):
        row = msgspec.convert(fact, AgencyRow)
        found.setdefault(row.code, []).append(row)
    return found


def institution_facts() -> dict[str, InstitutionBody]:
    document = _read("institutions.yaml")
    return {
        fact["code"]: InstitutionBody.model_validate(
            {
                "name": fact["name"],
                "kind": fact["kind"],
                "authorisations": document["authorisations"],
            }
        )
        for fact in document["organisers"]
    }


def _read(name: str) -> Any:
    return parse((Path(__file__).parent / name).read_text(encoding="utf-8"))


def _digest(fact: object) -> bytes:
    return hashlib.sha256(msgspec.json.encode(fact)).digest()


async def load_facts(work: UnitOfWork) -> None:
    await repository.lock_facts(work.connection)
    loaded = await repository.loaded(work.connection)
    await _load_agencies(work, loaded)
    for code, body in institution_facts().items():
        # Told again too where events of institutions say more than when they were told.
        digest = _digest([body.model_dump(mode="json"), InstitutionChanged.__struct_fields__])
        stored = (await institutions.institutions(work.connection, [code], lock=True)).get(code)
        if _is_due(loaded.get(("institution", code)), digest, stored.version if stored else None):
            version = await institution_use_cases.put(work, code, body, stored, announce_again=True)
            await repository.record_digest(work.connection, "institution", code, digest, version)


async def _load_agencies(
    work: UnitOfWork, loaded: Mapping[tuple[str, str], tuple[bytes, int | None]]
) -> None:
    facts = agency_facts()
    present = await agencies.versions_of(work.connection, facts)
    due = {
        code: rows
        for code, rows in facts.items()
        if _is_due(loaded.get(("agency", code)), _digest(rows), present.get(code))
    }
    if not due:
        return
    stored = await store_versions(work, [row for rows in due.values() for row in rows])
    versions = present | stored.versions
    for code, rows in due.items():
        await repository.record_digest(
            work.connection, "agency", code, _digest(rows), versions.get(code)
        )


def _is_due(before: tuple[bytes, int | None] | None, digest: bytes, version: int | None) -> bool:
    """Never loaded and not there; or loaded in an older form and left alone since."""
    if before is None:
        return version is None
    return before[0] != digest and before[1] == version
