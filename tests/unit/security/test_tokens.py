"""Tokens of an OpenID provider: what its keys signed, for this audience, and in time, is believed; nothing else."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
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
    later = time.monotonic() + 31
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
    both = provider.verifier(**home, BAC_DEV_KEYS="1")
    assert (await both.verify(token)).role == "admin"
    assert (await both.verify(provider.token())).role == "institution"
    with pytest.raises(ValueError, match="BAC_JWKS"):
        TokenVerifier.from_environment(home)
