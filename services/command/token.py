"""`bac token`: a bearer token of the local development key."""

from __future__ import annotations

import os
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from deploy.local.home import development_token, home_folder, unusable, usable_folder

app = typer.Typer()


class RoleName(StrEnum):
    authority = "authority"
    agency = "agency"
    institution = "institution"
    auditor = "auditor"
    official = "official"
    admin = "admin"


class Bloc(StrEnum):
    party = "party"
    state = "state"


@app.command()
def token(
    role: Annotated[RoleName, typer.Option("--role", help="What the caller may do.")],
    agency: Annotated[
        str | None, typer.Option("--agency", help="Code of the body whose subtree is in scope.")
    ] = None,
    institution: Annotated[
        str | None, typer.Option("--institution", help="Code of the caller's institution.")
    ] = None,
    bloc: Annotated[
        Bloc | None, typer.Option("--bloc", help="Person-level data of this bloc only.")
    ] = None,
    official: Annotated[
        str | None,
        typer.Option("--official", help="Code of the official that asks (role official)."),
    ] = None,
    scope: Annotated[
        str | None, typer.Option("--scope", help="Extra scopes, e.g. pii:read for whole numbers.")
    ] = None,
    ttl: Annotated[int, typer.Option("--ttl", min=1, help="Seconds the token is good for.")] = 3600,
) -> None:
    """Print a bearer token of the local development key, and nothing else.

    Services accept it only where `bac up` started them.

    · [bold]bac token --role institution --institution VINH[/bold]

    · [bold]bac token --role agency --agency H56.09.TTYTHH --ttl 60[/bold]
    """
    from shared.security.tokens import DEVELOPMENT_KEY_FILE, make_development_key

    if role is RoleName.agency and not agency:
        raise typer.BadParameter("--role agency needs --agency CODE")
    if role is RoleName.institution and not institution:
        raise typer.BadParameter("--role institution needs --institution CODE")
    if role is RoleName.official and not official:
        raise typer.BadParameter("--role official needs --official CODE")
    home = usable_folder(home_folder(os.environ))
    try:
        new = not (home / DEVELOPMENT_KEY_FILE).exists()
        make_development_key(home / DEVELOPMENT_KEY_FILE)
    except OSError as error:
        raise unusable(home, error) from error
    made = development_token(
        home,
        role=role.value,
        agency=agency,
        institution=institution,
        bloc=bloc.value if bloc else None,
        official_code=official,
        scope=scope,
        ttl=ttl,
    )
    if new:
        _say_new_key(home)
    print(made)


def _say_new_key(home: Path) -> None:
    english = (
        f"a new development key was made in {home}; only services that `bac up` starts with this "
        "BAC_HOME accept the token."
    )
    vietnamese = (
        f"đã tạo khóa phát triển mới trong {home}; chỉ các dịch vụ mà `bac up` chạy với BAC_HOME này "
        "nhận mã truy cập."
    )
    console = Console(stderr=True)
    for sentence in (english, vietnamese):
        console.print(f"bac: {sentence}", markup=False, highlight=False, soft_wrap=True)
