"""What the migrations do with rows that stand already."""

from __future__ import annotations

import asyncpg

from shared.persistence.migrations import migrate
from tests.databases import Databases, schema_of
from tests.running import ROLE_SECRET


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
