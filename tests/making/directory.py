"""Bodies of requests about institutions and agencies."""

from __future__ import annotations

GRANT = {
    "activity": "certifying",
    "language": "en",
    "levels": [3, 4, 5],
    "decision_number": "1/QĐ",
    "valid_from": "2020-01-01",
}
BODY = {"name": "Trường Ví Dụ", "kind": "university", "authorisations": [GRANT]}

NEW_BODY = {
    "name": "Cơ quan Ví Dụ",
    "parent_code": None,
    "level": "province",
    "system": "state",
    "province_code": "38",
    "valid_from": "2020-01-01",
}
