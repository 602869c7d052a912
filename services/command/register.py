"""`bac register`: the register of certificates."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from services.command.options import TokenOption

app = typer.Typer(no_args_is_help=True, help="Ask about the register of certificates.")


@app.command("check")
def register_check(
    institution: Annotated[
        str | None, typer.Option("--institution", help="Code of the issuer; else of all.")
    ] = None,
    bearer: TokenOption = None,
) -> None:
    """List old lines of the register whose serials, register numbers, session codes or candidate
    numbers differ in case or spaces only.

    They stay as they are. A serial that several certificates have names nobody in public
    verification; with a token one of them is chosen by the certificate_id that is printed here.
    Names and numbers of persons are not printed. Exit code 1 when there are any.
    """
    from services.command.remote import Remote, access_token

    with Remote("certification", os.environ, access_token(os.environ, bearer)) as remote:
        found = remote.register_collisions(institution)
    for one in found["items"]:
        print(f"{one['kind']}:")
        for line in one["lines"]:
            shown = (
                "institution_code",
                "exam_session",
                "register_book",
                "register_number",
                "serial",
            )
            facts = [f"{name}={line[name]!r}" for name in shown if line[name] is not None]
            which = line["certificate_id"] or line["result_id"]
            facts += [] if which is None else [f"id={which}"]
            print(f"  {line['written']!r}  {' '.join(facts)}")
    if not found["complete"]:
        print("… and more; ask institution by institution")
    print(f"{len(found['items'])} keys collide")
    if found["items"]:
        raise typer.Exit(1)
