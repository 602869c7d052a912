"""Doubts about assignments that need the directory to be seen: warnings, because old rosters hold honest
gaps that their clerk must not be stopped by, yet nothing of the kind is taken in silence."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Final

from services.enrolment.directory.officials.posts import GivenPost
from shared.imports.issues import Issue

Absent = Mapping[tuple[str, dt.date], dt.date | None]
"""(body, day) on which it is not in the tree; the last day before on which it was, if any."""


FAR_AHEAD: Final = dt.timedelta(days=731)
"""Two years, one of them a leap year. Nobody decides on a post that far ahead."""


def begins_far_ahead(post: GivenPost, today: dt.date) -> bool:
    return post.valid_from - today > FAR_AHEAD


def post_doubts(
    posts: Sequence[GivenPost],
    absent: Absent,
    unknown_positions: Collection[str],
    today: dt.date,
) -> Iterator[Issue]:
    for n, post in enumerate(posts):
        if begins_far_ahead(post, today):
            yield Issue(
                f"/assignments/{n}/valid_from",
                "begins_far_ahead",
                "Vị trí bắt đầu sau hơn hai năm nữa; hãy kiểm tra năm.",
                "The assignment begins more than two years from now; check the year.",
                "warning",
            )
        if post.key in absent:
            vi, en = not_in_force(*post.key, absent[post.key])
            pointer = f"/assignments/{n}/valid_from"
            yield Issue(pointer, "agency_not_in_force", vi, en, "warning")
        if post.job_position_code in unknown_positions:
            yield Issue(
                f"/assignments/{n}/job_position_code",
                "job_position_unknown",
                f"Danh mục vị trí việc làm không có mã “{post.job_position_code}”.",
                f"The list of job positions has no code “{post.job_position_code}”.",
                "warning",
            )


def not_in_force(agency_code: str, day: dt.date, ended_on: dt.date | None) -> tuple[str, str]:
    """In Vietnamese and in English; names the day."""
    if ended_on is None:
        return (
            f"Ngày {day:%d/%m/%Y} cơ quan “{agency_code}” chưa được thành lập trong cây tổ chức.",
            f"On {day} the agency “{agency_code}” did not exist yet.",
        )
    vi = (
        f"Ngày {day:%d/%m/%Y} cơ quan “{agency_code}” không còn trong cây tổ chức;"
        f" trước đó có đến hết ngày {ended_on:%d/%m/%Y}."
    )
    en = f"On {day} the agency “{agency_code}” was not in force; before that it was until {ended_on}."
    return vi, en
