"""Bearer tokens: verified against a JWKS, or against the development key where that is allowed."""

from __future__ import annotations

import json
import time
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args

import httpx
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, OKPKey

from shared.contracts.problem import DependencyUnavailable, Unauthenticated
from shared.security.principal import GRANTABLE, BlocName, Principal, Role

ALGORITHMS = ["EdDSA", "Ed25519", "ES256", "ES384", "RS256", "PS256"]
DEVELOPMENT_ISSUER = "urn:bac:development"
DEVELOPMENT_KEY_FILE = "dev-signing-key.jwk"
_CACHED_TOKENS = 20_000


def make_development_key(path: Path) -> None:
    """Creates the local signing key, readable by its owner only; keeps one that is there."""
    if path.exists():
        return
    key = OKPKey.generate_key("Ed25519", {"kid": "bac-development", "use": "sig"}, private=True)
    path.touch(mode=0o600)
    path.write_text(json.dumps(key.as_dict(private=True)))


def mint(
    key_file: Path,
    *,
    role: str,
    agency: str | None = None,
    institution: str | None = None,
    bloc: str | None = None,
    official_code: str | None = None,
    scope: str | None = None,
    ttl: int = 3600,
    subject: str | None = None,
) -> str:
    """A token signed by the development key, valid for ``ttl`` seconds."""
    if role not in get_args(Role):
        raise ValueError(f"unknown role {role!r}; one of {', '.join(get_args(Role))}")
    if bloc is not None and bloc not in get_args(BlocName):
        raise ValueError(f"unknown bloc {bloc!r}; party or state")
    key = OKPKey.import_key(json.loads(key_file.read_text()))
    now = int(time.time())
    who = subject or ":".join(filter(None, ("dev", role, agency, institution, bloc, official_code)))
    claims = {
        "iss": DEVELOPMENT_ISSUER,
        "sub": who,
        "iat": now,
        "exp": now + ttl,
        "bac_role": role,
        "bac_agency": agency,
        "bac_institution": institution,
        "bac_bloc": bloc,
        "bac_official": official_code,
        "scope": scope,
    }
    claims = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode(
        {"alg": "Ed25519", "kid": "bac-development"}, claims, key, algorithms=ALGORITHMS
    )


class KeysUnread(Exception):
    """The keys of an issuer could not be read yet, so that none of its tokens can be judged."""


class KeySource:
    """Public keys of one issuer: a file, or an address read again when an unknown key id turns up."""

    def __init__(
        self, *, issuer: str | None, audience: str | None, file: Path | None, url: str | None
    ) -> None:
        self.issuer = issuer
        self.audience = audience
        self._file = file
        self._url = url
        self._keys: KeySet | None = None
        self._read_at = 0.0

    async def keys(self, *, refresh: bool = False) -> KeySet:
        """Keys that were read once go on deciding while newer ones cannot be read. Raises
        :class:`KeysUnread` when none ever could."""
        stale = refresh and time.monotonic() - self._read_at > 30
        if self._keys is None or stale:
            try:
                self._keys = await self._read()
                self._read_at = time.monotonic()
            except (JoseError, ValueError, TypeError, OSError, httpx.HTTPError) as error:
                if self._keys is None:
                    raise KeysUnread from error
        return self._keys

    async def _read(self) -> KeySet:
        if self._file is not None:
            document = json.loads(self._file.read_text())
        else:
            assert self._url is not None
            async with httpx.AsyncClient(timeout=3) as client:
                document = (await client.get(self._url)).raise_for_status().json()
        keys: Any = document if "keys" in document else {"keys": [document]}
        return KeySet.import_key_set(keys)


