"""How long one COPY per table takes for the very rows the product wrote, into the same tables and indexes."""

from __future__ import annotations

import io
import time
from collections.abc import Sequence

import asyncpg


async def row_counts(dsn: str, schema: str) -> dict[str, int]:
    connection = await asyncpg.connect(dsn)
    try:
        names = await connection.fetch(
            "SELECT relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE n.nspname = $1 AND relkind = 'r' ORDER BY 1",
            schema,
        )
        return {
            row["relname"]: await connection.fetchval(
                f'SELECT count(*) FROM "{schema}"."{row["relname"]}"'
            )
            for row in names
        }
    finally:
        await connection.close()


async def copy_seconds(dsn: str, schema: str, tables: Sequence[str]) -> float:
    """``dsn`` must be the superuser's: the copies stand in a schema made for this and dropped again."""
    connection = await asyncpg.connect(dsn, command_timeout=600)
    try:
        await connection.execute(
            "DROP SCHEMA IF EXISTS bench_copy CASCADE; CREATE SCHEMA bench_copy"
        )
        data: dict[str, bytes] = {}
        for table in tables:
            await connection.execute(
                f'CREATE TABLE bench_copy."{table}" (LIKE "{schema}"."{table}"'
                " INCLUDING DEFAULTS INCLUDING INDEXES INCLUDING CONSTRAINTS INCLUDING GENERATED)"
            )
            held = io.BytesIO()
            await connection.copy_from_table(
                table, schema_name=schema, output=held, format="binary"
            )
            data[table] = held.getvalue()
        began = time.perf_counter()
        for table, rows in data.items():
            await connection.copy_to_table(
                table, schema_name="bench_copy", source=io.BytesIO(rows), format="binary"
            )
        return time.perf_counter() - began
    finally:
        await connection.execute("DROP SCHEMA IF EXISTS bench_copy CASCADE")
        await connection.close()
