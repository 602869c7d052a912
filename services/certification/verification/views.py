"""What public verification says of a certificate."""

from __future__ import annotations

from services.certification.framework.documents import Rulebook
from services.certification.framework.levels import Framework
from services.certification.registry.status import is_in_force, status_of, status_words
from services.certification.verification.rows import PublicCertificate
from services.certification.verification.schemas import VerificationView
from shared.contracts.levels import CEFR


def framework_of(rulebook: Rulebook, row: PublicCertificate) -> Framework:
    return next(each for each in rulebook.frameworks if each.code == row.framework)


def view_of(framework: Framework, row: PublicCertificate, *, named: bool) -> VerificationView:
    """``named``: with the holder's name."""
    status = status_of(row.annex_kinds)
    level = next(each for each in framework.levels if each.level == row.level)
    return VerificationView(
        serial=row.serial,
        status=status,
        status_vi=status_words(status, replaced=row.superseded_by is not None)[0],
        stands=is_in_force(status),
        holder_name=row.holder.full_name if named else None,
        level=row.level,
        level_vi=level.label_vi,
        cefr=CEFR[row.level],
        framework=row.framework,
        language=row.language,
        institution_code=row.institution_code,
        institution_name=row.institution_name,
        register_book=row.register_book,
        register_number=row.register_number,
        held_on=row.held_on,
        issued_on=row.issued_on,
        valid_until=row.valid_until,
        decided_on=row.decided_on,
        supersedes=row.supersedes,
        superseded_by=row.superseded_by,
    )
