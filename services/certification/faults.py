"""Refusals that point at the field they speak of, one by one and several together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import NoReturn

from shared.contracts.problem import FieldError, Problem


def refusal(kind: type[Problem], pointer: str, vi: str, en: str) -> Problem:
    return kind(vi, en, errors=[FieldError(pointer, kind.code, vi, en)])


def refuse(kind: type[Problem], pointer: str, vi: str, en: str) -> NoReturn:
    raise refusal(kind, pointer, vi, en)


def together(problems: Sequence[Problem]) -> Problem:
    """The first of several, with the faults of all: a sheet is mended once."""
    first = problems[0]
    faults = dict.fromkeys(fault for problem in problems for fault in problem.errors)
    if len(faults) < 2:
        return first
    return type(first)(first.detail_vi, first.detail_en, errors=list(faults))


@contextmanager
def noting(found: list[Problem]) -> Iterator[None]:
    """Goes on after a refusal, which is kept."""
    try:
        yield
    except Problem as problem:
        found.append(problem)


def faults_of(problem: Problem) -> list[FieldError]:
    """The refusal of a row in a report: its own faults, else the problem as one."""
    if problem.errors:
        return list(problem.errors)
    return [FieldError("", problem.code, problem.detail_vi, problem.detail_en)]
