"""One candidate under two identities in one session: same name, same birth date, another number."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Final

from services.certification.registry.written_keys import folded
from services.certification.sheets.judging import Sheet
from shared.contracts.problem import FieldError

NAMESAKE: Final = FieldError(
    "/candidate",
    "candidate_twice",
    "kỳ thi này đã có một thí sinh cùng họ tên, ngày sinh với số định danh khác; hãy kiểm tra có phải một"
    " người không",
    "this session has a candidate of the same name and birth date under another identity number; check"
    " whether it is one person",
)


def namesakes_among(sheets: Sequence[Sheet]) -> Iterator[int]:
    """Places of the sheets whose candidate an earlier one of these names under another identity."""
    first: dict[tuple[str, str, str, dt.date], bytes] = {}
    for place, sheet in enumerate(sheets):
        body = sheet.body
        key = (
            body.institution_code,
            folded(body.exam_session.code),
            sheet.full_name.casefold(),
            body.candidate.birth_date,
        )
        if first.setdefault(key, sheet.person_key) != sheet.person_key:
            yield place
