"""The authorisations that ship with the product, as one rule over the published list of organisers."""

from __future__ import annotations

from typing import Any

LISTED = "có trong danh sách 16 đơn vị của Bộ (02/2021)"
UNREAD = "số quyết định, ngày đầu và bậc chưa đọc trong quyết định gốc"


def authorisations() -> list[dict[str, Any]]:
    """English: testing and certifying by VSTEP.3-5 (levels 3–5) and, less surely, VSTEP.2."""
    found = []
    for activity in ("testing", "certifying"):
        for exam_format, levels, doubt in (
            ("VSTEP.3-5", [3, 4, 5], UNREAD),
            ("VSTEP.2", [2], f"{UNREAD}; định dạng này suy đoán"),
        ):
            found.append(
                {
                    "granted_by": "ministry",
                    "activity": activity,
                    "language": "en",
                    "formats": [exam_format],
                    "levels": levels,
                    "decision_number": "chưa rõ / unknown",
                    "valid_from": "2019-01-01",
                    "note": f"{LISTED}; {doubt}",
                }
            )
    return found
