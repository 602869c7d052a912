"""HTTP of the framework and of the rules that judge results; public."""

from __future__ import annotations

import hashlib
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response
from pydantic import BaseModel, Field

from services.certification.framework.documents import Rulebook
from services.certification.framework.equivalence import EquivalenceTable
from services.certification.framework.levels import Framework
from services.certification.framework.scoring import ScoreRule
from shared.contracts.problem import NotFound
from shared.web.problems import problem_responses

router = APIRouter(tags=["framework"])

FrameworkCode = Annotated[
    str, Path(description="Mã phiên bản khung / Code of the version", examples=["KNLNNVN-2026"])
]


class LevelView(BaseModel):
    level: int = Field(ge=0, le=6, examples=[4])
    code: str | None
    label_vi: str = Field(examples=["Bậc 4"])
    cefr: str = Field(examples=["B2"])
    group: str | None
    group_label_vi: str | None
    confidence: str
    descriptor_vi: str | None


class BandView(BaseModel):
    at_least: float
    level: int


class ScoreRuleView(BaseModel):
    """A rule as it is applied; `uncertain` names what its source does not settle."""

    id: str = Field(examples=["VSTEP.3-5/729-2015"])
    format: str
    title_vi: str
    source: str
    source_dated: str
    valid_from: str
    valid_to: str | None
    language: str
    skills: list[str]
    highest: float
    step: float
    overall: str
    rounding: str
    bands: list[BandView]
    confidence: str
    uncertain: list[str]
    notes: list[str]


class FrameworkSummary(BaseModel):
    code: str = Field(examples=["KNLNNVN-2026"])
    title_vi: str
    title_en: str
    source: str
    source_dated: str
    valid_from: str
    valid_to: str | None
    usable_until: str | None
    confidence: str
    in_force: bool


class FrameworkView(FrameworkSummary):
    note: str
    skills: list[str]
    levels: list[LevelView]
    score_rules: list[ScoreRuleView]
    equivalence_tables: list[EquivalenceView]


class EquivalenceView(BaseModel):
    """Issued for a purpose of its own; applied only where an acceptance names it."""

    id: str
    source: str
    purpose_vi: str
    confidence: str
    rows: list[dict[str, Any]]


class FrameworkList(BaseModel):
    items: list[FrameworkSummary]
    next: str | None = None


@router.get(
    "/v1/frameworks",
    operation_id="list_frameworks",
    summary="Các phiên bản khung năng lực ngoại ngữ / Versions of the framework",
)
async def list_frameworks(request: Request) -> FrameworkList:
    rulebook: Rulebook = request.app.state.rulebook
    today = request.app.state.clock.today()
    return FrameworkList(
        items=[
            FrameworkSummary(**_summary(each, each.in_force_on(today)))
            for each in rulebook.frameworks
        ]
    )


@router.get(
    "/v1/frameworks/{code}",
    operation_id="get_framework",
    summary="Một phiên bản khung, với quy tắc tính điểm / One version, with score rules",
    responses=problem_responses(NotFound),
)
async def get_framework(code: FrameworkCode, request: Request, response: Response) -> FrameworkView:
    rulebook: Rulebook = request.app.state.rulebook
    today = request.app.state.clock.today()
    for framework in rulebook.frameworks:
        if framework.code == code:
            view = FrameworkView(
                **_summary(framework, framework.in_force_on(today)),
                note=framework.note,
                skills=list(framework.skills),
                levels=[
                    LevelView(
                        level=each.level,
                        code=each.code,
                        label_vi=each.label_vi,
                        cefr=each.cefr,
                        group=each.group,
                        group_label_vi=rulebook.group_labels.get(each.group or ""),
                        confidence=each.confidence,
                        descriptor_vi=each.descriptor_vi,
                    )
                    for each in framework.levels
                ],
                score_rules=[_rule_view(rule) for rule in rulebook.score_rules],
                equivalence_tables=[
                    _table_view(table) for table in rulebook.equivalence_tables.values()
                ],
            )
            digest = hashlib.sha256(view.model_dump_json().encode()).hexdigest()
            response.headers["ETag"] = f'"{digest[:16]}"'
            return view
    raise NotFound


def _summary(framework: Framework, in_force: bool) -> dict[str, Any]:
    return {
        "code": framework.code,
        "title_vi": framework.title_vi,
        "title_en": framework.title_en,
        "source": framework.source,
        "source_dated": framework.source_dated.isoformat(),
        "valid_from": framework.valid_from.isoformat(),
        "valid_to": framework.valid_to.isoformat() if framework.valid_to else None,
        "usable_until": framework.usable_until.isoformat() if framework.usable_until else None,
        "confidence": framework.confidence,
        "in_force": in_force,
    }


def _rule_view(rule: ScoreRule) -> ScoreRuleView:
    return ScoreRuleView(
        id=rule.id,
        format=rule.format,
        title_vi=rule.title_vi,
        source=rule.source,
        source_dated=rule.source_dated.isoformat(),
        valid_from=rule.valid_from.isoformat(),
        valid_to=rule.valid_to.isoformat() if rule.valid_to else None,
        language=rule.language,
        skills=list(rule.skills),
        highest=rule.highest,
        step=rule.step,
        overall=rule.overall,
        rounding=rule.rounding,
        bands=[BandView(at_least=band.at_least, level=band.level) for band in rule.bands],
        confidence=rule.confidence,
        uncertain=list(rule.uncertain),
        notes=list(rule.notes),
    )


def _table_view(table: EquivalenceTable) -> EquivalenceView:
    return EquivalenceView(
        id=table.id,
        source=table.source,
        purpose_vi=table.purpose_vi,
        confidence=table.confidence,
        rows=[
            {
                "language": row.language,
                "test": row.test,
                "by": row.by,
                "cells": [
                    {
                        name: value
                        for name, value in (
                            ("level", cell.level),
                            ("at_least", cell.at_least),
                            ("skills", cell.skills),
                            ("grades", cell.grades),
                        )
                        if value is not None
                    }
                    for cell in row.cells
                ],
            }
            for row in table.rows
        ],
    )
