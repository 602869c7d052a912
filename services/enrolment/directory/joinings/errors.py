"""Refusals concerning the taking over of officials."""

from __future__ import annotations

from shared.contracts.problem import Problem


class JoiningDecided(Problem):
    """It is no longer, or not yet, in a state that allows this."""

    code, status = "joining_decided", 409
    title_vi, title_en = (
        "Việc tiếp nhận không còn ở trạng thái cho phép điều này",
        "The arrival is in no state that allows this",
    )
