"""The statements of each migration, as PostgreSQL was given them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from sqlalchemy import Engine, event

from shared.persistence.migrations import migrate
from shared.persistence.schema import ServiceSchema
from tests.running import ROLE_SECRET

_DONE: Final = re.compile(
    r"\s*(?:INSERT INTO|UPDATE) \S*alembic_version\b.*?'(?P<revision>\w+)'", re.DOTALL
)
_LIMIT: Final = re.compile(r"SET LOCAL (?:lock|statement)_timeout")


async def statements_of_migrations(admin_dsn: str, schema: ServiceSchema) -> dict[str, list[str]]:
    """By revision, each with the limits that hold for it. The database at ``admin_dsn`` must hold nothing of
    the service yet."""
    with _heard() as statements:
        await migrate(admin_dsn, schema, ROLE_SECRET)
    found: dict[str, list[str]] = {}
    limits = [each for each in statements if _LIMIT.match(each)][:2]
    waiting: list[str] = []
    for statement in statements[statements.index(limits[-1]) + 1 :] if limits else statements:
        done = _DONE.match(statement)
        if done is None:
            waiting.append(statement)
        else:
            found[done["revision"]] = [*limits, *waiting]
            waiting = []
    return found


@contextmanager
def _heard() -> Iterator[list[str]]:
    """Statements of every engine while this is open."""
    statements: list[str] = []

    def hear(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        statements.append(statement)

    event.listen(Engine, "before_cursor_execute", hear)
    try:
        yield statements
    finally:
        event.remove(Engine, "before_cursor_execute", hear)
