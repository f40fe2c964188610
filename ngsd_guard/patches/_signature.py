"""Signatures of patches: Ed25519, or HMAC-SHA-256 with a shared key."""

import hashlib
import hmac
import json
from pathlib import Path
from typing import Final

from ngsd_guard.audit import SigningKey, VerifyingKey
from ngsd_guard.errors import ConfigurationError

_MIN_KEY_BYTES: Final = 16
_MAX_BYTES: Final = 4096


class PatchSigner:
    """Signs manifests.

    Args:
        signing_key: an Ed25519 private key as PEM, or its path.
        hmac_key: a shared secret instead, at least 16 random bytes.

    Raises:
        ConfigurationError: neither key or both are given, or one is wrong.
        MissingDependencyError: Ed25519 needs the extra `audit`.
    """

    def __init__(
        self, signing_key: str | Path | bytes | None = None, *, hmac_key: bytes | None = None
    ) -> None:
        _require_one(signing_key, hmac_key)
        self._signing = None if signing_key is None else SigningKey(signing_key)
        self._secret = hmac_key

    def sign(self, manifest: bytes) -> bytes:
        """Return the content of `patch.sig`."""
        if self._signing is not None:
            fields = {
                "algorithm": "ed25519",
                "key_id": self._signing.id,
                "signature": self._signing.sign(manifest),
            }
        else:
            fields = {"algorithm": "hmac-sha256", "signature": _mac(self._secret or b"", manifest)}
        return (json.dumps(fields, sort_keys=True) + "\n").encode()


class PatchVerifier:
    """Checks signatures of manifests.

    Args:
        public_key: an Ed25519 public key as PEM, or its path.
        hmac_key: the shared secret instead.

    Raises:
        ConfigurationError: neither key or both are given, or one is wrong.
        MissingDependencyError: Ed25519 needs the extra `audit`.
    """

    def __init__(
        self, public_key: str | Path | bytes | None = None, *, hmac_key: bytes | None = None
    ) -> None:
        _require_one(public_key, hmac_key)
        self._verifying = None if public_key is None else VerifyingKey(public_key)
        self._secret = hmac_key

    def is_valid(self, manifest: bytes, signature: bytes) -> bool:
        """Return whether `patch.sig` signs a manifest with the expected key and algorithm."""
        try:
            fields = json.loads(signature[:_MAX_BYTES])
            algorithm, value = fields["algorithm"], fields["signature"]
        except (ValueError, KeyError, TypeError):
            return False
        if not isinstance(value, str) or not value.isascii():
            return False
        if self._verifying is not None:
            return algorithm == "ed25519" and self._verifying.is_signature(value, manifest)
        expected = _mac(self._secret or b"", manifest)
        return algorithm == "hmac-sha256" and hmac.compare_digest(value, expected)


def _mac(key: bytes, manifest: bytes) -> str:
    return hmac.new(key, b"ngsd-guard patch\0" + manifest, hashlib.sha256).hexdigest()


def _require_one(key: object, hmac_key: bytes | None) -> None:
    if (key is None) == (hmac_key is None):
        raise ConfigurationError("give one key: an Ed25519 key, or hmac_key=")
    if hmac_key is not None and len(hmac_key) < _MIN_KEY_BYTES:
        raise ConfigurationError(
            f"the HMAC key has {len(hmac_key)} bytes; use at least {_MIN_KEY_BYTES} random ones"
        )
