"""`bac feed`: the change feeds, and the faults of who follows them."""

from __future__ import annotations

import json
import os
import sys
from typing import Annotated

import typer

from services.command.options import Service, TokenOption

app = typer.Typer(no_args_is_help=True, help="Read the change feeds of the services.")


@app.command("tail")
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
    from services.command.remote import Remote, access_token

    with Remote(service.value, os.environ, access_token(os.environ, bearer)) as remote:
        start = after or (None if from_start else remote.head())
        try:
            for event in remote.events(start, follow=follow):
                print(json.dumps(event, ensure_ascii=False), flush=True)
        except BrokenPipeError:
            # `… | head` has read enough; Python must not find that out again when it ends.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@app.command("faults")
def faults(bearer: TokenOption = None) -> None:
    """Show what the services cannot apply of each other's feeds, and what was set aside.

    A feed that is stuck is applied no further: figures stay as of the events before. Exit code 1
    when there is anything to show.
    """
    from services.command.feed_report import fault_lines
    from services.command.remote import Remote, access_token

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


@app.command("set-aside")
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


@app.command("apply-again")
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
    from services.command.feed_report import fault_lines
    from services.command.remote import Remote, access_token

    with Remote(service.value, os.environ, access_token(os.environ, bearer), "en") as remote:
        for line in fault_lines(service.value, remote.mend_feed(feed.value, what, body)):
            print(line)
