"""The question as one dependency of every endpoint that answers about a plan."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from fastapi import Depends, Request

from services.targets.asking.errors import ReadingInvalid, ReadingOptionNotAvailable
from services.targets.asking.parameters import question
from services.targets.asking.question import Asked
from services.targets.plans.endpoints import PlanId
from services.targets.plans.errors import PlanUnknown
from services.targets.plans.schemas import Plan
from shared.contracts.problem import InvalidRequest, NotFound

QUESTION_REFUSALS = (
    PlanUnknown,
    NotFound,
    InvalidRequest,
    ReadingInvalid,
    ReadingOptionNotAvailable,
)


async def _question(request: Request, plan: PlanId) -> Asked:
    plans: Mapping[str, Plan] = request.app.state.figures.plans
    document = plans.get(plan)
    if document is None:
        raise PlanUnknown
    today = request.app.state.clock.today()
    return question(document, request.query_params.multi_items(), today)


Question = Annotated[Asked, Depends(_question)]
"""Plan, body, day and readings. Document the parameters with ``QUESTION_PARAMETERS``."""
