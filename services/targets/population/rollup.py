"""From standings that appear and disappear to the cells of every series they are counted in."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from services.targets.population.days import END
from services.targets.population.series import Cells
from services.targets.population.tree import Target

Group = tuple[str, str]
"""Body and origin: people who are counted in the same series."""
Series = tuple[str, str]
"""Agency and origin counted apart; the empty origin is everybody of the subtree."""

_Integers = npt.NDArray[np.int64]


class Counted(NamedTuple):
    """A standing of somebody, counted ``sign`` times."""

    group: Group
    first: int
    until: int
    profile: int
    sign: int


def rolled_up(
    counted: Iterable[Counted], targets: Callable[[Group], tuple[Target, ...]]
) -> dict[Series, Cells]:
    """Cells of each series that the people's groups belong to on the days they do."""
    columns = _columns(counted)
    if columns is None:
        return {}
    groups, number, first, until, profile, sign = columns
    lists = [targets(group) for group in groups]
    lengths = np.array([len(each) for each in lists], dtype=np.int64)
    flat = [target for each in lists for target in each]
    if not flat:
        return {}
    series: dict[Series, int] = {}
    key = np.array(
        [series.setdefault((each.agency_code, each.origin), len(series)) for each in flat],
        dtype=np.int64,
    )
    target_first = np.array([each.first for each in flat], dtype=np.int64)
    target_until = np.array([each.until for each in flat], dtype=np.int64)
    starts = np.concatenate(([0], np.cumsum(lengths)[:-1]))
    repeats = lengths[number]
    row = np.repeat(np.arange(len(number)), repeats)
    within = np.arange(len(row)) - np.repeat(np.cumsum(repeats) - repeats, repeats)
    target = starts[number[row]] + within
    begin = np.maximum(first[row], target_first[target])
    end = np.minimum(until[row], target_until[target])
    kept = begin < end
    begin, end, row, key = begin[kept], end[kept], row[kept], key[target[kept]]
    ending = end < END
    return _split(
        list(series),
        np.concatenate((key, key[ending])),
        np.concatenate((begin, end[ending])),
        np.concatenate((profile[row], profile[row[ending]])),
        np.concatenate((sign[row], -sign[row[ending]])),
    )


def _columns(
    counted: Iterable[Counted],
) -> tuple[list[Group], _Integers, _Integers, _Integers, _Integers, _Integers] | None:
    groups: dict[Group, int] = {}
    rows = [
        (groups.setdefault(group, len(groups)), first, until, profile, sign)
        for group, first, until, profile, sign in counted
    ]
    if not rows:
        return None
    number, first, until, profile, sign = np.array(rows, dtype=np.int64).T
    return list(groups), number, first, until, profile, sign


def _split(
    series: list[Series], key: _Integers, day: _Integers, profile: _Integers, delta: _Integers
) -> dict[Series, Cells]:
    order = np.lexsort((profile, day, key))
    key, day, profile, delta = key[order], day[order], profile[order], delta[order]
    changed = (key[1:] != key[:-1]) | (day[1:] != day[:-1]) | (profile[1:] != profile[:-1])
    starts = np.flatnonzero(np.concatenate(([True], changed)))
    sums = np.add.reduceat(delta, starts)
    starts, sums = starts[sums != 0], sums[sums != 0]
    key, day, profile = key[starts], day[starts], profile[starts]
    bounds = np.concatenate((np.flatnonzero(np.diff(key, prepend=-1)), [len(key)]))
    return {
        series[int(key[begin])]: Cells(
            day[begin:end].astype(np.int32),
            profile[begin:end].astype(np.int32),
            sums[begin:end].astype(np.int32),
        )
        for begin, end in pairwise(bounds)
    }


def regrouped(
    standing: Mapping[Group, Iterable[Counted]],
    before: Callable[[Group], tuple[Target, ...]],
    after: Callable[[Group], tuple[Target, ...]],
) -> list[dict[Series, Cells]]:
    """Cells of groups that are counted elsewhere now, although nobody in them changed: a subtree moved."""
    rows = [row for rows in standing.values() for row in rows]
    taken = [row._replace(sign=-row.sign) for row in rows]
    return [rolled_up(taken, before), rolled_up(rows, after)]
