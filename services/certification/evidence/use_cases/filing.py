"""Filing evidence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

from services.certification.directory.errors import unknown_agency
from services.certification.directory.use_cases.visibility import (
    known_visible_bodies,
    visible_bodies,
)
from services.certification.evidence import repository
from services.certification.evidence.errors import EvidenceConflict, evidence_conflict
from services.certification.evidence.papers import Paper, paper_of, stated_in
from services.certification.evidence.schemas import (
    EvidenceBody,
    FilingAnswer,
    FilingWarning,
)
from services.certification.evidence.use_cases.reading import answers
from services.certification.framework.documents import Languages
from services.certification.names import folded_name
from shared.contracts.problem import FieldError, Language
from shared.persistence.unit_of_work import UnitOfWork
from shared.security.person_key import PersonKeys

Filed = Literal["new", "known"] | EvidenceConflict

NAME_DIFFERS: Final = FieldError(
    "/person/full_name",
    "name_differs",
    "họ tên khác với minh chứng khác của cùng người; hãy kiểm tra",
    "the name differs from that in other evidence of the same person; please check",
)


async def file_evidence(
    work: UnitOfWork,
    keys: PersonKeys,
    languages: Languages,
    body: EvidenceBody,
    language: Language,
) -> tuple[FilingAnswer, bool]:
    """The evidence, and whether it is new: one paper of one person, filed by one body, is one."""
    filer = body.agency_code or work.principal.agency
    if filer is not None and not await known_visible_bodies(work, [filer]):
        raise unknown_agency()
    paper = paper_of(body, filer, keys, languages, work.clock.today())
    (outcome,) = await file_papers(work, [paper])
    if isinstance(outcome, EvidenceConflict):
        raise outcome
    doubted = await persons_named_otherwise(work, [paper])
    warnings = [FilingWarning(**NAME_DIFFERS.as_json(language))] if doubted else []
    if outcome == "known":
        known = await repository.find_by_natural_keys(work.connection, [paper.natural_key])
        before = (await answers(work, list(known.values())))[0]
        return FilingAnswer(**before.model_dump(), warnings=warnings), False
    work.audit("evidence.file", str(paper.evidence_id))
    answer = FilingAnswer(
        evidence_id=paper.evidence_id,
        status="recorded",
        kind=body.kind,
        language=body.language,
        dated=body.dated,
        filed_by=filer,
        level=None,
        warnings=warnings,
    )
    return answer, True


async def file_papers(work: UnitOfWork, papers: Sequence[Paper]) -> list[Filed]:
    """What became of each; a paper that stands twice in the list is held against its first."""
    firsts: dict[bytes, Paper] = {}
    for paper in papers:
        firsts.setdefault(paper.natural_key, paper)
    now = work.clock.now()
    added = await repository.add_evidence(
        work.connection, [paper.as_row(now) for paper in firsts.values()]
    )
    known = await repository.find_by_natural_keys(
        work.connection, [key for key in firsts if key not in added]
    )
    outcomes: list[Filed] = []
    for paper in papers:
        key = paper.natural_key
        if key in added and firsts[key] is paper:
            outcomes.append("new")
            work.emit(paper.as_event(), subject=str(paper.evidence_id))
            continue
        before = firsts[key].stated if key in added else stated_in(known[key])
        differing = [pointer for pointer, said in paper.stated.items() if before[pointer] != said]
        outcomes.append(evidence_conflict(differing) if differing else "known")
    return outcomes


async def persons_named_otherwise(work: UnitOfWork, papers: Sequence[Paper]) -> set[str]:
    """Those persons whom evidence that the caller may see names differently, this file's included. What
    it may not see is not compared: a warning would tell that it exists."""
    rows = await repository.names_filed(work.connection, {paper.person_key for paper in papers})
    visible = await visible_bodies(work, {row.filed_by for row in rows})
    names: dict[str, set[str]] = {}
    for row in rows:
        if row.filed_by in visible:
            names.setdefault(row.person_key, set()).add(folded_name(row.full_name))
    return {person_key for person_key, known in names.items() if len(known) > 1}