class TokenVerifier:
    """Turns a bearer token into a :class:`Principal`; a verified token is remembered until it expires."""

    def __init__(self, sources: list[KeySource]) -> None:
        self._sources = sources
        self._known: OrderedDict[str, tuple[float, Principal]] = OrderedDict()

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> TokenVerifier:
        """``BAC_JWKS_URL`` or ``BAC_JWKS_FILE`` with ``BAC_TOKEN_ISSUER`` and ``BAC_TOKEN_AUDIENCE``; the
        development key under ``BAC_HOME`` only with ``BAC_DEV_KEYS=1``."""
        sources = []
        url, file = environment.get("BAC_JWKS_URL"), environment.get("BAC_JWKS_FILE")
        if url or file:
            sources.append(
                KeySource(
                    issuer=environment.get("BAC_TOKEN_ISSUER"),
                    audience=environment.get("BAC_TOKEN_AUDIENCE"),
                    file=Path(file) if file else None,
                    url=url,
                )
            )
        if environment.get("BAC_DEV_KEYS") == "1":
            home = Path(environment.get("BAC_HOME", ".bac"))
            sources.append(
                KeySource(
                    issuer=DEVELOPMENT_ISSUER,
                    audience=None,
                    file=home / DEVELOPMENT_KEY_FILE,
                    url=None,
                )
            )
        if not sources:
            raise ValueError(
                "set BAC_JWKS_URL or BAC_JWKS_FILE (BAC_DEV_KEYS=1 only on a workstation)"
            )
        return cls(sources)

    def known(self, token: str) -> Principal | None:
        """The caller of a token verified before and not yet expired; costs one dictionary look-up."""
        entry = self._known.get(token)
        if entry is None:
            return None
        if entry[0] <= time.time():
            del self._known[token]
            return None
        return entry[1]

    async def verify(self, token: str) -> Principal:
        """Raises :class:`Unauthenticated`, never saying which check failed beyond expiry, and
        :class:`DependencyUnavailable` where the keys that would tell could not be read."""
        principal = self.known(token)
        if principal is not None:
            return principal
        unread = False
        for source in self._sources:
            try:
                claims = await self._claims(source, token)
            except KeysUnread:
                unread = True
                continue
            if claims is not None:
                principal = _principal(claims)
                self._known[token] = (float(claims["exp"]), principal)
                while len(self._known) > _CACHED_TOKENS:
                    self._known.popitem(last=False)
                return principal
        if unread:
            raise DependencyUnavailable(
                "Chưa đọc được khóa của nơi cấp mã truy cập, hãy gửi lại",
                "The keys of the token's issuer could not be read, please send again",
                headers={"Retry-After": "5"},
            )
        raise Unauthenticated(
            "Mã truy cập không hợp lệ hoặc đã hết hạn", "Invalid or expired token"
        )

    async def _claims(self, source: KeySource, token: str) -> dict[str, Any] | None:
        for refresh in (False, True):
            try:
                decoded = jwt.decode(
                    token, await source.keys(refresh=refresh), algorithms=ALGORITHMS
                )
            except (JoseError, ValueError, KeyError, TypeError):
                continue
            required: dict[str, Any] = {"exp": {"essential": True}, "sub": {"essential": True}}
            if source.issuer:
                required["iss"] = {"essential": True, "value": source.issuer}
            if source.audience:
                required["aud"] = {"essential": True, "value": source.audience}
            try:
                jwt.JWTClaimsRegistry(leeway=0, **required).validate(decoded.claims)
            except JoseError:
                return None
            return dict(decoded.claims)
        return None


def _principal(claims: Mapping[str, Any]) -> Principal:
    role: Any = claims.get("bac_role")
    bloc: Any = claims.get("bac_bloc")
    if role not in get_args(Role) or (bloc is not None and bloc not in get_args(BlocName)):
        raise Unauthenticated("Mã truy cập không có vai trò hợp lệ", "Token carries no valid role")
    texts = {name: claims.get(name) for name in ("bac_agency", "bac_institution", "bac_official")}
    if any(value is not None and not isinstance(value, str) for value in texts.values()):
        raise Unauthenticated("Mã truy cập không hợp lệ", "Malformed token claims")
    if (role == "agency" and not texts["bac_agency"]) or (
        role == "institution" and not texts["bac_institution"]
    ):
        raise Unauthenticated(
            "Mã truy cập thiếu cơ quan hoặc cơ sở", "Token names no agency or institution"
        )
    return Principal(
        subject=str(claims["sub"]),
        role=role,
        agency=texts["bac_agency"],
        institution=texts["bac_institution"],
        bloc=bloc,
        official_code=texts["bac_official"],
        extra_scopes=GRANTABLE & frozenset(str(claims.get("scope") or "").split()),
    )


class ServiceToken:
    """The token one service shows another (role auditor, scope ``feed:follow``): from
    ``BAC_SERVICE_TOKEN_FILE``, which a platform renews in place, or minted with the development key."""

    def __init__(self, environment: Mapping[str, str], service: str) -> None:
        self._file = environment.get("BAC_SERVICE_TOKEN_FILE")
        self._home = Path(environment.get("BAC_HOME", ".bac"))
        self._development = environment.get("BAC_DEV_KEYS") == "1"
        self._service = service
        self._minted: tuple[float, str] | None = None

    def __call__(self) -> str:
        if self._file:
            return Path(self._file).read_text().strip()
        if not self._development:
            raise ValueError("set BAC_SERVICE_TOKEN_FILE")
        if self._minted is None or self._minted[0] < time.time() + 60:
            token = mint(
                self._home / DEVELOPMENT_KEY_FILE,
                role="auditor",
                scope="feed:follow",
                subject=f"service:{self._service}",
                ttl=3600,
            )
            self._minted = (time.time() + 3600, token)
        return self._minted[1]
