"""Versions of the foreign-language framework and which of them judges an exam."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import msgspec


class FrameworkLevel(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One level; ``level`` 0 is Tiền bậc 1, which sorts below 1 and is never told by null."""

    level: int
    label_vi: str
    cefr: str
    group: str | None
    confidence: str
    code: str | None = None
    descriptor_vi: str | None = None


class Framework(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A version of the framework; ``valid_to`` and ``usable_until`` are last days."""

    code: str
    title_vi: str
    title_en: str
    source: str
    source_dated: dt.date
    valid_from: dt.date
    valid_to: dt.date | None
    usable_until: dt.date | None
    """Last exam day on which a session may still name this version after its replacement."""
    confidence: str
    note: str
    skills: tuple[str, ...]
    levels: tuple[FrameworkLevel, ...]

    def in_force_on(self, day: dt.date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)

    def may_be_named_on(self, day: dt.date) -> bool:
        if self.in_force_on(day):
            return True
        return self.usable_until is not None and self.valid_from <= day and day <= self.usable_until


def framework_on(
    frameworks: Sequence[Framework], day: dt.date, named: str | None = None
) -> Framework | None:
    """The version that judges an exam held on ``day``: the one the session names if it may still be
    named then, else the one in force. Null where there is none."""
    for framework in frameworks:
        if named is None:
            if framework.in_force_on(day):
                return framework
        elif framework.code == named and framework.may_be_named_on(day):
            return framework
    return None
