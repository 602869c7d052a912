"""`bac targets`: plans and their figures."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from deploy.local.addresses import service_urls
from deploy.local.errors import CannotRunError
from services.command.options import TokenOption

app = typer.Typer(no_args_is_help=True, help="Ask about plans and their figures.")


@app.command("check")
def check(
    whole: Annotated[
        bool,
        typer.Option(
            "--all",
            help="Also every body of every plan's tree, on each fixed day and today (minutes).",
        ),
    ] = False,
    seed: Annotated[
        int | None,
        typer.Option(
            "--seed", help="Draw the sample of this number; else of today's date (20261123)."
        ),
    ] = None,
    bearer: TokenOption = None,
) -> None:
    """Count figures again from the raw events, person by person, and show each difference.

    A sample is asked: of every plan its own body on fixed days (2024-12-31 to 2030-12-31) and
    today, each departure from its readings, the bodies above it, and a dozen bodies drawn from
    the directory with their lists of people. The last line says about how many of all bodies.

    The recount shares no code with what serves the figures but the plan documents. Exit code 1
    when anything differs.
    """
    from services.command.remote import access_token
    from services.targets.recount.use_cases import CheckImpossible, run_check

    urls = service_urls(os.environ)
    try:
        report = run_check(
            urls["enrolment"],
            urls["certification"],
            urls["targets"],
            access_token(os.environ, bearer),
            whole=whole,
            seed=seed,
        )
    except CheckImpossible as error:
        raise CannotRunError(
            f"The figures could not be checked: {error}", f"Không kiểm tra được số liệu: {error}"
        ) from error
    print(report)
    if not report.agrees:
        raise typer.Exit(1)
