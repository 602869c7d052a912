"""`GET /v1/plans`: the plans in use, as data."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Path, Request, Response

from services.targets.plans.errors import PlanUnknown
from services.targets.plans.readings import CATALOGUE, available_options, default_readings
from services.targets.plans.schemas import Plan
from shared.web.problems import problem_responses

router = APIRouter(tags=["plans"])

PlanId = Annotated[str, Path(description="Mã kế hoạch / The plan's id", examples=["hoanghoa-2021"])]

_SUMMARY: dict[str, Any] = {
    "type": "object",
    "required": ["id", "version", "title", "kind", "valid_from", "valid_to", "body", "indicators"],
    "properties": {
        "id": {"type": "string", "examples": ["daklak-2020"]},
        "version": {"type": "string"},
        "title": {"type": "string"},
        "kind": {"type": "string", "enum": ["province", "unit"]},
        "valid_from": {"type": "string", "format": "date"},
        "valid_to": {"type": "string", "format": "date"},
        "body": {"type": "object"},
        "indicators": {"type": "array", "items": {"type": "string"}},
    },
}
_LIST: dict[str, Any] = {
    "type": "object",
    "required": ["items", "next"],
    "properties": {
        "items": {"type": "array", "items": _SUMMARY},
        "next": {"type": ["string", "null"]},
    },
}
_DOCUMENT: dict[str, Any] = {
    "type": "object",
    "required": ["id", "version", "indicators", "applies", "excludes", "readings"],
    "properties": {
        "id": {"type": "string"},
        "version": {"type": "string"},
        "indicators": {"type": "array", "items": {"type": "object"}},
        "applies": {"type": "array", "items": {"type": "object"}},
        "excludes": {"type": "array", "items": {"type": "object"}},
        "readings": {
            "type": "object",
            "description": "Every switch: its question, options with what each does, default and what is not "
            "available",
            "additionalProperties": {"type": "object"},
        },
    },
    "additionalProperties": True,
}


@router.get(
    "/v1/plans",
    operation_id="list_plans",
    summary="Các kế hoạch đang theo dõi / Plans in use",
    responses={200: {"content": {"application/json": {"schema": _LIST}}}},
)
async def list_plans(request: Request) -> Response:
    """All plans, in order of id; a plan's whole document is behind its id."""
    plans: dict[str, Plan] = request.app.state.figures.plans
    return _json({"items": [_summary(plan) for plan in plans.values()], "next": None})


@router.get(
    "/v1/plans/{plan}",
    operation_id="read_plan",
    summary="Một kế hoạch với câu chữ nguồn / One plan with its source sentences",
    responses={
        200: {"content": {"application/json": {"schema": _DOCUMENT}}},
        **problem_responses(PlanUnknown),
    },
)
async def read_plan(request: Request, plan: PlanId) -> Response:
    """Who it applies to, whom it excludes, its indicators each with its sentence, and the readings that
    its wording leaves open."""
    document: Plan | None = request.app.state.figures.plans.get(plan)
    if document is None:
        raise PlanUnknown
    return _json({**msgspec.to_builtins(document), "readings": _readings(document)})


def _summary(plan: Plan) -> dict[str, Any]:
    return {
        "id": plan.id,
        "version": plan.version,
        "title": plan.title,
        "kind": plan.kind,
        "valid_from": plan.valid_from,
        "valid_to": plan.valid_to,
        "body": msgspec.to_builtins(plan.body),
        "indicators": [each.id for each in plan.indicators],
    }


def _readings(plan: Plan) -> dict[str, dict[str, Any]]:
    defaults = default_readings(plan)
    found = {}
    for key, reading in CATALOGUE.items():
        declared = plan.readings.get(key)
        offered = available_options(plan, key)
        found[key] = {
            "question": reading.question,
            "question_en": reading.question_en,
            "default": defaults[key],
            "options": offered,
            "meanings": {each: msgspec.to_builtins(reading.meanings[each]) for each in offered},
            "not_available": [each for each in reading.options if each not in offered],
            "declared_by_plan": declared is not None,
            "applies_to": declared.applies_to if declared else None,
            "note": declared.note if declared else None,
        }
    return found


def _json(body: dict[str, Any]) -> Response:
    return Response(msgspec.json.encode(body), media_type="application/json")
