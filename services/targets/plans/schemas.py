"""What a plan document says, as frozen data. This is the one module the serving path and the recount share.

A plan is data, never code: who it applies to, whom it excludes, its indicators and the readings its wording
leaves open. The rules that judge a person by this data are written twice, in ``progress`` and ``recount``.
"""

from __future__ import annotations

import datetime as dt
from typing import Literal

import msgspec

Status = Literal["cadre", "civil_servant", "public_employee"]
System = Literal["party", "state", "socio_political", "public_service"]
AdminLevel = Literal["province", "district", "commune"]
"""Level ``central`` is none of tỉnh, huyện, xã: only a rule without ``admin_level`` covers it."""
LeadershipTest = Literal["any", "division_and_above"]
"""``any``: ``leadership`` is not null. ``division_and_above``: từ cấp phòng và tương đương trở lên."""
ExclusionAttribute = Literal[
    "language_teacher",
    "foreign_affairs",
    "language_qualified_post",
    "language_degree",
    "foreign_taught_degree",
    "central_vertical",
]
Certainty = Literal["verified", "known_from_memory", "uncertain", "invented"]

NOT_CBCCVC = "not_cbccvc"
"""Reason of contract and part-time staff: they are in the directory and in no plan."""
NOT_COVERED = "not_covered"
"""Reason of those in the subtree whom no ``applies`` rule covers."""
OTHER_TERRITORY = "other_territory"
"""Reason of those whom reading L2 ``origin_plan`` leaves to another province's plan."""
ACHIEVED = "achieved"
NO_CERTIFICATE = "no_certificate"
LEVEL_TOO_LOW = "level_too_low"
NO_SPECIALISED_EVIDENCE = "no_specialised_evidence"

LAST_DAY_OF_DISTRICTS = dt.date(2025, 6, 30)
"""Last day of the district level and of the 63 provinces (Nghị quyết 202/2025/QH15)."""


