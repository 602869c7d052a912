"""SQL of institutions and their dated authorisations."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection

import asyncpg

from services.enrolment.directory.institutions.schemas import (
    AuthorisationBody,
    InstitutionBody,
    InstitutionView,
)


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
        "SELECT * FROM institution_authorisation WHERE institution_code = ANY($1)"
        " ORDER BY institution_code, place",
        list(codes),
    )
    by_code: dict[str, list[AuthorisationBody]] = defaultdict(list)
    for each in granted:
        values = dict(each)
        del values["place"]
        by_code[values.pop("institution_code")].append(AuthorisationBody.model_construct(**values))
    return {
        row["institution_code"]: InstitutionView.model_construct(
            code=row["institution_code"],
            version=row["version"],
            name=row["name"],
            kind=row["kind"],
            authorisations=by_code[row["institution_code"]],
        )
        for row in rows
    }


async def page(connection: asyncpg.Connection, after: str | None, limit: int) -> list[str]:
    rows = await connection.fetch(
        "SELECT institution_code FROM institution WHERE ($1::text IS NULL OR institution_code > $1)"
        " ORDER BY institution_code LIMIT $2",
        after,
        limit,
    )
    return [row["institution_code"] for row in rows]


async def save(
    connection: asyncpg.Connection, code: str, body: InstitutionBody, held: int | None
) -> int | None:
    """Writes the institution with all its authorisations; returns its new version. Null, and nothing done,
    where there is another than the version ``held``."""
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
        held,
    )
    if version is None:
        return None
    await connection.execute(
        "DELETE FROM institution_authorisation WHERE institution_code = $1", code
    )
    await connection.executemany(
        """
        INSERT INTO institution_authorisation (institution_code, place, granted_by, province_code,
            activity, language, formats, levels, decision_number, valid_from, valid_to, note)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
        """,
        [
            (
                *(code, place, each.granted_by, each.province_code, each.activity, each.language),
                *(each.formats, each.levels, each.decision_number, each.valid_from),
                *(each.valid_to, each.note),
            )
            for place, each in enumerate(body.authorisations)
        ],
    )
    return version
