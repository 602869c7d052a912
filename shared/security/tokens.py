"""Bearer tokens: verified against a JWKS, or against the development key where that is allowed."""

from __future__ import annotations

import asyncio
import base64
import json
import math
import re
import time
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args

import httpx
import structlog
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, OKPKey

from shared.contracts.problem import DependencyUnavailable, Unauthenticated
from shared.security.principal import GRANTABLE, BlocName, Principal, Role

ALGORITHMS = ["EdDSA", "Ed25519", "ES256", "ES384", "RS256", "PS256"]
DEVELOPMENT_ISSUER = "urn:bac:development"
DEVELOPMENT_KEY_FILE = "dev-signing-key.jwk"
LONGEST_LIFE_SECONDS = 24 * 3600
"""A token of a longer life is refused: who loses it would lose it for good."""
KEYS_SECONDS = 300.0
"""A key that its issuer took back is believed for no longer than this."""
STALE_SECONDS = 3600.0
"""How much longer while the issuer cannot be asked."""
UNKNOWN_KEY_PAUSE_SECONDS = 60.0
_FAILED_READ_PAUSE_SECONDS = 5.0
_FIRST_READ_PAUSE_SECONDS = 0.5
_CLOCKS_DIFFER_SECONDS = 60
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
    """A token signed by the development key, valid for ``ttl`` seconds, a day at most."""
    if not 0 < ttl <= LONGEST_LIFE_SECONDS:
        raise ValueError(f"a token lives up to {LONGEST_LIFE_SECONDS} seconds, not {ttl}")
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
    """The keys of an issuer could not be read, so that none of its tokens can be judged."""


class KeySource:
    """Public keys of one issuer: a file, or an address. They are read again when they are older than
    :data:`KEYS_SECONDS`, and, at most once a minute, when a token names a key that is not among them."""

    def __init__(
        self, *, issuer: str, audience: str | None, file: Path | None, url: str | None
    ) -> None:
        self.issuer = issuer
        self.audience = audience
        self._file = file
        self._url = url
        self._keys: KeySet | None = None
        self._read_at = -math.inf
        self._tried_at = -math.inf
        self._reading = asyncio.Lock()

    async def keys_for(self, token: str) -> KeySet:
        """Where the keys cannot be read, those of before go on deciding for :data:`STALE_SECONDS`. Raises
        :class:`KeysUnread` without any, :class:`ValueError` for a token that is none."""
        kid = _key_id(token)
        async with self._reading:
            if self._keys is None:
                await self._read_again(_FIRST_READ_PAUSE_SECONDS)
            elif time.monotonic() - self._read_at > KEYS_SECONDS:
                await self._read_again(_FAILED_READ_PAUSE_SECONDS)
            elif kid is not None and all(key.kid != kid for key in self._keys.keys):
                await self._read_again(UNKNOWN_KEY_PAUSE_SECONDS)
        if self._keys is None or time.monotonic() - self._read_at > KEYS_SECONDS + STALE_SECONDS:
            raise KeysUnread
        return self._keys

    @property
    def believed_for(self) -> float:
        """Seconds for which what these keys have verified needs no new look at them."""
        return max(0.0, self._read_at + KEYS_SECONDS - time.monotonic())

    async def _read_again(self, pause: float) -> None:
        if time.monotonic() - self._tried_at < pause:
            return
        self._tried_at = time.monotonic()
        try:
            self._keys = await self._read()
            self._read_at = time.monotonic()
        except (JoseError, ValueError, TypeError, KeyError, OSError, httpx.HTTPError) as error:
            structlog.get_logger("tokens").warning("keys not read", error=type(error).__name__)

    async def _read(self) -> KeySet:
        if self._file is not None:
            document = json.loads(self._file.read_text())
        else:
            assert self._url is not None
            async with httpx.AsyncClient(timeout=3) as client:
                document = (await client.get(self._url)).raise_for_status().json()
        keys: Any = document if "keys" in document else {"keys": [document]}
        return KeySet.import_key_set(keys)


def _key_id(token: str) -> str | None:
    """What the token says of the key that signed it. Raises :class:`ValueError` for what is no token."""
    head = token.partition(".")[0]
    try:
        header = json.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)))
    except (ValueError, RecursionError) as error:
        raise ValueError("not a token") from error
    kid = header.get("kid") if isinstance(header, dict) else None
    return kid if isinstance(kid, str) else None


