"""In whose scope an official is today."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from shared.contracts.events import Assignment


def bodies_holding(assignments: Sequence[Assignment], today: dt.date) -> set[str]:
    """Bodies that hold the official, as the directory says it: those of the assignments in force; without
    any, of those that ended last; without any, of those that begin first."""
    current = [
        each
        for each in assignments
        if each.valid_from <= today and (each.valid_to is None or today <= each.valid_to)
    ]
    if not current:
        ends = [each.valid_to for each in assignments if each.valid_to and each.valid_to < today]
        begins = [each.valid_from for each in assignments]
        current = [
            each
            for each in assignments
            if (each.valid_to == max(ends) if ends else each.valid_from == min(begins))
        ]
    return {each.agency_code for each in current}
