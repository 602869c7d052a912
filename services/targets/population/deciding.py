"""Whose acceptance of a person's evidence counts: that of an authority at or above the body that the person
belonged to when it was decided (CONTRACT §4.9).

Only facts as now recorded are asked, never when they were learned, so that every order of events gives the
same figures.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from services.targets.population.assignments import Primary
from services.targets.population.credentials import Credential
from services.targets.population.tree import BlocSpan, Span


class Deciding(NamedTuple):
    """The body whose authority decides, and the day that chose it."""

    body: str
    day: int


class Places(NamedTuple):
    """Where a body stands: everything above it, and its reporting bloc, each with days."""

    spans: Callable[[str], Iterable[Span]]
    blocs: Callable[[str], Iterable[BlocSpan]]


def deciding_body(primaries: Sequence[Primary], decided_on: int) -> Deciding | None:
    """That of the primary assignment in force on the day; else of the latest that ended before; else of the
    earliest that begins after."""
    lasting = [each for each in primaries if each[0] < each[1]]
    begun = [each for each in lasting if each[0] <= decided_on]
    if begun:
        _, until, assignment = begun[-1]
        return Deciding(assignment.agency_code, min(decided_on, until - 1))
    if lasting:
        first, _, assignment = lasting[0]
        return Deciding(assignment.agency_code, first)
    return None


def of_authority(credential: Credential) -> bool:
    """Whether somebody less than the whole nation accepted it. A certificate needs nobody's acceptance."""
    return credential.accepted_by is not None or credential.bloc is not None


def counts(credential: Credential, primaries: Sequence[Primary], places: Places) -> bool:
    """Whether the acceptance is one of the person's own authority; true for what needs none."""
    if not of_authority(credential):
        return True
    deciding = deciding_body(primaries, credential.decided_on)
    if deciding is None:
        return False
    body, day = deciding
    above = any(
        span.ancestor == (credential.accepted_by or body) and span.first <= day < span.until
        for span in places.spans(body)
    )
    return above and (
        credential.bloc is None
        or any(
            span.bloc == credential.bloc and span.first <= day < span.until
            for span in places.blocs(body)
        )
    )


def counting(
    credentials: Iterable[Credential], primaries: Sequence[Primary], places: Places
) -> list[Credential]:
    return [each for each in credentials if counts(each, primaries, places)]
