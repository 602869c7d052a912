"""``make bench``: every budget of speed, measured as a ratio within one run, printed beside its budget.

``--small`` takes a tenth of the sizes, to try the bench itself; its figures are not written down.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import platform
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import psutil
from rich.console import Console

from tests.bench import post_results
from tests.bench.figures import Figure, as_markdown, show
from tests.bench.probes import admin_dsn_of, bare_asgi, plain_pgbench
from tests.bench.rosters import (
    import_officials,
    load_agencies,
    measure_import,
    measure_progress,
    questions,
)
from tests.bench.sheets import (
    measure_bulk,
    measure_freshness,
    measure_singles_beside_bulk,
    post_batch,
)
from tests.bench.wire import run_load
from tests.system import System

PAGE = Path(__file__).parents[2] / "docs" / "performance.md"
BEGIN, END = "<!-- figures -->\n", "<!-- /figures -->"


async def single_posts(console: Console, seconds: float) -> list[Figure]:
    figures: list[Figure] = []
    for institutions in (10, 1):
        console.print(f"single results of {institutions} …")
        with System() as system:
            figures += await post_results.measure(
                system, admin_dsn_of(system), institutions=institutions, seconds=seconds
            )
    return figures


async def bulk(console: Console, scale: float) -> list[Figure]:
    figures: list[Figure] = []
    for count in (int(10_000 * scale), int(100_000 * scale)):
        console.print(f"bulk of {count} results …")
        with System() as system:
            dsn = admin_dsn_of(system)
            figures += await measure_bulk(system, dsn, count, f"BULK-{count}")
            if count >= 100_000 * scale:
                figures += await measure_singles_beside_bulk(system, count)
    return figures


async def rosters_and_progress(console: Console, scale: float) -> list[Figure]:
    figures: list[Figure] = []
    small, large = int(20_000 * scale), int(200_000 * scale)
    with System() as system:
        console.print(f"rosters of {small} and {large} officials …")
        bodies = load_agencies(system, max(100, int(5_000 * scale)))
        import_officials(system, bodies, 0, small)
        system.targets_caught_up(1800)
        figures += await measure_progress(system, bodies, small)
    with System() as system:
        bodies = load_agencies(system, max(100, int(5_000 * scale)))
        figures += await measure_import(system, admin_dsn_of(system), bodies, large)
        await post_batch(system, "HISTORY", 0, large // 2)
        system.targets_caught_up(1800)
        figures += await measure_progress(system, bodies, large)
        figures += await measure_freshness(system, 200)
        console.print("progress while results are folded …")
        folding = asyncio.create_task(post_batch(system, "FOLDING", large // 2, large // 2))
        load = await run_load(
            system.urls["targets"], questions(system, bodies, 1500, 3), clients=1, seconds=120
        )
        await folding
        system.targets_caught_up(1800)
        figures.append(
            Figure(
                "progress while results are folded",
                f"p99, {large} officials, {large // 2} results",
                load.percentile(99) * 1000,
                "ms",
                20,
            )
        )
    return figures


async def restart(console: Console, scale: float) -> list[Figure]:
    console.print("restart with demonstration data …")
    system = System(demonstration=scale >= 1)
    try:
        with system:
            first = system.ready_after
            system.stop()
            system.start()
            second = system.ready_after
    finally:
        system.stop()
    return [
        Figure("make run", "first start, demonstration data loaded", first, "s"),
        Figure("make run", "restart", second, "s", 5),
    ]


async def probes(console: Console, _: float) -> list[Figure]:
    console.print("probes …")
    with System() as system:
        return [await bare_asgi(), plain_pgbench(admin_dsn_of(system))]


PARTS: dict[str, Callable[[Console, float], Awaitable[list[Figure]]]] = {
    "probes": probes,
    "singles": lambda console, scale: single_posts(console, 12 * max(scale, 0.25)),
    "bulk": bulk,
    "progress": rosters_and_progress,
    "restart": restart,
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], help="default: all of them")
    parser.add_argument("--small", action="store_true")
    asked = parser.parse_args()
    console = Console() if sys.stdout.isatty() else Console(width=160)
    scale = 0.1 if asked.small else 1.0
    figures: list[Figure] = []
    began = time.monotonic()
    for name in asked.parts or PARTS:
        figures += asyncio.run(PARTS[name](console, scale))  # type: ignore[arg-type]
        gc.collect()
    show(figures, console)
    console.print(f"{time.monotonic() - began:.0f} s on {machine()}")
    if not asked.small and not asked.parts:
        write_down(figures)
        console.print(f"written to {PAGE.relative_to(Path.cwd())}")


def machine() -> str:
    memory = psutil.virtual_memory().total / 2**30
    return f"{psutil.cpu_count()} cores ({platform.machine()}), {memory:.0f} GiB"


def write_down(figures: list[Figure]) -> None:
    text = PAGE.read_text()
    head, rest = text.split(BEGIN)
    tail = rest.split(END)[1]
    stamp = f"Python {platform.python_version()}, {machine()}.\n\n"
    PAGE.write_text(f"{head}{BEGIN}\n{stamp}{as_markdown(figures)}\n{END}{tail}")


if __name__ == "__main__":
    main()
