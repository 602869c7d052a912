"""Rows of the copied directory, as the database takes them."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple


class InstitutionRow(NamedTuple):
    """``authorisations`` as JSON."""

    institution_code: str
    version: int
    kind: str
    authorisations: str
    name: str | None


class AgencyVersionRow(NamedTuple):
    agency_code: str
    valid_from: dt.date
    valid_to: dt.date | None
    parent_code: str | None
    bloc: str | None
    system: str
