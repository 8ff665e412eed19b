"""Hashes of a manifest and its signature: SHA-256 and SHA-512, SM3 (GB/T 32905), Ed25519 (RFC 8032).

`manifest.sums` holds the hashes of `manifest.json`, two of them always, so that a changed byte is laid to
the file it is in. `manifest.sig` holds an Ed25519 signature of `manifest.json`, if `HENGFA_SIGNING_KEY`
names a private key (PEM, PKCS #8, without a passphrase); the manifest then names the public key.
"""

import base64
import hashlib
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.errors import SettingError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

KEY_VARIABLE = "HENGFA_SIGNING_KEY"
TRUSTED_VARIABLE = "HENGFA_TRUSTED_KEY"
SUMS_NAME = "manifest.sums"
SIGNATURE_NAME = "manifest.sig"
_ALWAYS = ("sha256", "sha512")


def has_sm3() -> bool:
    """Whether this OpenSSL has SM3."""
    return "sm3" in hashlib.algorithms_available


def sm3_of(path: Path) -> str:
    """The SM3 of a file's bytes, in hexadecimal; only where `has_sm3`."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.new("sm3")).hexdigest()


def sums_of(content: bytes) -> str:
    """The text of `manifest.sums`."""
    names = [*_ALWAYS, *(["sm3"] if has_sm3() else [])]
    return "".join(f"{name} {hashlib.new(name, content).hexdigest()}\n" for name in names)


def wrong_sums(content: bytes, sums: bytes) -> str | None:
    """Which of `manifest.json` and `manifest.sums` was changed; None if they agree.

    If no hash fits, the manifest was changed; if only some do, the sums were.
    """
    try:
        said = dict(line.split(" ") for line in sums.decode("ascii").removesuffix("\n").split("\n"))
    except ValueError:
        return SUMS_NAME
    is_whole = sums.endswith(b"\n") and set(_ALWAYS) <= set(said) <= {*_ALWAYS, "sm3"}
    checked = [name for name in said if name in _ALWAYS or (name == "sm3" and has_sm3())]
    fitting = [hashlib.new(name, content).hexdigest() == said[name] for name in checked]
    if is_whole and all(fitting):
        return None
    return SUMS_NAME if any(fitting) or not is_whole else "manifest.json"


def signing_key() -> "Ed25519PrivateKey | None":
    """The key that `HENGFA_SIGNING_KEY` names, None if it is not set; SettingError if it cannot be used."""
    name = os.environ.get(KEY_VARIABLE)
    if not name:
        return None
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key = load_pem_private_key(Path(name).read_bytes(), password=None)
    except (OSError, ValueError, TypeError) as error:
        raise SettingError(
            f"{KEY_VARIABLE}: `{name}` is no private key that can be read ({type(error).__name__}). "
            "Make one with `openssl genpkey -algorithm ed25519 -out FILE`, or unset the variable."
        ) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise SettingError(
            f"{KEY_VARIABLE}: `{name}` is no Ed25519 key. Make one with `openssl genpkey -algorithm ed25519`."
        )
    return key


def public_text(key: "Ed25519PrivateKey") -> str:
    """The public key of `key`, 32 bytes in base64."""
    return base64.b64encode(key.public_key().public_bytes_raw()).decode("ascii")


def signature_text(key: "Ed25519PrivateKey", content: bytes) -> str:
    """The text of `manifest.sig` for the bytes of a manifest."""
    signature = base64.b64encode(key.sign(content)).decode("ascii")
    said = {"algorithm": "Ed25519", "file": "manifest.json", "public_key": public_text(key), "signature": signature}
    return json.dumps(said, indent=1) + "\n"


def fingerprint_of(public_key: str) -> str:
    """The SHA-256 of the 32 bytes of a public key (base64), in hexadecimal."""
    return hashlib.sha256(base64.b64decode(public_key)).hexdigest()


def trust_of(public_key: str) -> bool | None:
    """Whether a key is the one of `HENGFA_TRUSTED_KEY`; None where that is not set, so that nothing is known of it."""
    trusted = os.environ.get(TRUSTED_VARIABLE)
    return public_key == trusted if trusted else None


def wrong_signature(manifest: dict[str, Any], content: bytes, signature: bytes | None) -> str | None:
    """What is wrong with the signature of a manifest; None if it fits, or if neither is there.

    With `HENGFA_TRUSTED_KEY` (a public key in base64) the edition must be signed by that key.
    """
    declared = (manifest.get("signature") or {}).get("public_key")
    trusted = os.environ.get(TRUSTED_VARIABLE)
    if declared is None and signature is None:
        return f"not signed, but {TRUSTED_VARIABLE} asks for a signature" if trusted else None
    if signature is None:
        return "missing"
    if declared is None:
        return "not in the manifest"
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        text = signature.decode("ascii")
        said = json.loads(text)
        canonical = json.dumps(said, indent=1) + "\n" == text
        raw = base64.b64decode(said["signature"], validate=True)
        # base64 lets the unused bits of its last character vary: what is written must be what would be written.
        canonical = canonical and base64.b64encode(raw).decode("ascii") == said["signature"]
        if not canonical or set(said) != {"algorithm", "file", "public_key", "signature"}:
            return "changed"
        if (said["algorithm"], said["file"], said["public_key"]) != ("Ed25519", "manifest.json", declared):
            return "changed"
        Ed25519PublicKey.from_public_bytes(base64.b64decode(declared, validate=True)).verify(raw, content)
    except (InvalidSignature, ValueError, KeyError, TypeError):
        return "changed, or not the signature of this manifest"
    if trusted and declared != trusted:
        return f"signed by {declared}, not by the key of {TRUSTED_VARIABLE}"
    return None
