"""The migrations make what the models declare."""

from __future__ import annotations

from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine

from services.enrolment.directory.agencies import models as agencies
from services.enrolment.directory.certificates import models as certificates
from services.enrolment.directory.facts import models as facts
from services.enrolment.directory.institutions import models as institutions
from services.enrolment.directory.job_positions import models as job_positions
from services.enrolment.directory.moves import models as moves
from services.enrolment.directory.officials import models as officials
from services.enrolment.directory.reach import models as reach
from services.enrolment.persistence import METADATA
from tests.running import RunningService

MECHANISMS = {
    *("outbox", "feed", "feed_identity", "feed_cursor", "idempotency", "audit", "alembic_version")
}


async def test_the_database_has_the_declared_tables_columns_and_indexes(
    enrolment: RunningService,
) -> None:

    for table in (
        *(agencies.Agency, officials.OfficialRecord, moves.OfficialMove, reach.ReachDue),
        *(certificates.CertificateRecord, institutions.Institution),
        *(job_positions.JobPosition, facts.ShippedFact),
    ):
        assert table.metadata is METADATA

    def differences(connection: Connection) -> list[Any]:
        context = MigrationContext.configure(
            connection,
            opts={
                "include_schemas": True,
                "include_name": lambda name, kind, _: kind != "schema" or name == "enrolment",
                "include_object": lambda _, name, kind, *__: (
                    kind != "table" or name not in MECHANISMS
                ),
                "compare_type": True,
            },
        )
        found: list[Any] = []
        for difference in compare_metadata(context, METADATA):
            found += difference if isinstance(difference, list) else [difference]
        return [each for each in found if "comment" not in each[0]]

    dsn = enrolment.database.dsn.replace("postgresql://", "postgresql+asyncpg://")
    engine = create_async_engine(dsn.replace("postgres://", "postgresql+asyncpg://"))
    try:
        async with engine.connect() as connection:
            assert await connection.run_sync(differences) == []
    finally:
        await engine.dispose()