class TokenVerifier:
    """Turns a bearer token into a :class:`Principal`; a verified token is remembered until it expires, or
    its issuer's keys have to be read again."""

    def __init__(self, sources: list[KeySource]) -> None:
        self._sources = sources
        self._known: OrderedDict[str, tuple[float, Principal]] = OrderedDict()

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> TokenVerifier:
        """``BAC_JWKS_URL`` or ``BAC_JWKS_FILE`` with ``BAC_TOKEN_ISSUER`` and ``BAC_TOKEN_AUDIENCE``; or the
        development key under ``BAC_HOME`` with ``BAC_DEV_KEYS=1``. Raises :class:`ValueError` for anything
        that would let more tokens in than was meant."""
        url, file = environment.get("BAC_JWKS_URL"), environment.get("BAC_JWKS_FILE")
        development = environment.get("BAC_DEV_KEYS") or "0"
        if development not in ("0", "1"):
            raise ValueError("BAC_DEV_KEYS must be 0 or 1")
        if (url or file) and development == "1":
            raise ValueError("BAC_DEV_KEYS=1 is for a workstation; unset it beside BAC_JWKS_…")
        if url and file:
            raise ValueError("set BAC_JWKS_URL or BAC_JWKS_FILE, not both")
        if url or file:
            issuer = environment.get("BAC_TOKEN_ISSUER")
            audience = environment.get("BAC_TOKEN_AUDIENCE")
            if not issuer or not audience:
                raise ValueError("set BAC_TOKEN_ISSUER and BAC_TOKEN_AUDIENCE beside BAC_JWKS_…")
            path = Path(file) if file else None
            return cls([KeySource(issuer=issuer, audience=audience, file=path, url=url)])
        if development == "1":
            key = Path(environment.get("BAC_HOME", ".bac")) / DEVELOPMENT_KEY_FILE
            return cls([KeySource(issuer=DEVELOPMENT_ISSUER, audience=None, file=key, url=None)])
        raise ValueError("set BAC_JWKS_URL or BAC_JWKS_FILE (BAC_DEV_KEYS=1 only on a workstation)")

    def known(self, token: str) -> Principal | None:
        """The caller of a token verified before; costs one dictionary look-up."""
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
                principal = principal_of(claims)
                until = min(float(claims["exp"]), time.time() + source.believed_for)
                self._known[token] = (until, principal)
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
        required: dict[str, Any] = {
            "exp": {"essential": True},
            "sub": {"essential": True},
            "iss": {"essential": True, "value": source.issuer},
        }
        if source.audience is not None:
            required["aud"] = {"essential": True, "value": source.audience}
        try:
            decoded = jwt.decode(token, await source.keys_for(token), algorithms=ALGORITHMS)
            jwt.JWTClaimsRegistry(leeway=0, **required).validate(decoded.claims)
            claims = dict(decoded.claims)
            return claims if _lives_shortly(claims) else None
        except _NO_TOKEN:
            return None


_NO_TOKEN = (
    JoseError,
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
    OverflowError,
    RecursionError,
)
"""What a text that is no token of ours, signed or not, can raise on its way."""


def _lives_shortly(claims: Mapping[str, Any]) -> bool:
    """Whether the token is one of at most :data:`LONGEST_LIFE_SECONDS`. One without ``iat`` does not say how long it
    was made for, and is none."""
    expires, issued = claims["exp"], claims["iat"]
    for moment in (expires, issued):
        if type(moment) not in (int, float) or not math.isfinite(moment):
            return False
    now = time.time()
    return bool(
        issued <= now + _CLOCKS_DIFFER_SECONDS
        and expires - issued <= LONGEST_LIFE_SECONDS
        and expires <= now + LONGEST_LIFE_SECONDS + _CLOCKS_DIFFER_SECONDS
    )


_TEXT = re.compile(r"[^\x00-\x1f\x7f\ud800-\udfff]{1,200}")


def principal_of(claims: Mapping[str, Any]) -> Principal:
    """Who calls, by the claims of a token whose signature is right. Raises :class:`Unauthenticated` for claims
    that no caller can have."""
    role: Any = claims.get("bac_role")
    bloc: Any = claims.get("bac_bloc")
    if role not in get_args(Role) or (bloc is not None and bloc not in get_args(BlocName)):
        raise Unauthenticated("Mã truy cập không có vai trò hợp lệ", "Token carries no valid role")
    texts = {name: claims.get(name) for name in ("bac_agency", "bac_institution", "bac_official")}
    given = [claims["sub"], *(value for value in texts.values() if value is not None)]
    scope = claims.get("scope") or ""
    if not all(isinstance(each, str) and _TEXT.fullmatch(each) for each in given) or (
        not isinstance(scope, str)
    ):
        raise Unauthenticated("Mã truy cập không hợp lệ", "Malformed token claims")
    if (role == "agency" and not texts["bac_agency"]) or (
        role == "institution" and not texts["bac_institution"]
    ):
        raise Unauthenticated(
            "Mã truy cập thiếu cơ quan hoặc cơ sở", "Token names no agency or institution"
        )
    return Principal(
        subject=claims["sub"],
        role=role,
        agency=texts["bac_agency"],
        institution=texts["bac_institution"],
        bloc=bloc,
        official_code=texts["bac_official"],
        extra_scopes=GRANTABLE & frozenset(scope.split()),
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
