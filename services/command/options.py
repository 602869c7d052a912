"""Options that several commands have."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer


class Service(StrEnum):
    enrolment = "enrolment"
    certification = "certification"
    targets = "targets"


TokenOption = Annotated[
    str | None,
    typer.Option(
        "--token",
        help="Bearer token; else $BAC_TOKEN, else an administrator's of the local development key.",
    ),
]
