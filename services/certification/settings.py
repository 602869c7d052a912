"""Settings of the certification service, read from its environment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, get_args

from services.certification.persistence import SCHEMA
from services.certification.verification.guesses import GuessBudget
from shared.persistence.database import Database
from shared.persistence.migrations import service_dsn
from shared.security.person_key import PersonKeys
from shared.security.tokens import TokenVerifier

HolderDisclosure = Literal["shown", "on_match", "never"]
_CHOICES: Final = get_args(HolderDisclosure)


@dataclass(frozen=True, slots=True)
class Settings:
    """``holder_disclosure``: whether public verification shows the holder's name; ``on_match`` only to
    someone who gives the name or the birth date: serials can be computed."""

    database_url: str
    pool_size: int
    person_keys: PersonKeys
    verifier: TokenVerifier
    log_level: str
    enrolment_url: str
    holder_disclosure: HolderDisclosure
    verification_rate: str
    verification_guesses: GuessBudget
    trusted_proxies: int

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> Settings:
        """Raises :class:`ValueError` with a sentence for what is missing or cannot be used.

        ``BAC_PERSON_KEY`` is hexadecimal, 32 bytes or more; ``BAC_POOL_SIZE`` connections (default 16);
        ``BAC_VERIFY_HOLDER`` on_match (default), shown or never; ``BAC_VERIFY_RATE`` look-ups per client
        address (default 60/minute); ``BAC_VERIFY_GUESSES`` wrong names and birth dates a day, of a
        certificate / of an address (default 10/100); ``BAC_TRUSTED_PROXIES`` proxies in front (default 0).
        """
        key = environment.get("BAC_PERSON_KEY")
        if not key:
            raise ValueError(
                "set BAC_PERSON_KEY (64 hexadecimal digits, the same for every service)"
            )
        disclosure = environment.get("BAC_VERIFY_HOLDER") or "on_match"
        if disclosure not in _CHOICES:
            raise ValueError(f"BAC_VERIFY_HOLDER must be one of {', '.join(_CHOICES)}")
        return cls(
            database_url=service_dsn(environment, SCHEMA),
            pool_size=int(environment.get("BAC_POOL_SIZE", "16")),
            person_keys=PersonKeys(bytes.fromhex(key)),
            verifier=TokenVerifier.from_environment(environment),
            log_level=environment.get("BAC_LOG_LEVEL", "INFO"),
            enrolment_url=enrolment_url(environment),
            holder_disclosure=disclosure,  # type: ignore[arg-type]
            verification_rate=environment.get("BAC_VERIFY_RATE") or "60/minute",
            verification_guesses=GuessBudget.read(
                environment.get("BAC_VERIFY_GUESSES") or "10/100"
            ),
            trusted_proxies=int(environment.get("BAC_TRUSTED_PROXIES") or "0"),
        )

    def database(self) -> Database:
        return Database(self.database_url, SCHEMA, min_size=2, max_size=self.pool_size)


def enrolment_url(environment: Mapping[str, str]) -> str:
    return environment.get("BAC_ENROLMENT_URL") or "http://127.0.0.1:8001"
