"""Refusals of new versions."""

from __future__ import annotations

from shared.contracts.problem import Problem


class VersionConflict(Problem):
    """Another version was recorded by the same decision, this one is older than the last, or it brings
    numbers of a certificate without bringing the certificate."""

    code, status = "result_version_conflict", 409
    title_vi, title_en = "Phiên bản kết quả xung đột", "Result version conflicts"
