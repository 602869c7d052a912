"""What each service's role may do with each table, tried on the real database against the declared rights."""

from __future__ import annotations

import asyncpg
import pytest

from shared.persistence.database import Database, IsolationBroken
from shared.persistence.migrations import migrate, runtime_dsn
from shared.persistence.schema import MECHANISM_RIGHTS, SERVICES, WHOLE_ROW
from tests.databases import Databases, schema_of
from tests.running import ROLE_SECRET

NEVER_DELETED = {
    "enrolment": {"agency", "agency_version", "official", "official_move", "certificate"},
    "certification": {
        *("register_book", "register_entry", "register_annex", "exam_session", "exam_result"),
        *("result_version", "session_decision", "evidence", "evidence_decision"),
    },
    "targets": {"plan_adopted", "projection"},
}
MECHANISMS_NEVER_DELETED = {"outbox", "audit", "feed", "feed_identity", "feed_cursor"}
NEVER_CHANGED = {
    *("outbox", "audit", "feed", "exam_session", "exam_result", "register_entry"),
    *("official_move", "plan_adopted"),
}


async def columns(connection: asyncpg.Connection, schema: str) -> dict[str, list[tuple[str, bool]]]:
    """By table: its columns, each with whether the database alone gives its values."""
    found: dict[str, list[tuple[str, bool]]] = {}
    for table, column, made in await connection.fetch(
        """
        SELECT c.relname::text, a.attname::text, a.attidentity = 'a' FROM pg_class c
        JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid
        WHERE n.nspname = $1 AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped
        """,
        schema,
    ):
        found.setdefault(table, []).append((column, made))
    return found


async def may(connection: asyncpg.Connection, statement: str) -> bool:
    """Whether the role is let: what it would change is none or is rolled back."""
    transaction = connection.transaction()
    await transaction.start()
    try:
        await connection.execute(statement)
        return True
    except asyncpg.InsufficientPrivilegeError:
        return False
    except asyncpg.FeatureNotSupportedError:  # truncating what others refer to
        return True
    finally:
        await transaction.rollback()


@pytest.mark.parametrize("service", SERVICES)
async def test_a_role_may_do_with_each_table_what_is_declared_and_no_more(
    databases: Databases, service: str
) -> None:
    schema = schema_of(service)
    async with databases.runtime(service) as dsn:
        connection = await asyncpg.connect(dsn)
        try:
            tables = await columns(connection, service)
            assert tables.keys() >= MECHANISM_RIGHTS.keys()
            undeclared = tables.keys() - MECHANISM_RIGHTS.keys() - schema.rights.keys()
            assert not undeclared, f"declare their rights in services/{service}/persistence.py"
            assert schema.rights.keys() <= tables.keys(), "declared, but not there"
            for table, names in tables.items():
                rights, name = schema.rights_of(table), f'{service}."{table}"'
                assert await may(connection, f"DELETE FROM {name} WHERE false") == rights.delete
                assert not await may(connection, f"TRUNCATE {name}"), table
                copied = f"INSERT INTO {name} SELECT * FROM {name} WHERE false"
                if not any(made for _, made in names):
                    assert await may(connection, copied) == rights.insert, table
                for column, made in names:
                    if made:
                        continue
                    declared = rights.update == WHOLE_ROW or column in rights.update
                    changed = f'UPDATE {name} SET "{column}" = "{column}" WHERE false'
                    assert await may(connection, changed) == declared, (table, column)
        finally:
            await connection.close()


@pytest.mark.parametrize("service", SERVICES)
def test_books_sessions_and_the_trail_are_never_deleted_nor_a_feed_readdressed(
    service: str,
) -> None:
    schema = schema_of(service)
    for table in NEVER_DELETED[service] | MECHANISMS_NEVER_DELETED:
        assert not schema.rights_of(table).delete, table
    for table in NEVER_CHANGED:
        if table in schema.rights or table in MECHANISM_RIGHTS:
            assert schema.rights_of(table).update == (), table


@pytest.mark.parametrize(
    "attack",
    [
        "DELETE FROM register_book",
        "DELETE FROM exam_session",
        "UPDATE exam_session SET held_on = '2020-01-01'",
        "UPDATE register_book SET institution_code = 'X'",
        "UPDATE feed SET audience = '{*}'",
        "UPDATE feed SET position = position + 1",
        "DELETE FROM feed",
        "UPDATE outbox SET audience = '{*}'",
        "DELETE FROM audit",
        "UPDATE feed_identity SET feed_id = gen_random_uuid()",
        "CREATE TABLE certification.mine (x integer)",
        "ALTER TABLE feed DISABLE TRIGGER ALL",
        "SET ROLE bac_certification_owner",
    ],
)
async def test_the_registers_role_cannot_undo_what_stands(
    databases: Databases, attack: str
) -> None:
    async with databases.runtime("certification") as dsn:
        connection = await asyncpg.connect(dsn, server_settings={"search_path": "certification"})
        try:
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(attack)
        finally:
            await connection.close()


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("GRANT DELETE ON certification.exam_session TO bac_certification", "exam_session"),
        ("GRANT UPDATE (audience) ON certification.feed TO bac_certification", "audience"),
        ("GRANT UPDATE ON certification.register_book TO bac_certification", "register_book"),
        ("GRANT TRUNCATE ON certification.audit TO bac_certification", "audit"),
        ("GRANT INSERT ON certification.alembic_version TO bac_certification", "alembic"),
        ("GRANT DELETE ON certification.outbox TO PUBLIC", "outbox"),
    ],
)
async def test_a_folder_whose_roles_may_more_is_refused_at_start_and_mended_by_migrating(
    databases: Databases, given: str, told: str
) -> None:
    schema = schema_of("certification")
    async with databases.copy("certification") as dsn:
        admin = await asyncpg.connect(dsn)
        await admin.execute(given)
        await admin.close()
        database = Database(runtime_dsn(dsn, schema, ROLE_SECRET), schema)
        with pytest.raises(IsolationBroken, match=told) as refused:
            await database.open()
        assert "bac migrate" in str(refused.value)
        await migrate(dsn, schema, ROLE_SECRET)
        await database.open()
        await database.close()
