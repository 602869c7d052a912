"""Sends the demonstration through the public APIs; sent twice, it changes nothing."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from services.demonstration.evidence import Acceptance, Decision
from services.demonstration.exams import Sheet, scores
from services.demonstration.sending import Services, refused
from services.demonstration.world import Demonstration, PlaceRecords, build

Say = Callable[[str], None]
_CAUGHT_UP_SECONDS = 120.0
_ACCEPTED_AT_ONCE = 1000


def load(urls: Mapping[str, str], key: Path, say: Say | None = None) -> None:
    """Loads everything and waits until targets has counted it.

    ``key`` is the file that signs development tokens. ``say`` hears what is being done.
    Raises NotLoadedError when a service refuses or stays away.
    """
    tell = _print if say is None else say
    began = time.monotonic()
    with Services(urls, key) as services:
        tell("inventing bodies, officials and papers")
        demonstration = build()
        _Loading(services, demonstration, tell).run()
        tell("waiting until the figures are counted")
        _wait_for_figures(services, demonstration)
    tell(f"demonstration data stand ({time.monotonic() - began:.1f} s)")


class _Loading:
    def __init__(self, services: Services, demonstration: Demonstration, tell: Say) -> None:
        self.services = services
        self.demonstration = demonstration
        self.tell = tell

    def run(self) -> None:
        admin = self.services.token()
        agencies = self.demonstration.agencies
        self.tell(f"bodies: {len(agencies)} dated versions")
        self.services.post_rows(
            "enrolment", "/v1/agencies/import", [one.as_row() for one in agencies], token=admin
        )
        officials = self.demonstration.officials
        self.tell(f"officials: {len(officials)} with their histories")
        self.services.post_rows(
            "enrolment", "/v1/officials/import", [one.as_row() for one in officials], token=admin
        )
        self._results()
        for place in self.demonstration.places:
            self._later_decisions(place)
        for place in self.demonstration.places:
            self.tell(f"evidence of {place.plan}: {len(place.evidence)} papers")
            self._file(place)
        known = self._evidence_ids()
        for place in self.demonstration.places:
            self._decide(place, known)

    def _results(self) -> None:
        of_institution: dict[str, list[Sheet]] = defaultdict(list)
        for sheet in self.demonstration.sheets:
            of_institution[sheet.session.institution].append(sheet)
        for institution, sheets in of_institution.items():
            self.tell(f"exam results of {institution}: {len(sheets)} sheets")
            # A second loading meets sheets that were re-marked meanwhile.
            self.services.post_rows(
                *("certification", "/v1/results/batch"),
                [sheet.as_row() for sheet in sheets],
                token=self.services.token("institution", institution=institution),
                tolerate=("result_conflict",),
            )

    def _later_decisions(self, place: PlaceRecords) -> None:
        token = self.services.token("institution", institution=place.institution)
        for remarking in place.exams.remarkings:
            answer = self._posted_before(remarking.sheet, token)
            if answer is None:
                continue
            self.services.post(
                "certification",
                f"/v1/results/{answer['result_id']}/versions",
                {
                    "reason": "remarking",
                    "decision_number": remarking.decision_number,
                    "decided_on": remarking.decided_on.isoformat(),
                    "scores": scores(remarking.halves),
                },
                token=token,
            )
        for revocation in place.exams.revocations:
            answer = self._posted_before(revocation.sheet, token)
            if answer is None or answer["certificate"] is None:
                continue
            self.services.post(
                "certification",
                f"/v1/certificates/{answer['certificate']['serial']}/revocation",
                {
                    "reason_code": revocation.reason_code,
                    "decision_number": revocation.decision_number,
                    "decided_on": revocation.decided_on.isoformat(),
                    "effect": revocation.effect,
                },
                token=token,
                tolerate=("certificate_not_standing",),
            )

    def _posted_before(self, sheet: Sheet, token: str) -> dict[str, Any] | None:
        """The answer to the same sheet once more; None when it was re-marked meanwhile."""
        return self.services.post(
            *("certification", "/v1/results", sheet.as_row()),
            token=token,
            tolerate=("result_conflict",),
        )

    def _file(self, place: PlaceRecords) -> None:
        self.services.post_rows(
            *("certification", "/v1/evidence/import"),
            [{**paper.as_row(), "agency_code": paper.filed_by} for paper in place.evidence],
            token=self.services.token("authority", agency=place.body),
        )

    def _evidence_ids(self) -> dict[tuple[str, str, str, str], str]:
        """By what tells two papers apart."""
        found: dict[tuple[str, str, str, str], str] = {}
        after: dict[str, str] = {}
        while True:
            page = self.services.get("certification", "/v1/evidence", limit=500, **after)
            for one in page["items"]:
                key = (
                    *(one["person"]["identity_number"], one["kind"], one["dated"]),
                    one["certificate_number"] or "",
                )
                found[key] = one["evidence_id"]
            if page["next"] is None:
                return found
            after = {"cursor": page["next"]}

    def _decide(self, place: PlaceRecords, known: Mapping[tuple[str, str, str, str], str]) -> None:
        accepted: dict[Acceptance, list[str]] = defaultdict(list)
        withdrawn: list[tuple[str, Decision]] = []
        for paper in place.evidence:
            evidence_id = known[paper.key]
            if paper.acceptance:
                accepted[paper.acceptance].append(evidence_id)
            if paper.withdrawal:
                withdrawn.append((evidence_id, paper.withdrawal))
        authority = self.services.token("authority", agency=place.body)
        for acceptance, ids in accepted.items():
            for first in range(0, len(ids), _ACCEPTED_AT_ONCE):
                self._accept(acceptance, ids[first : first + _ACCEPTED_AT_ONCE], authority)
        for evidence_id, decision in withdrawn:
            self.services.post(
                *("certification", f"/v1/evidence/{evidence_id}/withdrawal"),
                {
                    "decision_number": decision.number,
                    "decided_on": decision.decided_on.isoformat(),
                },
                token=authority,
            )

    def _accept(self, acceptance: Acceptance, ids: list[str], token: str) -> None:
        body: dict[str, Any] = {
            "evidence_ids": ids,
            "decision_number": acceptance.decision.number,
            "decided_on": acceptance.decision.decided_on.isoformat(),
        }
        if acceptance.level is not None:
            body["level"] = acceptance.level
        if acceptance.equivalence_table is not None:
            body["equivalence_table"] = acceptance.equivalence_table
        # Withdrawn since: the paper was accepted, and a second loading finds it so.
        known = {"evidence_already_decided"}
        report = self.services.post("certification", "/v1/evidence/acceptances", body, token=token)
        assert report is not None
        codes = {one["code"] for one in report["errors"]} - known
        if codes:
            raise refused("certification", f"acceptance of evidence: {', '.join(sorted(codes))}")


def _wait_for_figures(services: Services, demonstration: Demonstration) -> None:
    """Until every plan is counted at the heads of both feeds, or two minutes have passed."""
    until = time.monotonic() + _CAUGHT_UP_SECONDS
    while time.monotonic() < until:
        heads = {
            name: services.get(name, "/v1/events", limit=1)["head"]
            for name in ("enrolment", "certification")
        }
        place = demonstration.places[-1]
        figures = services.get("targets", f"/v1/plans/{place.plan}/progress", as_of="2026-12-31")
        if figures["counted_at"] == heads:
            return
        time.sleep(0.5)


def _print(text: str) -> None:
    print(text, flush=True)  # noqa: T201 - what a run of the command shows
