"""The `bac` command."""

from __future__ import annotations

import asyncio
import importlib
import importlib.metadata
import json
import os
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from services.embedded_postgres_errors import AlreadyRunningError, EmbeddedPostgresError
from services.home import (
    CannotRunError,
    development_token,
    ensure_secrets,
    home_folder,
    migrate_all,
    service_urls,
    unusable,
    usable_folder,
)
from shared.persistence.migrations import role_connections

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
targets_app = typer.Typer(no_args_is_help=True, help="Ask about plans and their figures.")
register_app = typer.Typer(no_args_is_help=True, help="Ask about the register of certificates.")
feed_app = typer.Typer(no_args_is_help=True, help="Read the change feeds of the services.")
app.add_typer(targets_app, name="targets")
app.add_typer(feed_app, name="feed")
app.add_typer(register_app, name="register")


class Service(StrEnum):
    enrolment = "enrolment"
    certification = "certification"
    targets = "targets"


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


TokenOption = Annotated[
    str | None,
    typer.Option(
        "--token",
        help="Bearer token; else $BAC_TOKEN, else an administrator's of the local development key.",
    ),
]


@app.command()
def up() -> None:
    """Start PostgreSQL, the three services and their workers; stay until Ctrl-C.

    Settings by environment: [bold]BAC_HOME[/bold] (folder of this run, default .bac),
    [bold]BAC_ENROLMENT_PORT[/bold] 8001, [bold]BAC_CERTIFICATION_PORT[/bold] 8002,
    [bold]BAC_TARGETS_PORT[/bold] 8003, [bold]BAC_POSTGRES_PORT[/bold] (a free one),
    [bold]DATABASE_URL[/bold] (use that PostgreSQL instead), [bold]BAC_DEMO=0[/bold] (no
    demonstration data).
    """
    from services.supervisor import Supervisor

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
    from services.embedded_postgres import EmbeddedPostgres

    os.environ.setdefault("PGSSLMODE", "disable")
    home = home_folder(os.environ)
    server = EmbeddedPostgres(home)
    try:
        try:
            dsn = server.start(say)
        except AlreadyRunningError:
            dsn = server.remembered_dsn()
        secret = ensure_secrets(home, os.environ)["BAC_ROLE_SECRET"]
        asyncio.run(migrate_all(dsn, secret, role_connections(os.environ), say))
    finally:
        server.stop()


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
    from services.load_report import language_of, report_lines, taken_in_whole
    from services.remote import IMPORTS, Remote, access_token, media_type_of

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
    demonstration = importlib.import_module("services.demonstration")
    demonstration.load()


@targets_app.command("check")
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
    from services.remote import access_token
    from services.targets.recount.check import CheckImpossible, run_check

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


@feed_app.command("tail")
def tail(
    service: Annotated[Service, typer.Argument(help="Whose feed to read.")],
    after: Annotated[
        str | None, typer.Option("--after", help="Only what stands behind this cursor.")
    ] = None,
    from_start: Annotated[
        bool, typer.Option("--from-start", help="Begin with the oldest event, not with news.")
    ] = False,
    follow: Annotated[
        bool, typer.Option("--follow/--no-follow", help="Stay and wait for more.")
    ] = True,
    bearer: TokenOption = None,
) -> None:
    """Print events as they are published, one JSON document per line.

    · [bold]bac feed tail certification[/bold]   news only, until Ctrl-C

    · [bold]bac feed tail enrolment --from-start --no-follow | wc -l[/bold]
    """
    from services.remote import Remote, access_token

    with Remote(service.value, os.environ, access_token(os.environ, bearer)) as remote:
        start = after or (None if from_start else remote.head())
        try:
            for event in remote.events(start, follow=follow):
                print(json.dumps(event, ensure_ascii=False), flush=True)
        except BrokenPipeError:
            # `… | head` has read enough; Python must not find that out again when it ends.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@feed_app.command("faults")
