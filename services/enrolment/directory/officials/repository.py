"""SQL of officials, their identities and assignments. Writes take whole sets, in one sorted order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from functools import lru_cache
from uuid import UUID

import asyncpg
import msgspec

from services.enrolment.directory.officials.hidden_numbers import KeyedIdentity
from services.enrolment.directory.officials.official import Official
from services.enrolment.directory.officials.posts import GivenPost, Post
from shared.contracts.events import Absence, OfficialAttributes
from shared.persistence.rows import WORTH_A_COPY
from shared.security.person_key import PersonIdentity

_OFFICIAL = (
    "official_code, version, person_key, birth_check, identity_type, identity_country,"
    " identity_number, former_identities, record_code, full_name, birth_date, sex, attributes,"
    " absences"
)
_ASSIGNMENT = (
    "official_code, agency_code, valid_from, valid_to, given_to, assignment_id, status,"
    " position_title, leadership, requires_language, requires_language_basis, job_position_code,"
    " posting, is_primary, language_teacher, foreign_affairs, language_qualified_post"
)


class StoredIdentity(msgspec.Struct, frozen=True):
    """A former identity in its JSON column."""

    type: str
    country: str
    number: str
    key: str
    check: str | None


def official_from(record: asyncpg.Record, posts: list[Post]) -> Official:
    former = msgspec.json.decode(record["former_identities"], type=list[StoredIdentity])
    return Official(
        official_code=record["official_code"],
        version=record["version"],
        identity=KeyedIdentity(
            PersonIdentity(
                record["identity_type"], record["identity_country"], record["identity_number"]
            ),
            record["person_key"],
            record["birth_check"],
        ),
        former=tuple(
            KeyedIdentity(
                PersonIdentity(each.type, each.country, each.number),  # type: ignore[arg-type]
                bytes.fromhex(each.key),
                bytes.fromhex(each.check) if each.check else None,
            )
            for each in former
        ),
        record_code=record["record_code"],
        full_name=record["full_name"],
        birth_date=record["birth_date"],
        sex=record["sex"],
        attributes=msgspec.json.decode(record["attributes"], type=OfficialAttributes),
        absences=tuple(msgspec.json.decode(record["absences"], type=list[Absence])),
        posts=posts,
    )


def post_from(record: asyncpg.Record) -> Post:
    return Post(
        record["assignment_id"],
        GivenPost(
            agency_code=record["agency_code"],
            valid_from=record["valid_from"],
            given_to=record["given_to"],
            status=record["status"],
            position_title=record["position_title"],
            leadership=record["leadership"],
            requires_language=record["requires_language"],
            requires_language_basis=record["requires_language_basis"],
            job_position_code=record["job_position_code"],
            posting=record["posting"],
            primary=record["is_primary"],
            language_teacher=record["language_teacher"],
            foreign_affairs=record["foreign_affairs"],
            language_qualified_post=record["language_qualified_post"],
        ),
        record["valid_to"],
    )


async def officials(
    connection: asyncpg.Connection, codes: Collection[str], *, lock: bool = False
) -> dict[str, Official]:
    """Officials by code. ``lock`` keeps other writers out of them until the transaction ends; locks are
    taken in order of code."""
    records = await connection.fetch(
        f"SELECT {_OFFICIAL} FROM official WHERE official_code = ANY($1) ORDER BY official_code"
        + (" FOR UPDATE" if lock else ""),
        list(codes),
    )
    if not records:
        return {}
    posts = await assignments(connection, [record["official_code"] for record in records])
    return {
        record["official_code"]: official_from(record, posts.get(record["official_code"], []))
        for record in records
    }


async def assignments(
    connection: asyncpg.Connection, codes: Collection[str]
) -> dict[str, list[Post]]:
    records = await connection.fetch(
        f"SELECT {_ASSIGNMENT} FROM assignment WHERE official_code = ANY($1)"
        " ORDER BY official_code, valid_from, agency_code",
        list(codes),
    )
    found: dict[str, list[Post]] = defaultdict(list)
    for record in records:
        found[record["official_code"]].append(post_from(record))
    return dict(found)


async def claim_identities(
    connection: asyncpg.Connection, claims: Sequence[tuple[bytes, str, bytes | None]]
) -> tuple[dict[bytes, str], set[bytes]]:
    """Takes each (person key, official code, birth check) that nobody has; the constraint decides.
    Returns the owner of every key asked for, and the keys taken now."""
    ordered = sorted(claims)
    taken = await connection.fetch(
        """
        INSERT INTO official_identity (person_key, official_code, birth_check)
        SELECT * FROM unnest($1::bytea[], $2::text[], $3::bytea[])
        ON CONFLICT (person_key) DO NOTHING
        RETURNING person_key, official_code
        """,
        [key for key, _, _ in ordered],
        [code for _, code, _ in ordered],
        [check for _, _, check in ordered],
    )
    owners = {record["person_key"]: record["official_code"] for record in taken}
    missing = [key for key, _, _ in ordered if key not in owners]
    if missing:
        owners |= await owners_of(connection, missing)
    return owners, {record["person_key"] for record in taken}


async def owners_of(connection: asyncpg.Connection, keys: Collection[bytes]) -> dict[bytes, str]:
    records = await connection.fetch(
        "SELECT person_key, official_code FROM official_identity WHERE person_key = ANY($1)",
        list(keys),
    )
    return {record["person_key"]: record["official_code"] for record in records}


async def release_identities(connection: asyncpg.Connection, keys: Collection[bytes]) -> None:
    await connection.execute("DELETE FROM official_identity WHERE person_key = ANY($1)", list(keys))


async def recheck_identities(
    connection: asyncpg.Connection, checks: Sequence[tuple[bytes, bytes | None]]
) -> None:
    """Stores birth checks anew after a birth date was corrected."""
    await connection.execute(
        """
        UPDATE official_identity i SET birth_check = given.birth_check
        FROM unnest($1::bytea[], $2::bytea[]) AS given (person_key, birth_check)
        WHERE i.person_key = given.person_key
        """,
        [key for key, _ in checks],
        [check for _, check in checks],
    )


async def _copied(
    connection: asyncpg.Connection, table: str, columns: str, values: Sequence[Sequence[object]]
) -> bool:
    """False, and nothing done, where a row was there already: COPY cannot pass over it."""
    try:
        async with connection.transaction():
            await connection.copy_records_to_table(
                table, columns=columns.split(", "), records=zip(*values, strict=True)
            )
    except asyncpg.UniqueViolationError:
        return False
    return True


@lru_cache(maxsize=1024)
def _attributes_json(attributes: OfficialAttributes) -> str:
    return msgspec.json.encode(attributes).decode()


def _columns(rows: Sequence[Official]) -> list[list[object]]:
    encode = msgspec.json.encode
    return [
        [row.official_code for row in rows],
        [row.version for row in rows],
        [row.identity.key for row in rows],
        [row.identity.check for row in rows],
        [row.identity.identity.type for row in rows],
        [row.identity.identity.country for row in rows],
        [row.identity.identity.number for row in rows],
        [
            encode([_stored(each) for each in row.former]).decode() if row.former else "[]"
            for row in rows
        ],
        [row.record_code for row in rows],
        [row.full_name for row in rows],
        [row.birth_date for row in rows],
        [row.sex for row in rows],
        [_attributes_json(row.attributes) for row in rows],
        [encode(row.absences).decode() if row.absences else "[]" for row in rows],
    ]


def _stored(each: KeyedIdentity) -> StoredIdentity:
    identity = each.identity
    check = each.check.hex() if each.check else None
    return StoredIdentity(identity.type, identity.country, identity.number, each.key.hex(), check)


_GIVEN_OFFICIALS = (
    "unnest($1::text[], $2::integer[], $3::bytea[], $4::bytea[], $5::text[], $6::text[], $7::text[],"
    " $8::jsonb[], $9::text[], $10::text[], $11::text[], $12::text[], $13::jsonb[], $14::jsonb[])"
)


async def add_officials(connection: asyncpg.Connection, rows: Sequence[Official]) -> set[str]:
    """Adds those whose code is free, in order of code; returns the codes that were."""
    ordered = sorted(rows, key=lambda row: row.official_code)
    columns = _columns(ordered)
    if len(rows) >= WORTH_A_COPY and await _copied(connection, "official", _OFFICIAL, columns):
        return {row.official_code for row in rows}
    records = await connection.fetch(
        f"""
        INSERT INTO official ({_OFFICIAL}) SELECT * FROM {_GIVEN_OFFICIALS}
        ON CONFLICT (official_code) DO NOTHING RETURNING official_code
        """,
        *columns,
    )
    return {record["official_code"] for record in records}


async def change_officials(connection: asyncpg.Connection, rows: Sequence[Official]) -> None:
    """Of officials locked before."""
    await connection.execute(
        f"""
        UPDATE official o SET
            version = given.version, person_key = given.person_key,
            birth_check = given.birth_check, identity_type = given.identity_type,
            identity_country = given.identity_country, identity_number = given.identity_number,
            former_identities = given.former_identities, record_code = given.record_code,
            full_name = given.full_name, birth_date = given.birth_date, sex = given.sex,
            attributes = given.attributes, absences = given.absences
        FROM {_GIVEN_OFFICIALS} AS given ({_OFFICIAL})
        WHERE o.official_code = given.official_code
        """,
        *_columns(rows),
    )


async def add_posts(connection: asyncpg.Connection, posts: Sequence[tuple[str, Post]]) -> None:
    """Assignments of officials who had none."""
    if len(posts) < WORTH_A_COPY or not await _copied(
        connection, "assignment", _ASSIGNMENT, _post_columns(posts)
    ):
        await save_posts(connection, posts)


async def save_posts(connection: asyncpg.Connection, posts: Sequence[tuple[str, Post]]) -> None:
    """Adds or replaces assignments by (official, body, first day)."""
    await connection.execute(
        f"""
        INSERT INTO assignment ({_ASSIGNMENT})
        SELECT * FROM unnest($1::text[], $2::text[], $3::date[], $4::date[], $5::date[], $6::uuid[],
            $7::text[], $8::text[], $9::text[], $10::boolean[], $11::text[], $12::text[],
            $13::text[], $14::boolean[], $15::boolean[], $16::boolean[], $17::boolean[])
        ON CONFLICT (official_code, agency_code, valid_from) DO UPDATE SET
            valid_to = excluded.valid_to, given_to = excluded.given_to, status = excluded.status,
            position_title = excluded.position_title, leadership = excluded.leadership,
            requires_language = excluded.requires_language,
            requires_language_basis = excluded.requires_language_basis,
            job_position_code = excluded.job_position_code, posting = excluded.posting,
            is_primary = excluded.is_primary, language_teacher = excluded.language_teacher,
            foreign_affairs = excluded.foreign_affairs,
            language_qualified_post = excluded.language_qualified_post
        """,
        *_post_columns(posts),
    )


def _post_columns(posts: Sequence[tuple[str, Post]]) -> list[list[object]]:
    return [
        [code for code, _ in posts],
        [post.given.agency_code for _, post in posts],
        [post.given.valid_from for _, post in posts],
        [post.valid_to for _, post in posts],
        [post.given.given_to for _, post in posts],
        [post.assignment_id for _, post in posts],
        [post.given.status for _, post in posts],
        [post.given.position_title for _, post in posts],
        [post.given.leadership for _, post in posts],
        [post.given.requires_language for _, post in posts],
        [post.given.requires_language_basis for _, post in posts],
        [post.given.job_position_code for _, post in posts],
        [post.given.posting for _, post in posts],
        [post.given.primary for _, post in posts],
        [post.given.language_teacher for _, post in posts],
        [post.given.foreign_affairs for _, post in posts],
        [post.given.language_qualified_post for _, post in posts],
    ]


async def remove_posts(connection: asyncpg.Connection, ids: Sequence[tuple[str, UUID]]) -> None:
    await connection.execute(
        """
        DELETE FROM assignment a USING unnest($1::text[], $2::uuid[]) AS gone (code, id)
        WHERE a.official_code = gone.code AND a.assignment_id = gone.id
        """,
        [code for code, _ in ids],
        [identifier for _, identifier in ids],
    )
