"""Settings of the enrolment service, read from its environment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from services.enrolment.persistence import SCHEMA
from shared.persistence.database import Database
from shared.persistence.migrations import service_dsn
from shared.security.person_key import PersonKeys
from shared.security.tokens import TokenVerifier


@dataclass(frozen=True, slots=True)
class Settings:
    database_url: str
    pool_size: int
    person_keys: PersonKeys
    verifier: TokenVerifier
    log_level: str

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> Settings:
        """Raises :class:`ValueError` with a sentence for what is missing or cannot be used.

        ``BAC_PERSON_KEY`` is hexadecimal, 32 bytes or more; ``BAC_POOL_SIZE`` connections (default 16).
        """
        return cls(
            database_url=service_dsn(environment, SCHEMA),
            pool_size=int(environment.get("BAC_POOL_SIZE", "16")),
            person_keys=person_keys(environment),
            verifier=TokenVerifier.from_environment(environment),
            log_level=environment.get("BAC_LOG_LEVEL", "INFO"),
        )

    def database(self) -> Database:
        return Database(self.database_url, SCHEMA, min_size=2, max_size=self.pool_size)


def person_keys(environment: Mapping[str, str]) -> PersonKeys:
    given = environment.get("BAC_PERSON_KEY")
    if not given:
        raise ValueError("set BAC_PERSON_KEY (64 hexadecimal digits, the same for every service)")
    return PersonKeys(bytes.fromhex(given))
