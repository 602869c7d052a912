"""Refusals of questions about plans."""

from __future__ import annotations

from shared.contracts.problem import Problem


class PlanUnknown(Problem):
    code, status = "plan_unknown", 404
    title_vi, title_en = "Không có kế hoạch này", "No such plan"


class IndicatorUnknown(Problem):
    code, status = "indicator_unknown", 404
    title_vi, title_en = "Kế hoạch không có chỉ tiêu này", "The plan has no such indicator"
