"""SQL of institutions and their dated authorisations."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from typing import Final

import asyncpg

from services.enrolment.directory.institutions.models import InstitutionAuthorisation
from services.enrolment.directory.institutions.schemas import (
    AuthorisationBody,
    InstitutionBody,
    InstitutionView,
)
from shared.persistence.rows import columns_of

_AUTHORISATIONS: Final = columns_of(InstitutionAuthorisation)


async def institutions(
    connection: asyncpg.Connection, codes: Collection[str], *, lock: bool = False
) -> dict[str, InstitutionView]:
    rows = await connection.fetch(
        "SELECT institution_code, version, name, kind FROM institution"
        " WHERE institution_code = ANY($1) ORDER BY institution_code"
        + (" FOR UPDATE" if lock else ""),
        list(codes),
    )
    granted = await connection.fetch(
        f"SELECT {_AUTHORISATIONS.listed} FROM institution_authorisation"
        " WHERE institution_code = ANY($1)"
        " ORDER BY institution_code, place",
        list(codes),
    )
    by_code: dict[str, list[AuthorisationBody]] = defaultdict(list)
    for each in granted:
        values = dict(zip(_AUTHORISATIONS.names, each, strict=True))
        code = values.pop("institution_code")
        del values["place"]
        by_code[code].append(AuthorisationBody.model_construct(**values))
    return {
        code: InstitutionView.model_construct(
            code=code, version=version, name=name, kind=kind, authorisations=by_code[code]
        )
        for code, version, name, kind in rows
    }


async def page(connection: asyncpg.Connection, after: str | None, limit: int) -> list[str]:
    rows = await connection.fetch(
        "SELECT institution_code FROM institution WHERE ($1::text IS NULL OR institution_code > $1)"
        " ORDER BY institution_code LIMIT $2",
        after,
        limit,
    )
    return [code for (code,) in rows]


async def save(
    connection: asyncpg.Connection, code: str, body: InstitutionBody, stored: int | None
) -> int | None:
    """Writes the institution with all its authorisations; returns its new version. Null, and nothing done,
    where there is another than the version ``stored``."""
    version: int | None = await connection.fetchval(
        """
        INSERT INTO institution AS i (institution_code, version, name, kind) VALUES ($1, 1, $2, $3)
        ON CONFLICT (institution_code)
        DO UPDATE SET version = i.version + 1, name = excluded.name, kind = excluded.kind
        WHERE i.version = $4
        RETURNING version
        """,
        code,
        body.name,
        body.kind,
        stored,
    )
    if version is None:
        return None
    await connection.execute(
        "DELETE FROM institution_authorisation WHERE institution_code = $1", code
    )
    await connection.executemany(
        _AUTHORISATIONS.insert_one(),
        [
            [
                {"institution_code": code, "place": place}.get(name, getattr(each, name, None))
                for name in _AUTHORISATIONS.names
            ]
            for place, each in enumerate(body.authorisations)
        ],
    )
    return version
