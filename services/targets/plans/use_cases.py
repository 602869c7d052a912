"""Taking plan documents into use."""

from __future__ import annotations

from collections.abc import Mapping

import asyncpg
import msgspec

from services.targets.plans import repository
from services.targets.plans.repository import Adoption
from services.targets.plans.schemas import Plan
from shared.clock import Clock
from shared.contracts.events import TYPE_OF, PlanAdopted
from shared.persistence.keys import uuid7


async def adopt(
    connection: asyncpg.Connection, plans: Mapping[str, Plan], clock: Clock
) -> list[str]:
    """Publishes ``plan.adopted`` for each plan version that this installation has not used before."""
    now = clock.now()
    return await repository.adopt(
        connection,
        [
            Adoption(
                plan=plan.id,
                version=plan.version,
                adopted_at=now,
                event_id=uuid7(),
                event_type=TYPE_OF[PlanAdopted].name,
                event_data=msgspec.json.encode(
                    PlanAdopted(
                        version=1,
                        plan=plan.id,
                        plan_version=plan.version,
                        valid_from=plan.valid_from,
                        body=plan.body.agency_code,
                    )
                ).decode(),
            )
            for plan in plans.values()
        ],
    )
