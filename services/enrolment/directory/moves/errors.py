"""Refusals concerning moves."""

from __future__ import annotations

from shared.contracts.problem import Problem


class MoveRefused(Problem):
    """The official's assignments on that day do not allow this move."""

    code, status = "move_refused", 409
    title_vi, title_en = "Không thể thực hiện biến động này", "This move cannot be made"


class ReversalTooLate(Problem):
    """A move is undone within 30 days of its recording or of its day, whichever is later."""

    code, status = "reversal_too_late", 409
    title_vi, title_en = "Đã quá 30 ngày, không hủy được biến động", "Too late to undo the move"


class MoveAlreadyReversed(Problem):
    code, status = "move_already_reversed", 409
    title_vi, title_en = "Biến động đã được hủy", "The move was undone already"


class MoveBuiltUpon(Problem):
    """The assignments were changed after the move; undoing it would lose those changes."""

    code, status = "move_built_upon", 409
    title_vi, title_en = (
        "Vị trí công tác đã thay đổi sau biến động này",
        "Assignments were changed after this move",
    )