def faults(bearer: TokenOption = None) -> None:
    """Show what the services cannot apply of each other's feeds, and what was set aside.

    A feed that is stuck is applied no further: figures stay as of the events before. Exit code 1
    when there is anything to show.
    """
    from services.feed_report import fault_lines
    from services.remote import Remote, access_token

    token = access_token(os.environ, bearer)
    lines: list[str] = []
    for service in Service:
        with Remote(service.value, os.environ, token) as remote:
            for feed in remote.followed_feeds():
                lines += fault_lines(service.value, feed)
    for line in lines or ["every feed is applied, nothing is set aside"]:
        print(line)
    if lines:
        raise typer.Exit(1)


FeedArgument = Annotated[Service, typer.Argument(help="Whose feed it follows.")]
PositionArgument = Annotated[int, typer.Argument(min=1, help="As `bac feed faults` shows it.")]


@feed_app.command("set-aside")
def set_aside(
    service: Annotated[Service, typer.Argument(help="The service that cannot apply the event.")],
    feed: FeedArgument,
    position: PositionArgument,
    reason: Annotated[str, typer.Option("--reason", help="Kept, and shown, with the event.")],
    bearer: TokenOption = None,
) -> None:
    """Let a feed go on without the one event that it is stuck at, and later ones of its subject.

    Until they are applied, /health/ready, the metrics and every figure say that they are left out.

    · [bold]bac feed set-aside targets enrolment 1204 --reason "fault 312, repaired tomorrow"[/bold]
    """
    _mend(service, feed, "set-aside", {"position": position, "reason": reason}, bearer)


@feed_app.command("apply-again")
def apply_again(
    service: Annotated[Service, typer.Argument(help="The service that set the event aside.")],
    feed: FeedArgument,
    position: PositionArgument,
    bearer: TokenOption = None,
) -> None:
    """Apply an event that was set aside, and those of its subject behind it, after all."""
    _mend(service, feed, "re-application", {"position": position}, bearer)


def _mend(
    service: Service, feed: Service, what: str, body: dict[str, object], bearer: str | None
) -> None:
    from services.feed_report import fault_lines
    from services.remote import Remote, access_token

    with Remote(service.value, os.environ, access_token(os.environ, bearer), "en") as remote:
        for line in fault_lines(service.value, remote.mend_feed(feed.value, what, body)):
            print(line)


@register_app.command("check")
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
    from services.remote import Remote, access_token

    with Remote("certification", os.environ, access_token(os.environ, bearer)) as remote:
        found = remote.register_collisions(institution)
    for one in found["items"]:
        print(f"{one['kind']}:")
        for line in one["lines"]:
            told = (
                "institution_code",
                "exam_session",
                "register_book",
                "register_number",
                "serial",
            )
            facts = [f"{name}={line[name]!r}" for name in told if line[name] is not None]
            which = line["certificate_id"] or line["result_id"]
            facts += [] if which is None else [f"id={which}"]
            print(f"  {line['written']!r}  {' '.join(facts)}")
    if not found["complete"]:
        print("… and more; ask institution by institution")
    print(f"{len(found['items'])} keys collide")
    if found["items"]:
        raise typer.Exit(1)


@app.command()
def version() -> None:
    """Print the versions of Bậc, Python and the embedded PostgreSQL."""
    print(f"bac {product_version()}")
    print(f"python {sys.version.split()[0]}")
    try:
        print(f"embedded-postgres {importlib.metadata.version('embedded-postgres')}")
    except importlib.metadata.PackageNotFoundError:
        print("embedded-postgres not installed")


def product_version() -> str:
    """As installed, else as `pyproject.toml` of the checkout says."""
    try:
        return importlib.metadata.version("bac")
    except importlib.metadata.PackageNotFoundError:
        import tomllib

        project = Path(__file__).parents[1] / "pyproject.toml"
        return str(tomllib.loads(project.read_text())["project"]["version"])


def main() -> None:
    """Run the command; a known reason to fail is one sentence per language and exit code 1."""
    try:
        app(prog_name="bac")
    except (CannotRunError, EmbeddedPostgresError) as error:
        console = Console(stderr=True)
        for sentence in str(error).splitlines():
            console.print(f"bac: {sentence}", style="bold red", markup=False, soft_wrap=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
