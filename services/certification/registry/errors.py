"""Refusals of the register."""

from __future__ import annotations

from shared.contracts.problem import Problem


class SerialInUse(Problem):
    """A serial (số hiệu) is never used twice, not even after revocation."""

    code, status = "serial_in_use", 409
    title_vi, title_en = "Số hiệu đã được dùng", "Serial already used"


class SerialAmbiguous(Problem):
    """Lines of the register that were entered before serials were compared without case and spaces have this
    serial alike; ``certificates`` tells them apart."""

    code, status = "serial_ambiguous", 409
    title_vi, title_en = "Nhiều chứng chỉ cùng số hiệu", "Several certificates have this serial"


class RegisterNumberInUse(Problem):
    """A register number (số vào sổ) is never used twice in its book."""

    code, status = "register_number_in_use", 409
    title_vi, title_en = "Số vào sổ đã được dùng", "Register number already used"


class RegisterNumberRequired(Problem):
    """The book is numbered by the institution, so serial and register number must be given."""

    code, status = "register_number_required", 422
    title_vi, title_en = "Thiếu số hiệu và số vào sổ", "Serial and register number required"


class BookNumberedByBac(Problem):
    """The book is numbered by the system; no serial or number of one's own can enter it."""

    code, status = "book_numbered_by_bac", 409
    title_vi, title_en = "Sổ gốc do hệ thống đánh số", "The book is numbered by the system"


class SerialReserved(Problem):
    """The serial has the form of those that the system gives."""

    code, status = "serial_reserved", 422
    title_vi, title_en = "Số hiệu dành cho hệ thống", "Serial reserved for the system"


class BookInUse(Problem):
    """A book that holds lines keeps its numbering."""

    code, status = "register_book_in_use", 409
    title_vi, title_en = "Sổ gốc đã có dòng", "The register book holds lines"


class CertificateNotInForce(Problem):
    """The certificate is no longer in force, so this cannot be done to it."""

    code, status = "certificate_not_standing", 409
    title_vi, title_en = "Chứng chỉ không còn hiệu lực", "The certificate no longer stands"


class DecisionDateImpossible(Problem):
    """The decision is dated before the issue of the certificate, or in the future."""

    code, status = "decision_date_impossible", 422
    title_vi, title_en = "Ngày quyết định không hợp lý", "Impossible decision date"


REGISTER_REFUSALS = (
    SerialInUse,
    RegisterNumberInUse,
    RegisterNumberRequired,
    BookNumberedByBac,
    SerialReserved,
)
