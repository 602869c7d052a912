"""Bodies of answers about progress."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from pydantic import BaseModel, Field

Percent = Annotated[
    float | None, Field(description="Two decimals, half up; null when nobody is eligible")
]


class CountedAt(BaseModel):
    """Feed positions the figure was counted at; equal to the feeds' `head` once caught up."""

    enrolment: str
    certification: str


class SetAside(BaseModel):
    """An event before ``counted_at`` that is not counted: an operator set it aside, for it could not be applied."""

    feed: str = Field(examples=["enrolment"])
    position: int


class FocusShare(BaseModel):
    eligible: int
    achieved: int
    percent: Percent


class LevelOnlyShare(BaseModel):
    achieved: int
    percent: Percent


class IndicatorTitle(BaseModel):
    vi: str
    en: str


class IndicatorSource(BaseModel):
    """The sentence of the plan that sets the indicator, as printed."""

    section: str
    sentence: str


class IndicatorProgress(BaseModel):
    id: str = Field(examples=["I1-2025"])
    title: IndicatorTitle
    source: IndicatorSource
    milestone: dt.date
    required_percent: int
    required_level: int
    specialised: bool
    eligible: int
    achieved: int
    percent: Percent
    shortfall: int
    status: Literal["met", "not_met", "no_population"]
    focus: FocusShare | None = Field(
        description="The bracket beside the whole cohort, under R1 `both`"
    )
    level_only: LevelOnlyShare | None = Field(
        description="Counted by level alone, where specialised language is required too"
    )


class Progress(BaseModel):
    """Tiến độ của một kế hoạch ở một cơ quan tại một ngày. / Progress of a plan at a body on a day."""

    plan: str = Field(examples=["daklak-2020"])
    plan_version: str
    agency: str
    as_of: dt.date
    readings: dict[str, str]
    counted_at: CountedAt
    set_aside: list[SetAside] = Field(
        description="Empty: every event up to `counted_at` is counted. Else the figure may lack what these say"
    )
    indicators: list[IndicatorProgress]


class MemberRow(BaseModel):
    """One official. Of one who is no longer in the caller's scope today there are code and reason, and
    nothing else."""

    official_code: str
    full_name: str | None = Field(
        description="As the directory shows it to this caller; null when out of scope or unknown there, "
        "and when names were left out"
    )
    agency_code: str | None = Field(
        description="Body of the primary assignment on the day; null when out of scope today"
    )
    reason: str = Field(
        description="`achieved`; `no_certificate`, `level_too_low`, `no_specialised_evidence`; "
        "`not_cbccvc`, `other_territory`, `not_covered` or the code of the clause that excludes"
    )
    level: int | None = Field(
        description="Best level that counts on the day; null when excluded or out of scope today"
    )
    specialised: bool | None


class Members(BaseModel):
    plan: str
    plan_version: str
    indicator: str
    agency: str
    as_of: dt.date
    readings: dict[str, str]
    counted_at: CountedAt
    set_aside: list[SetAside]
    state: Literal["achieved", "missing", "excluded"]
    names: Literal["resolved", "left_out"] = Field(
        description="`left_out`: the directory did not answer or refused, and every `full_name` is null"
    )
    items: list[MemberRow]
    next: str | None
