"""When public verification names the holder."""

from __future__ import annotations

import datetime as dt
import unicodedata
from typing import Final

STATUS_VI: Final = {
    "valid": "Còn giá trị",
    "corrected": "Còn giá trị, đã chỉnh sửa nội dung",
    "superseded": "Đã được thay thế",
    "revoked": "Đã bị thu hồi",
    "annulled": "Đã bị hủy bỏ, không có giá trị từ khi cấp",
    "suspended": "Tạm đình chỉ để xác minh",
}

STATUS_EN: Final = {
    "valid": "Valid",
    "corrected": "Valid, with corrected particulars",
    "superseded": "Replaced by another certificate",
    "revoked": "Revoked",
    "annulled": "Annulled: void from its issue",
    "suspended": "Suspended while it is being checked",
}


def knows_holder(
    full_name: str,
    birth_date: dt.date | str,
    claimed_name: str | None,
    claimed_birth_date: dt.date | None,
) -> bool:
    """Whether what was claimed, at least one of the two, fits the holder wholly."""
    if claimed_name is None and claimed_birth_date is None:
        return False
    name_fits = claimed_name is None or _folded(claimed_name) == _folded(full_name)
    text = birth_date if isinstance(birth_date, str) else birth_date.isoformat()
    return name_fits and (claimed_birth_date is None or claimed_birth_date.isoformat() == text)


def _folded(name: str) -> str:
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())
