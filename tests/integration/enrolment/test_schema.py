"""The migrations make what the models declare."""

from __future__ import annotations

from typing import Any

import asyncpg
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine

from services.enrolment.certificates import models as certificates
from services.enrolment.directory.agencies import models as agencies
from services.enrolment.directory.facts import models as facts
from services.enrolment.directory.institutions import models as institutions
from services.enrolment.directory.job_positions import models as job_positions
from services.enrolment.directory.joinings import models as joinings
from services.enrolment.directory.moves import models as moves
from services.enrolment.directory.officials import models as officials
from services.enrolment.evidence import models as evidence
from services.enrolment.feed_readers import models as reach
from services.enrolment.persistence import METADATA
from shared.persistence.migrations import migrate
from shared.persistence.schema import MECHANISM_RIGHTS
from tests.databases import Databases, schema_of
from tests.running import ROLE_SECRET, RunningService


async def test_the_database_has_the_declared_tables_columns_and_indexes(
    enrolment: RunningService,
) -> None:

    for table in (
        *(agencies.Agency, officials.OfficialRecord, moves.OfficialMove, reach.ReachDue),
        *(certificates.CertificateRecord, evidence.EvidenceRecord, institutions.Institution),
        *(job_positions.JobPosition, facts.ShippedFact, joinings.JoiningRecord),
    ):
        assert table.metadata is METADATA

    def differences(connection: Connection) -> list[Any]:
        context = MigrationContext.configure(
            connection,
            opts={
                "include_schemas": True,
                "include_name": lambda name, kind, _: kind != "schema" or name == "enrolment",
                "include_object": lambda _, name, kind, *__: (
                    kind != "table" or name not in MECHANISM_RIGHTS
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


async def test_an_upgrade_tells_blocs_by_the_bodies_own_systems_and_looks_at_their_people(
    databases: Databases,
) -> None:
    schema = schema_of("enrolment")
    async with databases.empty("blocs") as dsn:
        await migrate(dsn, schema, ROLE_SECRET, "0003")
        connection = await asyncpg.connect(dsn)
        try:
            await connection.execute(
                """
                SET search_path = enrolment;
                INSERT INTO agency (agency_code, version) VALUES ('S', 1), ('P', 2), ('U', 1);
                INSERT INTO agency_version (agency_code, valid_from, name, parent_code, level, system,
                    province_code, predecessor_codes, central_vertical)
                VALUES ('S', '2015-01-01', 'S', NULL, 'province', 'state', '38', '{}', false),
                       ('P', '2015-01-01', 'P', 'S', 'province', 'state', '38', '{}', false),
                       ('P', '2020-01-01', 'P', 'S', 'province', 'party', '38', '{}', false),
                       ('U', '2016-01-01', 'U', 'P', 'province', 'public_service', '38', '{}', false);
                INSERT INTO agency_path (agency_code, valid_from, path, bloc)
                VALUES ('S', '2015-01-01', '{S}', 'state'), ('P', '2015-01-01', '{P,S}', 'state'),
                       ('U', '2016-01-01', '{U,P,S}', 'state');
                INSERT INTO assignment (assignment_id, official_code, agency_code, status,
                    position_title, requires_language, posting, is_primary, valid_from)
                VALUES (gen_random_uuid(), 'O-1', 'U', 'cadre', '', false, 'regular', true,
                        '2020-01-01'),
                       (gen_random_uuid(), 'O-2', 'S', 'cadre', '', false, 'regular', true,
                        '2020-01-01');
                """
            )
            await migrate(dsn, schema, ROLE_SECRET)
            paths = await connection.fetch(
                "SELECT agency_code, valid_from, valid_to, bloc FROM agency_path ORDER BY 1, 2"
            )
            assert [(p[0], str(p[1]), p[2] and str(p[2]), p[3]) for p in paths] == [
                ("P", "2015-01-01", "2019-12-31", "state"),
                ("P", "2020-01-01", None, "party"),
                ("S", "2015-01-01", None, "state"),
                ("U", "2016-01-01", "2019-12-31", "state"),
                ("U", "2020-01-01", None, "party"),
            ]
            due = await connection.fetch("SELECT official_code FROM reach_due")
            assert [each[0] for each in due] == ["O-1"]
        finally:
            await connection.close()
