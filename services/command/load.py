"""`bac load`: files sent to running services, and what they say of each row."""

from __future__ import annotations

import os
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from services.command.options import TokenOption

app = typer.Typer()


class Loadable(StrEnum):
    demonstration = "demonstration"
    agencies = "agencies"
    officials = "officials"
    results = "results"
    evidence = "evidence"


class Encoding(StrEnum):
    tcvn3 = "tcvn3"
    vni = "vni"
    unicode = "unicode"


class SpokenLanguage(StrEnum):
    vi = "vi"
    en = "en"


@app.command()
def load(
    what: Annotated[Loadable, typer.Argument(help="What the file holds.")],
    file: Annotated[
        Path | None, typer.Argument(help=".json, .ndjson, .csv or .xlsx", dir_okay=False)
    ] = None,
    complete_for: Annotated[
        str | None,
        typer.Option("--complete-for", help="The file is the whole roster of this body's subtree."),
    ] = None,
    as_of: Annotated[
        str | None, typer.Option("--as-of", help="Day (YYYY-MM-DD) on which it is complete.")
    ] = None,
    encoding: Annotated[
        Encoding | None,
        typer.Option(help="How the text is coded, never guessed; unicode: whatever it looks like."),
    ] = None,
    dry_run: Annotated[
        bool,
        typer.Option("--dry-run", help="The same report, and nothing is written."),
    ] = False,
    language: Annotated[
        SpokenLanguage | None,
        typer.Option(help="Of the report; else Vietnamese where the locale (LANG) is, or English."),
    ] = None,
    bearer: TokenOption = None,
) -> None:
    """Send a file to the running services and show what they say about each row.

    Good rows stand, bad rows never spoil them, and the same file again changes nothing.

    · [bold]bac load agencies agencies.csv[/bold]

    · [bold]bac load officials roster.xlsx --complete-for H56.09 --as-of 2026-06-30[/bold]

    · [bold]bac load evidence minh-chung.csv --encoding tcvn3 --language vi[/bold]

    · [bold]bac load officials roster.xlsx --dry-run[/bold]   what it would say, nothing written

    · [bold]bac load demonstration[/bold]   the invented data of `bac up`

    Exit code 1 when anything of the file was not taken in: the file or a row refused, a sheet left out.
    """
    from services.command.load_report import language_of, report_lines, taken_in_whole
    from services.command.remote import IMPORTS, Remote, access_token, media_type_of

    if what is Loadable.demonstration:
        _load_demonstration()
        return
    if file is None:
        raise typer.BadParameter(f"name the file that holds the {what.value}")
    service, path = IMPORTS[what.value]
    parameters = {
        "complete_for": complete_for,
        "as_of": as_of,
        "encoding": None if encoding is None else encoding.value,
        "dry_run": "true" if dry_run else None,
    }
    spoken = language_of(os.environ) if language is None else language.value
    with Remote(service, os.environ, access_token(os.environ, bearer), spoken) as remote:
        report = remote.send_file(
            path,
            file,
            media_type_of(file),
            {name: value for name, value in parameters.items() if value is not None},
        )
    for line in report_lines(report, spoken):
        print(line)
    if not taken_in_whole(report):
        raise typer.Exit(1)


def _load_demonstration() -> None:
    from deploy.local.addresses import service_urls
    from deploy.local.errors import CannotRunError
    from deploy.local.home import home_folder
    from services.demonstration import NotLoadedError
    from services.demonstration import load as load_demonstration
    from shared.security.tokens import DEVELOPMENT_KEY_FILE

    key = home_folder(os.environ) / DEVELOPMENT_KEY_FILE
    try:
        load_demonstration(service_urls(os.environ), key)
    except NotLoadedError as error:
        raise CannotRunError(error.english, error.vietnamese) from error
