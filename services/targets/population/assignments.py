"""The primary assignments of a person, in order of days."""

from __future__ import annotations

from services.targets.population.days import until_after
from shared.contracts.events import Assignment, OfficialState

Primary = tuple[int, int, Assignment]
"""First day, first day after, and the assignment."""


def primary_assignments(state: OfficialState) -> list[Primary]:
    """In order; should two overlap, the later one ends the earlier."""
    ordered = sorted(
        (each for each in state.assignments if each.primary), key=lambda each: each.valid_from
    )
    found: list[Primary] = []
    for number, each in enumerate(ordered):
        until = until_after(each.valid_to)
        if number + 1 < len(ordered):
            until = min(until, ordered[number + 1].valid_from.toordinal())
        found.append((each.valid_from.toordinal(), until, each))
    return found
