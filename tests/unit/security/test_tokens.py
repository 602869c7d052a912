"""Tokens of an OpenID provider: what its keys signed, for this audience, and in time, is believed; nothing else."""

from __future__ import annotations

import asyncio
import json
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from shared.contracts.problem import DependencyUnavailable, Unauthenticated
from shared.security import tokens
from shared.security.tokens import DEVELOPMENT_KEY_FILE, TokenVerifier, make_development_key, mint

ISSUER, AUDIENCE = "https://id.example.vn", "bac"


class Provider:
    """An OpenID provider that publishes its keys in a file."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "jwks.json"
        self.keys: list[Any] = []
        self.rotate("first")

    def rotate(self, kid: str, key: Any = None) -> None:
        self.keys.append(key or ECKey.generate_key("P-256", {"kid": kid, "use": "sig"}))
        public = [each.as_dict(private=False) for each in self.keys]
        self.file.write_text(json.dumps({"keys": public}))

    def token(self, algorithm: str = "ES256", key: Any = None, **changes: Any) -> str:
        now = int(time.time())
        claims: dict[str, Any] = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": "u-1",
            "iat": now,
            "exp": now + 60,
            "bac_role": "institution",
            "bac_institution": "VINH",
            **changes,
        }
        claims = {name: value for name, value in claims.items() if value is not None}
        signer = key or self.keys[-1]
        header = {"alg": algorithm, "kid": signer.kid or "first"}
        return jwt.encode(header, claims, signer, algorithms=[algorithm])

    def verifier(self, **changes: str) -> TokenVerifier:
        return TokenVerifier.from_environment(
            {
                "BAC_JWKS_FILE": str(self.file),
                "BAC_TOKEN_ISSUER": ISSUER,
                "BAC_TOKEN_AUDIENCE": AUDIENCE,
                **changes,
            }
        )


@pytest.fixture
def provider(tmp_path: Path) -> Provider:
    return Provider(tmp_path)


async def test_claims_say_who_calls(provider: Provider) -> None:
    principal = await provider.verifier().verify(
        provider.token(
            bac_role="authority", bac_agency="H56", bac_bloc="party", scope="openid pii:read admin"
        )
    )
    assert (principal.subject, principal.role, principal.agency) == ("u-1", "authority", "H56")
    assert (principal.bloc, principal.institution) == ("party", "VINH")
    assert principal.extra_scopes == {"pii:read"}, "no other scope can be asked for"
    assert not principal.may("admin")


@pytest.mark.parametrize(
    ("algorithm", "key"),
    [
        ("RS256", RSAKey.generate_key(2048, {"kid": "rsa"})),
        ("PS256", RSAKey.generate_key(2048, {"kid": "pss"})),
        ("ES384", ECKey.generate_key("P-384", {"kid": "p384"})),
        ("Ed25519", OKPKey.generate_key("Ed25519", {"kid": "ed"})),
    ],
)
async def test_the_usual_algorithms_are_understood(
    provider: Provider, algorithm: str, key: Any
) -> None:
    provider.rotate("more", key)
    assert (await provider.verifier().verify(provider.token(algorithm))).subject == "u-1"


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "https://elsewhere.example"},
        {"iss": None},
        {"aud": "another"},
        {"aud": None},
        {"sub": None},
        {"exp": None},
        {"exp": int(time.time()) - 1},
        {"nbf": int(time.time()) + 600},
        {"bac_role": "superuser"},
        {"bac_role": None},
        {"bac_institution": None},
        {"bac_role": "agency"},
        {"bac_bloc": "other"},
        {"bac_institution": ["VINH"]},
    ],
)
async def test_what_is_missing_wrong_or_out_of_time_is_refused(
    provider: Provider, changes: dict[str, Any]
) -> None:
    with pytest.raises(Unauthenticated):
        await provider.verifier().verify(provider.token(**changes))


async def test_another_s_key_and_a_public_key_used_as_a_secret_are_refused(
    provider: Provider,
) -> None:
    verifier = provider.verifier()
    stranger = ECKey.generate_key("P-256", {"kid": "first"})
    secret = OctKey.import_key(provider.file.read_text(), {"kid": "first"})
    signed = provider.token()
    head, _, rest = signed.partition(".")
    unsigned = "eyJhbGciOiJub25lIn0." + rest.partition(".")[0] + "."
    for forged in (
        provider.token(key=stranger),
        provider.token("HS256", key=secret),
        unsigned,
        f"{head}.{rest[:-4]}AAAA",
        "",
        "a.b.c",
    ):
        with pytest.raises(Unauthenticated):
            await verifier.verify(forged)
    assert (await verifier.verify(signed)).subject == "u-1"


async def test_a_token_is_believed_until_it_expires_and_no_longer(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    verifier = provider.verifier()
    token = provider.token()
    await verifier.verify(token)
    assert verifier.known(token) is not None
    later = time.time() + 61
    monkeypatch.setattr(tokens.time, "time", lambda: later)
    assert verifier.known(token) is None


async def test_a_key_that_the_provider_added_is_read_when_it_turns_up(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    verifier = provider.verifier()
    await verifier.verify(provider.token())
    provider.rotate("second")
    with pytest.raises(Unauthenticated):  # the keys were read a moment ago
        await verifier.verify(provider.token())
    later = time.monotonic() + 61
    monkeypatch.setattr(tokens.time, "monotonic", lambda: later)
    assert (await verifier.verify(provider.token())).subject == "u-1"


async def test_keys_that_cannot_be_read_make_no_token_bad(provider: Provider) -> None:
    """A caller told 401 would throw its token away, and ask people to sign in again."""
    token = provider.token()
    published = provider.file.read_text()
    provider.file.unlink()
    verifier = provider.verifier()
    with pytest.raises(DependencyUnavailable) as refused:
        await verifier.verify(token)
    assert refused.value.headers["Retry-After"]
    nobody = provider.verifier(BAC_JWKS_URL="http://127.0.0.1:9/jwks", BAC_JWKS_FILE="")
    with pytest.raises(DependencyUnavailable):
        await nobody.verify(token)
    provider.file.write_text(published)
    await asyncio.sleep(0.6)
    assert (await verifier.verify(token)).subject == "u-1"
    provider.file.unlink()
    with pytest.raises(Unauthenticated):  # keys that were read once go on deciding
        await verifier.verify(token[:-4] + "AAAA")


async def test_the_development_key_opens_nothing_unless_it_is_switched_on(
    provider: Provider, tmp_path: Path
) -> None:
    make_development_key(tmp_path / DEVELOPMENT_KEY_FILE)
    token = mint(tmp_path / DEVELOPMENT_KEY_FILE, role="admin")
    home = {"BAC_HOME": str(tmp_path)}
    with pytest.raises(Unauthenticated):
        await provider.verifier(**home).verify(token)
    alone = TokenVerifier.from_environment({**home, "BAC_DEV_KEYS": "1"})
    assert (await alone.verify(token)).role == "admin"
    with pytest.raises(ValueError, match="BAC_JWKS"):
        TokenVerifier.from_environment(home)


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"BAC_TOKEN_ISSUER": ""}, "BAC_TOKEN_ISSUER"),
        ({"BAC_TOKEN_AUDIENCE": ""}, "BAC_TOKEN_AUDIENCE"),
        ({"BAC_DEV_KEYS": "1"}, "BAC_DEV_KEYS"),
        ({"BAC_DEV_KEYS": "yes"}, "BAC_DEV_KEYS"),
        ({"BAC_JWKS_URL": "https://id.example.vn/keys"}, "not both"),
    ],
)
def test_settings_that_would_let_more_in_than_was_meant_stop_the_start(
    provider: Provider, changes: dict[str, str], named: str
) -> None:
    with pytest.raises(ValueError, match=named):
        provider.verifier(**changes)


async def test_a_key_that_left_stops_working_within_its_time_also_for_tokens_known_before(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    verifier = provider.verifier()
    began_wall, began = time.time(), time.monotonic()

    def pass_seconds(seconds: float) -> None:
        monkeypatch.setattr(tokens.time, "time", lambda: began_wall + seconds)
        monkeypatch.setattr(tokens.time, "monotonic", lambda: began + seconds)

    pass_seconds(0)
    old = provider.token(exp=int(began_wall) + 3600)
    await verifier.verify(old)
    provider.keys.clear()
    provider.rotate("second")
    pass_seconds(tokens.KEYS_SECONDS - 5)
    late = provider.token(exp=int(began_wall) + 3600, key=None)
    assert verifier.known(old) is not None
    pass_seconds(tokens.KEYS_SECONDS + 1)
    assert verifier.known(old) is None
    with pytest.raises(Unauthenticated):
        await verifier.verify(old)
    assert (await verifier.verify(late)).subject == "u-1"


async def test_keys_that_cannot_be_read_for_long_decide_no_more(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    verifier = provider.verifier()
    token = provider.token(exp=int(time.time()) + 20_000)
    await verifier.verify(token)
    provider.file.unlink()
    wall, began = time.time(), time.monotonic()
    for seconds, believed in ((600, True), (3000, True), (4000, False)):
        monkeypatch.setattr(tokens.time, "time", lambda s=seconds: wall + s)
        monkeypatch.setattr(tokens.time, "monotonic", lambda s=seconds: began + s)
        if believed:
            assert (await verifier.verify(token)).subject == "u-1"
        else:
            with pytest.raises(DependencyUnavailable):
                await verifier.verify(token)


async def test_tokens_of_unknown_keys_cause_one_fetch_a_minute(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    verifier = provider.verifier()
    reads = 0
    read = tokens.KeySource._read

    async def counted(source: tokens.KeySource) -> Any:
        nonlocal reads
        reads += 1
        return await read(source)

    monkeypatch.setattr(tokens.KeySource, "_read", counted)
    began = time.monotonic()
    for seconds in range(0, 180, 2):
        monkeypatch.setattr(tokens.time, "monotonic", lambda s=seconds: began + s)
        stranger = ECKey.generate_key("P-256", {"kid": f"unknown-{seconds}"})
        with pytest.raises(Unauthenticated):
            await verifier.verify(provider.token(key=stranger))
    assert reads <= 3


NOW = int(time.time())


@pytest.mark.parametrize(
    "changes",
    [
        {"exp": NOW + 25 * 3600},
        {"iat": None},
        {"exp": NOW + 3600, "iat": NOW - 24 * 3600},
        {"exp": NOW + 10 * 24 * 3600, "iat": NOW + 9 * 24 * 3600 + 3600},
        {"exp": 1e400},
        {"exp": float("nan")},
        {"exp": 10**400},
        {"exp": str(NOW + 60)},
        {"exp": [NOW + 60]},
        {"exp": True},
        {"iat": "now"},
        {"sub": 7},
        {"sub": ["u-1"]},
        {"sub": {"id": "u-1"}},
        {"sub": "u\x00-1"},
        {"sub": ""},
        {"sub": "u" * 5000},
        {"bac_institution": "VINH\x00"},
        {"bac_institution": {}},
        {"bac_agency": 5},
        {"bac_agency": "A" * 5000},
        {"bac_role": ["institution"]},
        {"bac_role": {}},
        {"bac_bloc": []},
        {"scope": ["pii:read"]},
        {"scope": 5},
        {"aud": {"bac": True}},
        {"iss": [ISSUER]},
    ],
)
async def test_a_signed_token_of_too_long_a_life_or_malformed_claims_is_refused(
    provider: Provider, changes: dict[str, Any]
) -> None:
    with pytest.raises(Unauthenticated):
        await provider.verifier().verify(provider.token(**changes))


async def test_a_token_of_a_day_is_taken_and_a_list_of_audiences_too(provider: Provider) -> None:
    now = int(time.time())
    token = provider.token(exp=now + 24 * 3600, iat=now, aud=["other", AUDIENCE])
    assert (await provider.verifier().verify(token)).subject == "u-1"


PARTS = st.sampled_from(
    ["", "e30", "bnVsbA", "W10", "eyJhbGciOiJFUzI1NiJ9", "eyJraWQiOjV9", "AAAA"]
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.text()
    | st.binary().map(lambda raw: raw.decode("latin-1"))
    | st.tuples(PARTS, PARTS, PARTS).map(".".join)
)
async def test_no_text_is_anything_but_refused(provider: Provider, text: str) -> None:
    with pytest.raises(Unauthenticated):
        await provider.verifier().verify(text)


def test_the_development_key_signs_for_a_day_at_most(tmp_path: Path) -> None:
    make_development_key(tmp_path / DEVELOPMENT_KEY_FILE)
    for ttl in (0, -5, 24 * 3600 + 1):
        with pytest.raises(ValueError, match="86400"):
            mint(tmp_path / DEVELOPMENT_KEY_FILE, role="admin", ttl=ttl)
