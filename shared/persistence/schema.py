"""What a service says about its own schema."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sqlalchemy import MetaData

SERVICES = ("enrolment", "certification", "targets")

WHOLE_ROW: Final = ("*",)


@dataclass(frozen=True, slots=True)
class Rights:
    """What a service's runtime role may do with rows of one table beyond reading them.

    ``update``: the columns it may change, or :data:`WHOLE_ROW`. Nothing is declared that the product does
    not do: a stolen password of the role can rewrite no register.
    """

    insert: bool = True
    update: tuple[str, ...] = ()
    delete: bool = False


READ_ONLY: Final = Rights(insert=False)
READ_AND_ADD: Final = Rights()
ALL_RIGHTS: Final = Rights(update=WHOLE_ROW, delete=True)

MECHANISM_RIGHTS: Final[Mapping[str, Rights]] = {
    "alembic_version": READ_ONLY,
    "outbox": READ_AND_ADD,
    "audit": READ_AND_ADD,
    "feed": READ_AND_ADD,
    "feed_identity": Rights(insert=False, update=("floor",)),
    "feed_cursor": Rights(
        update=(
            *("cursor", "events", "moved_at", "stuck_position", "stuck_event", "stuck_type"),
            *("stuck_subject", "stuck_error", "stuck_since"),
        )
    ),
    "feed_set_aside": Rights(
        update=(
            *("error", "reason", "decided_by", "decided_at", "passed_at", "retry_at"),
            "settled_at",
        )
    ),
    "idempotency": ALL_RIGHTS,
    "question_count": Rights(update=("asked",), delete=True),
}
"""Rights on the tables that every service has. A feed's audience and positions are written once."""


def runtime_role_of(service: str) -> str:
    """The database role a service runs under; it reads no schema but its own."""
    return f"bac_{service}"


@dataclass(frozen=True, slots=True)
class ServiceSchema:
    """A service's schema: its name is also the service's and the runtime role's (``bac_<name>``)."""

    name: str
    migrations: Path
    metadata: MetaData
    rights: Mapping[str, Rights] = field(default_factory=dict)
    """By own table. A test refuses a table that nobody declared; the database gives it all rights."""

    @property
    def runtime_role(self) -> str:
        return runtime_role_of(self.name)

    @property
    def owner_role(self) -> str:
        return f"bac_{self.name}_owner"

    def rights_of(self, table: str) -> Rights:
        return MECHANISM_RIGHTS.get(table) or self.rights.get(table) or ALL_RIGHTS
