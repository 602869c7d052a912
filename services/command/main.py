"""The `bac` command with all its groups."""

from __future__ import annotations

import sys

import typer
from rich.console import Console

from deploy.local.embedded_postgres.errors import EmbeddedPostgresError
from deploy.local.errors import CannotRunError
from services.command import feed, load, local_run, register, targets, token, version

app = typer.Typer(
    name="bac",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="""[bold]Bậc[/bold]: system of record for the local plans of Decision 1659/QĐ-TTg.

    Begin with [bold]bac up[/bold] (or [bold]make run[/bold]) in one terminal. In another:

    · [bold]curl -H "Authorization: Bearer $(bac token --role admin)" http://127.0.0.1:8003/v1/plans[/bold]

    · [bold]bac load officials roster.xlsx[/bold]   send a roster, read what is wrong row by row

    · [bold]bac feed tail certification[/bold]   watch certificates being registered

    · [bold]bac targets check[/bold]   count a sample of figures again, person by person
    """,
)
for commands in (local_run.app, token.app, load.app, version.app):
    app.add_typer(commands)
app.add_typer(targets.app, name="targets")
app.add_typer(feed.app, name="feed")
app.add_typer(register.app, name="register")


def main() -> None:
    """Run the command; a known reason to fail is one sentence per language and exit code 1."""
    try:
        app(prog_name="bac")
    except (CannotRunError, EmbeddedPostgresError) as error:
        console = Console(stderr=True)
        for sentence in str(error).splitlines():
            console.print(f"bac: {sentence}", style="bold red", markup=False, soft_wrap=True)
        sys.exit(1)
