"""Who acts where nobody asked."""

from __future__ import annotations

from typing import Final

from shared.security.principal import Principal

WORKER: Final = Principal(subject="worker:enrolment", role="admin")
