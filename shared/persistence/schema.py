"""What a service says about its own schema."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy import MetaData

SERVICES = ("enrolment", "certification", "targets")

MECHANISM_APPEND_ONLY = ("outbox", "audit")
"""Tables of every service that its runtime role may only read and add to."""


def runtime_role_of(service: str) -> str:
    """The database role a service runs under; it reads no schema but its own."""
    return f"bac_{service}"


@dataclass(frozen=True, slots=True)
class ServiceSchema:
    """A service's schema: its name is also the service's and the runtime role's (``bac_<name>``)."""

    name: str
    migrations: Path
    metadata: MetaData
    append_only: tuple[str, ...] = ()
    """Own tables the runtime role may only SELECT and INSERT (registers, histories)."""

    @property
    def runtime_role(self) -> str:
        return runtime_role_of(self.name)

    @property
    def owner_role(self) -> str:
        return f"bac_{self.name}_owner"

    @property
    def protected_tables(self) -> tuple[str, ...]:
        return (*MECHANISM_APPEND_ONLY, *self.append_only)