class _Document(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base: an unknown key in a document is a spelling mistake and refused."""


class Text(_Document, frozen=True, kw_only=True):
    vi: str
    en: str


class Instrument(_Document, frozen=True, kw_only=True):
    """The paper that adopted the plan; ``number`` and ``date`` are null where the known text lacks them."""

    type: str
    number: str | None
    date: dt.date | None
    issuer: str
    notes: tuple[str, ...] = ()


class LegalBasis(_Document, frozen=True, kw_only=True):
    number: str
    date: dt.date | None = None
    title: str | None = None
    note: str | None = None


class Body(_Document, frozen=True, kw_only=True):
    """The plan's own body: the root of its figures when nobody names an agency."""

    agency_code: str
    name: str
    certainty: Certainty
    note: str | None = None


class Province(_Document, frozen=True, kw_only=True):
    """The plan's territory. Codes were reused on 2025-07-01, so each names its code list."""

    name: str
    code_until_2025_06_30: str
    code_from_2025_07_01: str


class AppliesRule(_Document, frozen=True, kw_only=True):
    """Covers a person when every stated condition holds; null means that the clause does not say."""

    status: tuple[Status, ...]
    system: tuple[System, ...] | None = None
    admin_level: tuple[AdminLevel, ...] | None = None
    leadership: LeadershipTest | None = None
    text: str


class CadreScope(_Document, frozen=True, kw_only=True):
    """Rules that R11 adds to ``applies``; absent where the plan's scope clause already names all cadres."""

    all_commune_cadres: tuple[AppliesRule, ...]
    all_cadres: tuple[AppliesRule, ...]


class Exclusion(_Document, frozen=True, kw_only=True):
    """One clause of 'không áp dụng đối với'. The first clause that hits, in document order, is the reason.

    ``central_vertical`` holds when the official or the body of the primary assignment carries it.
    """

    code: str
    attribute: ExclusionAttribute
    status: tuple[Status, ...]
    text: str
    note: str | None = None


class Cohort(_Document, frozen=True, kw_only=True):
    status: tuple[Status, ...]
    admin_level: tuple[AdminLevel, ...] | None = None
    leadership: LeadershipTest | None = None
    age_below: int | None = None
    """Years; the birthday itself is no longer below."""
    language_area: bool = False
    """Công tác tại địa bàn hoặc lĩnh vực có yêu cầu sử dụng ngoại ngữ."""


class Focus(_Document, frozen=True, kw_only=True):
    """The bracket after a cohort. ``emphasis``: with 'tập trung vào' (R1). ``definition``: without (R2)."""

    kind: Literal["emphasis", "definition"]
    leadership: LeadershipTest
    age_below: int
    words: str


class Source(_Document, frozen=True, kw_only=True):
    """The sentence of the plan that sets the indicator, as printed; only line breaks are joined."""

    section: str
    sentence: str
    note: str | None = None


class Indicator(_Document, frozen=True, kw_only=True):
    id: str
    title: Text
    milestone: dt.date
    required_percent: int
    required_level: int
    """Bậc 1–6 of the national framework."""
    specialised: bool
    """'và ngoại ngữ chuyên ngành' (R5)."""
    verb: Literal["strive", "ensure", "none"]
    """Phấn đấu, đảm bảo, or a bare statement: how firmly the plan binds itself."""
    cohort: Cohort
    focus: Focus | None = None
    qualifiers_may_extend_from: str | None = None
    """R3: the neighbour in the same sentence whose age and language area may restrict this cohort too."""
    leaders_indicator: str | None = None
    """R4: the indicator that counts the leaders of this cohort; ``disjoint`` takes them out of this one."""
    xa_wording: bool = False
    """R10: the text says 'xã' where it may mean every commune-level unit."""
    source: Source


class PlanReading(_Document, frozen=True, kw_only=True):
    """A switch that this plan's wording leaves open, where it acts, and what this plan offers."""

    options: tuple[str, ...]
    default: str
    applies_to: tuple[str, ...] | None = None
    """Indicator ids; null: the plan as a whole."""
    note: str | None = None


class Validity(_Document, frozen=True, kw_only=True):
    """Months for which a test without a printed end counts under R9 ``unexpired``; the plan version's own."""

    test: str
    months: int
    certainty: Certainty
    source: str


class LanguageScope(_Document, frozen=True, kw_only=True):
    words: str
    """The plan's own word for what is learnt."""
    framework: str
    note: str | None = None


class Parent(_Document, frozen=True, kw_only=True):
    number: str
    date: dt.date | None
    issuer: str
    known: bool
    """Whether that plan's text is held here."""


class Plan(_Document, frozen=True, kw_only=True):
    id: str
    version: str
    valid_from: dt.date
    valid_to: dt.date
    """Last day of the plan's period."""
    title: str
    kind: Literal["province", "unit"]
    instrument: Instrument
    parent: Parent | None = None
    legal_basis: tuple[LegalBasis, ...]
    body: Body
    province: Province
    applies: tuple[AppliesRule, ...]
    cadre_scope: CadreScope | None = None
    excludes: tuple[Exclusion, ...]
    indicators: tuple[Indicator, ...]
    readings: dict[str, PlanReading]
    """Switches in play; every other switch has the catalogue's default and changes nothing here."""
    validity: tuple[Validity, ...] = ()
    language_scope: LanguageScope
    notes: tuple[str, ...] = ()

    def indicator(self, indicator_id: str) -> Indicator | None:
        return next((each for each in self.indicators if each.id == indicator_id), None)

    @property
    def validity_months(self) -> dict[str, int]:
        return {each.test: each.months for each in self.validity}


# --- facts that every plan shares ---------------------------------------------------------------


class Language(_Document, frozen=True, kw_only=True):
    code: str
    name: Text
    foreign: bool
    """False: Vietnamese or a language of a Vietnamese ethnic minority; stored and never counted."""
    minority: bool = False
    """With ``foreign``: also a minority language, counted only under a foreign-language framework or test."""


class OldProvince(_Document, frozen=True, kw_only=True):
    code: str
    """In the list of 63 in force to 2025-06-30."""
    name: str
    successor_code: str
    """In the list of 34 in force from 2025-07-01."""


class NewProvince(_Document, frozen=True, kw_only=True):
    code: str
    """In the list of 34 in force from 2025-07-01."""
    name: str
    same_name_old_code: str
    """Old code of the province that kept its name; newcomers to a merged province follow that one (L2)."""


class Provinces(_Document, frozen=True, kw_only=True):
    old: tuple[OldProvince, ...]
    new: tuple[NewProvince, ...]

    def named_like(self, new_code: str) -> str | None:
        """Old code of the province whose name the new unit kept; null for an unknown code."""
        return next((each.same_name_old_code for each in self.new if each.code == new_code), None)
