"""``POST /v1/results`` under 32 clients, against pgbench inserting the same rows into the same tables."""

from __future__ import annotations

import asyncio
import json
import statistics
import subprocess
import tempfile
from pathlib import Path

import asyncpg

from deploy.local.embedded_postgres.binaries import postgres_binary
from tests.bench.figures import Figure
from tests.bench.wire import Load, post, run_load
from tests.making.people import result
from tests.system import System

CLIENTS = 32
TABLES = ("exam_result", "register_entry", "outbox", "audit", "idempotency")

_GRANT = """
INSERT INTO certification.institution VALUES ($1, 1, 'university', $2) ON CONFLICT DO NOTHING
"""
_AUTHORISED = {
    "granted_by": "ministry",
    "province_code": None,
    "language": "en",
    "formats": None,
    "levels": [1, 2, 3, 4, 5, 6],
    "decision_number": "bench",
    "valid_from": "2019-01-01",
    "valid_to": None,
}

# One statement, one row per table as the product writes it; widths are those of real rows. The client
# number and a sequence make the natural keys.
_STATEMENT = r"""
\set session random(1, :sessions)
WITH n AS MATERIALIZED (
    SELECT nextval('bench_post.n')::int AS n, {key} AS id, now() AS now),
result AS (
    INSERT INTO bench_post.exam_result
    SELECT id, :session, lpad(n::text, 7, '0'), sha256(n::text::bytea), sha256(id::text::bytea),
           'citizen_id', 'VN', '066070' || lpad(n::text, 6, '0'), 'Nguyễn Văn Đo ' || n,
           '1985-03-04', 'present', 'VSTEP.3-5', 'en', 13, 14, 11, 12, 13, 4, 'VSTEP.3-5/729-2015', now,
           lpad(n::text, 7, '0'), 0
    FROM n),
entry AS (
    INSERT INTO bench_post.register_entry
    SELECT id, :session, n, n::text, 'VINH.2026.' || lpad(n::text, 6, '0') || '.X', NULL, false, false,
           id, 1, 'KNLNNVN-2014', 4, 'en', '2026-06-01', NULL, NULL, NULL, NULL, NULL, NULL, now,
           'vinh.2026.' || lpad(n::text, 6, '0') || '.x', 0, NULL, 0, NULL
    FROM n),
event AS (
    INSERT INTO bench_post.outbox (event_id, type, subject, occurred_at, data, audience)
    SELECT id, 'vn.bac.certificate.issued.v1', 'VINH.2026.' || n, now, repeat('x', {event}),
           ARRAY['institution.VINH']
    FROM n),
line AS (
    INSERT INTO bench_post.audit (at, caller, role, action, subject, correlation_id, detail)
    SELECT now, 'dev.institution.VINH', 'institution', 'result.record', id::text, id::text, NULL FROM n)
INSERT INTO bench_post.idempotency
SELECT sha256((n || 'k')::bytea), sha256((n || 'f')::bytea), 201, 'application/json',
       repeat('x', {answer}), now
FROM n
"""


async def authorise(admin_dsn: str, institutions: list[str]) -> None:
    """Known to certification only, as if enrolment had told it."""
    connection = await asyncpg.connect(admin_dsn)
    try:
        given = [{**_AUTHORISED, "activity": name} for name in ("testing", "certifying")]
        for code in institutions:
            await connection.execute(_GRANT, code, json.dumps(given))
    finally:
        await connection.close()


def requests_of(
    count: int, turn: int, institutions: list[str], tokens: dict[str, str]
) -> list[bytes]:
    """Made before the clock starts; every sheet reaches a level and earns a certificate."""
    made = []
    for number in range(count):
        code = institutions[number % len(institutions)]
        body = result(number, f"BENCH-{len(institutions)}-{turn}", institution=code)
        body["scores"] = {"listening": 6.5, "reading": 7.0, "writing": 5.5, "speaking": 6.0}
        key = f"bench-{number}-{turn}-{code}"
        made.append(
            post("/v1/results", json.dumps(body).encode(), tokens[code], Idempotency_Key=key)
        )
    return made


