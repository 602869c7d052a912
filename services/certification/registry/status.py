"""What a certificate is worth today, derived from what befell its line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

CertificateStatus = Literal["valid", "corrected", "superseded", "revoked", "annulled", "suspended"]

_ENDS: Final[dict[str, CertificateStatus]] = {
    "annulment": "annulled",
    "revocation": "revoked",
    "supersession": "superseded",
    "reissue": "superseded",
}

_STATUS_VI: Final[dict[CertificateStatus, str]] = {
    "valid": "Còn giá trị",
    "corrected": "Còn giá trị, đã chỉnh sửa nội dung",
    "superseded": "Đã được thay thế",
    "revoked": "Đã bị thu hồi",
    "annulled": "Đã bị hủy bỏ, không có giá trị từ khi cấp",
    "suspended": "Tạm đình chỉ để xác minh",
}

_STATUS_EN: Final[dict[CertificateStatus, str]] = {
    "valid": "Valid",
    "corrected": "Valid, with corrected particulars",
    "superseded": "Replaced by another certificate",
    "revoked": "Revoked",
    "annulled": "Annulled: void from its issue",
    "suspended": "Suspended while it is being checked",
}
_ENDED: Final = ("Đã hết giá trị do phúc khảo, sửa sai", "Ended by re-marking or correction")


def status_words(status: CertificateStatus, *, replaced: bool) -> tuple[str, str]:
    """In Vietnamese and English; ``replaced``: another certificate took its place."""
    if status == "superseded" and not replaced:
        return _ENDED
    return _STATUS_VI[status], _STATUS_EN[status]


def status_of(annex: Sequence[str]) -> CertificateStatus:
    """From the kinds of the annex, oldest first. Annulment outweighs revocation, and revocation supersession.
    A suspension holds until it is lifted. A correction leaves the certificate in force."""
    for kind, status in _ENDS.items():
        if kind in annex:
            return status
    for kind in reversed(annex):
        if kind == "suspension":
            return "suspended"
        if kind == "suspension_lifted":
            break
    return "corrected" if "correction" in annex else "valid"


def is_in_force(status: CertificateStatus) -> bool:
    return status in ("valid", "corrected", "suspended")
