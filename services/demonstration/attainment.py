"""How many reach which level, by place and group: invented shares, chosen to look plausible."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Literal

from services.demonstration.officials import Official
from services.demonstration.posts import group_of
from services.demonstration.tree import Sector

Outcome = Literal[0, 3, 4, 5]
"""Best level a person reaches; 0: took an exam and reached none, or took none at all."""


@dataclass(frozen=True, slots=True)
class Share:
    four: float
    """Level 4 or higher."""
    three: float


_LEADERS = "leader"
_SHARES: dict[str, dict[str, Share]] = {
    "daklak": {
        "school": Share(0.40, 0.24),
        "health": Share(0.27, 0.22),
        "other_public": Share(0.30, 0.25),
        "office": Share(0.20, 0.26),
        "commune": Share(0.05, 0.13),
        _LEADERS: Share(0.45, 0.22),
    },
    "hcm": {
        "school": Share(0.56, 0.21),
        "health": Share(0.47, 0.22),
        "other_public": Share(0.49, 0.22),
        "office": Share(0.30, 0.28),
        "commune": Share(0.12, 0.17),
        _LEADERS: Share(0.57, 0.20),
    },
    "cantho": {
        "school": Share(0.49, 0.21),
        "health": Share(0.38, 0.23),
        "other_public": Share(0.39, 0.24),
        "office": Share(0.27, 0.26),
        "commune": Share(0.08, 0.17),
        _LEADERS: Share(0.46, 0.22),
    },
    "quangtri": {
        "school": Share(0.36, 0.22),
        "health": Share(0.25, 0.19),
        "other_public": Share(0.28, 0.22),
        "office": Share(0.21, 0.24),
        "commune": Share(0.04, 0.11),
        _LEADERS: Share(0.40, 0.22),
    },
    "hoanghoa": {
        "health": Share(0.42, 0.20),
        _LEADERS: Share(0.48, 0.20),
    },
}
SPECIALISED: dict[str, float] = {
    "daklak": 0.14,
    "hcm": 0.24,
    "cantho": 0.19,
    "quangtri": 0.12,
    "hoanghoa": 0.25,
}
"""Share of those at their plan's level who also hold accepted specialised evidence."""


def outcome(random: Random, official: Official, sector: Sector) -> Outcome:
    """Younger people reach more; a teacher of a language does so nearly always."""
    shares = _SHARES[official.place]
    leader = any(one.post.leadership for one in official.assignments if one.primary)
    group = group_of(sector)
    share = shares[_LEADERS] if leader and group not in ("commune", "office") else shares[group]
    teaches = "language_teacher" in official.attributes
    factor = 1.3 if official.born.year >= 1988 else 1.0 if official.born.year >= 1976 else 0.62
    if official.last.valid_to is not None:
        factor *= 0.6
    if official.last.post.status in ("contract_staff", "part_time_commune"):
        factor *= 0.2
    four = 0.93 if teaches else min(0.9, share.four * factor)
    drawn = random.random()
    if drawn < four:
        return 5 if random.random() < (0.4 if teaches else 0.07) else 4
    return 3 if drawn < four + share.three else 0