async def pgbench_rate(admin_dsn: str, sessions: int, seconds: int) -> tuple[float, float]:
    """Statements/s and their p99 in milliseconds; 32 clients, 2 threads, prepared statements."""
    connection = await asyncpg.connect(admin_dsn, command_timeout=600)
    try:
        await connection.execute(
            "DROP SCHEMA IF EXISTS bench_post CASCADE; CREATE SCHEMA bench_post;"
            " CREATE SEQUENCE bench_post.n CACHE 32"
        )
        for table in TABLES:
            await connection.execute(
                f"CREATE TABLE bench_post.{table} (LIKE certification.{table} INCLUDING ALL)"
            )
        widths = await connection.fetchrow(
            "SELECT (SELECT avg(length(data))::int FROM certification.outbox) AS event,"
            " (SELECT avg(length(body))::int FROM certification.idempotency) AS answer"
        )
        native = await connection.fetchval("SELECT count(*) FROM pg_proc WHERE proname = 'uuidv7'")
        statement = _STATEMENT.format(
            key="uuidv7()" if native else "gen_random_uuid()",
            event=widths["event"] or 600,
            answer=widths["answer"] or 450,
        )
        with tempfile.TemporaryDirectory(prefix="bac-pgbench-") as folder:
            script = Path(folder) / "post.sql"
            script.write_text(statement)
            run = subprocess.run(
                [
                    *(postgres_binary("pgbench"), "-n", "-M", "prepared", "-c", str(CLIENTS)),
                    *("-j", "2", "-T", str(seconds), "-D", f"sessions={sessions}"),
                    *("-l", "--log-prefix", str(Path(folder) / "log")),
                    *("-f", str(script), admin_dsn),
                ],
                check=False,
                capture_output=True,
                text=True,
            )
            if run.returncode:
                raise RuntimeError(f"pgbench: {run.stderr[-2000:]}")
            times = sorted(
                int(line.split()[2])
                for log in Path(folder).glob("log*")
                for line in log.read_text().splitlines()
            )
        rate = next(
            float(line.split("=")[1].split()[0])
            for line in run.stdout.splitlines()
            if line.startswith("tps")
        )
        return rate, times[int(len(times) * 0.99)] / 1000
    finally:
        await connection.execute("DROP SCHEMA IF EXISTS bench_post CASCADE")
        await connection.close()


async def measure(
    system: System, admin_dsn: str, *, institutions: int, seconds: float, rounds: int = 2
) -> list[Figure]:
    """Product and pgbench take turns, ``rounds`` times ``seconds`` each; figures are medians of the turns.

    Raises RuntimeError when an answer is not 201.
    """
    codes = [f"BENCH{number}" for number in range(institutions)]
    await authorise(admin_dsn, codes)
    tokens = {code: system.token("institution", institution=code) for code in codes}
    url = system.urls["certification"]
    await _post(url, requests_of(4_000, 0, codes, tokens), 5)
    turns: list[dict[str, float]] = []
    for number in range(1, rounds + 1):
        prepared = requests_of(int(12_000 * seconds), number, codes, tokens)
        load = await _post(url, prepared, seconds)
        # The workers' share of what was just posted must not be charged to pgbench.
        await asyncio.to_thread(system.targets_caught_up, 600)
        baseline, baseline_p99 = await pgbench_rate(admin_dsn, institutions, max(1, round(seconds)))
        turns.append(
            {
                "rate": load.rate,
                "p50": load.percentile(50) * 1000,
                "p99": load.percentile(99) * 1000,
                "baseline": baseline,
                "baseline_p99": baseline_p99,
                "ratio": 100 * load.rate / baseline,
            }
        )
    middle = {name: statistics.median(turn[name] for turn in turns) for name in turns[0]}
    path = f"single results, {institutions} institution{'s' if institutions > 1 else ''}"
    said = f"pgbench: {middle['baseline']:,.0f}/s"
    each = ", ".join(f"{turn['ratio']:.0f}" for turn in turns)
    return [
        Figure(path, "rate", middle["rate"], "results/s", baseline=said),
        Figure(path, "of pgbench", middle["ratio"], "%", 80, "higher", f"{said}; turns: {each} %"),
        Figure(path, "p50", middle["p50"], "ms"),
        Figure(
            path,
            "p99",
            middle["p99"],
            "ms",
            25,
            baseline=f"pgbench: {middle['baseline_p99']:.1f} ms",
        ),
    ]


async def _post(url: str, requests: list[bytes], seconds: float) -> Load:
    load = await run_load(url, iter(requests), clients=CLIENTS, seconds=seconds)
    if set(load.statuses) != {201}:
        raise RuntimeError(f"posts: {load.statuses} {load.first_failure[:1000]!r}")
    return load
