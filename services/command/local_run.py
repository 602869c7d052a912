"""`bac up`, `worker`, `migrate`: the system itself."""

from __future__ import annotations

import asyncio
import importlib
import os
from typing import Annotated

import typer
from rich.console import Console

from deploy.local.embedded_postgres.errors import AlreadyRunningError
from deploy.local.home import ensure_secrets, home_folder
from deploy.local.migrating import migrate_all
from services.command.options import Service
from shared.persistence.migrations import role_connections

app = typer.Typer()


@app.command()
def up() -> None:
    """Start PostgreSQL, the three services and their workers; stay until Ctrl-C.

    Settings by environment: [bold]BAC_HOME[/bold] (folder of this run, default .bac),
    [bold]BAC_ENROLMENT_PORT[/bold] 8001, [bold]BAC_CERTIFICATION_PORT[/bold] 8002,
    [bold]BAC_TARGETS_PORT[/bold] 8003, [bold]BAC_POSTGRES_PORT[/bold] (a free one),
    [bold]DATABASE_URL[/bold] (use that PostgreSQL instead), [bold]BAC_DEMO=0[/bold] (no
    demonstration data).
    """
    from deploy.local.supervisor import Supervisor

    Supervisor(os.environ, Console(stderr=True)).run()


@app.command()
def worker(service: Annotated[Service, typer.Argument(help="Whose worker to run.")]) -> None:
    """Run the background process of one service: its sequencer, and what
    follows the other services.

    `bac up` starts all three by itself. Any number may run; one of each is active, by a lock in
    the database.
    """
    run = importlib.import_module(f"services.{service.value}.worker").run
    asyncio.run(run(os.environ))


@app.command()
def migrate() -> None:
    """Make the roles, the three schemas and their newest tables; safe to repeat.

    Works on [bold]DATABASE_URL[/bold] (a role with CREATEROLE) with [bold]BAC_ROLE_SECRET[/bold],
    else on the embedded PostgreSQL, whether `bac up` is running or not.
    """
    console = Console(stderr=True)

    def say(text: str) -> None:
        console.print(f"bac: {text}", highlight=False, markup=False, soft_wrap=True)

    given = os.environ.get("DATABASE_URL")
    if given:
        secret = (
            os.environ.get("BAC_ROLE_SECRET")
            or ensure_secrets(home_folder(os.environ), os.environ)["BAC_ROLE_SECRET"]
        )
        asyncio.run(migrate_all(given, secret, role_connections(os.environ), say))
        return
    from deploy.local.embedded_postgres.server import EmbeddedPostgres

    os.environ.setdefault("PGSSLMODE", "disable")
    home = home_folder(os.environ)
    server = EmbeddedPostgres(home)
    try:
        try:
            dsn = server.start(say)
        except AlreadyRunningError:
            dsn = server.dsn_of_another_run()
        secret = ensure_secrets(home, os.environ)["BAC_ROLE_SECRET"]
        asyncio.run(migrate_all(dsn, secret, role_connections(os.environ), say))
    finally:
        server.stop()
