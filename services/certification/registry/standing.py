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


def status_of(annex: Sequence[str]) -> CertificateStatus:
    """From the kinds of the annex, oldest first. Annulment outweighs revocation, that supersession; a
    suspension holds until it is lifted; a correction leaves the certificate standing."""
    for kind, status in _ENDS.items():
        if kind in annex:
            return status
    for kind in reversed(annex):
        if kind == "suspension":
            return "suspended"
        if kind == "suspension_lifted":
            break
    return "corrected" if "correction" in annex else "valid"


def stands(status: CertificateStatus) -> bool:
    return status in ("valid", "corrected", "suspended")
