"""Ed25519 keys of a log, with the library `cryptography`."""

import base64
import hashlib
import importlib
import os
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from ngsd_guard.errors import AuditError, ConfigurationError, MissingDependencyError

_KEY_ID_LENGTH: Final = 16


def need_cryptography(name: str) -> Any:
    """Return a module of `cryptography`.

    Raises:
        MissingDependencyError: the library is not installed.
    """
    try:
        return importlib.import_module(f"cryptography.{name}")
    except ImportError as error:
        raise MissingDependencyError(
            "signed and encrypted audit logs need cryptography; "
            "install it with: pip install 'ngsd-guard[audit]'"
        ) from error


class SigningKey:
    """The private key that signs a log.

    Args:
        source: path of a PEM file, or its content.

    Raises:
        ConfigurationError: the source is not an Ed25519 private key.
        MissingDependencyError: the extra `audit` is not installed.
    """

    def __init__(self, source: str | Path | bytes) -> None:
        ed25519 = need_cryptography("hazmat.primitives.asymmetric.ed25519")
        self._key: Any = _load(source, "private")
        if not isinstance(self._key, ed25519.Ed25519PrivateKey):
            raise ConfigurationError(
                "the signing key is not an Ed25519 private key; generate one with: ngsd-guard "
                "audit keygen"
            )

    @cached_property
    def id(self) -> str:
        """Id of the key in records: the start of the SHA-256 of the public key."""
        return _key_id(self._key.public_key())

    @cached_property
    def public(self) -> "VerifyingKey":
        """The public key."""
        serialization = need_cryptography("hazmat.primitives.serialization")
        return VerifyingKey(
            self._key.public_key().public_bytes(
                serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
            )
        )

    def sign(self, data: bytes) -> str:
        """Return a signature in URL-safe base64 without padding."""
        return _encoded(self._key.sign(data))


class VerifyingKey:
    """The public key that verifies a log.

    Args:
        source: path of a PEM file, or its content.

    Raises:
        ConfigurationError: the source is not an Ed25519 public key.
        MissingDependencyError: the extra `audit` is not installed.
    """

    def __init__(self, source: str | Path | bytes) -> None:
        ed25519 = need_cryptography("hazmat.primitives.asymmetric.ed25519")
        self._key: Any = _load(source, "public")
        if not isinstance(self._key, ed25519.Ed25519PublicKey):
            raise ConfigurationError(
                "the verifying key is not an Ed25519 public key; pass the public key of the pair "
                "that signs the log"
            )

    @cached_property
    def id(self) -> str:
        """Id of the key in records."""
        return _key_id(self._key)

    def is_signature(self, signature: str, data: bytes) -> bool:
        """Return whether a signature of the data by the private key is valid."""
        try:
            decoded = base64.urlsafe_b64decode(signature + "==")
            self._key.verify(decoded, data)
        except Exception:  # InvalidSignature, or text that is not a signature
            return False
        return _encoded(decoded) == signature  # there is one way to write a signature


def write_key_pair(private: Path, public: Path) -> str:
    """Generate a key pair and write both keys as PEM files; return the key's id.

    Raises:
        AuditError: a file exists, or cannot be written.
    """
    ed25519 = need_cryptography("hazmat.primitives.asymmetric.ed25519")
    serialization = need_cryptography("hazmat.primitives.serialization")
    for path in (private, public):
        if path.exists():
            raise AuditError(
                f"{path} already exists and a key is not overwritten; choose another path"
            )
    key = ed25519.Ed25519PrivateKey.generate()
    secret = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    open_half = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    for path, data, mode in ((private, secret, 0o600), (public, open_half, 0o644)):
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
        except OSError as error:
            raise AuditError(
                f"cannot write the key {path}: {error.strerror or error}; choose another path"
            ) from error
    return _key_id(key.public_key())


def _load(source: str | Path | bytes, half: str) -> Any:
    serialization = need_cryptography("hazmat.primitives.serialization")
    try:
        data = source if isinstance(source, bytes) else Path(source).read_bytes()
        if half == "private":
            return serialization.load_pem_private_key(data, password=None)
        return serialization.load_pem_public_key(data)
    except OSError as error:
        raise ConfigurationError(
            f"cannot read the {half} key {source!s}: {error.strerror or error}; check the path"
        ) from error
    except (ValueError, TypeError) as error:
        raise ConfigurationError(
            f"not a {half} key in PEM format; generate a key pair with: ngsd-guard audit keygen"
        ) from error


def _key_id(public_key: Any) -> str:
    return hashlib.sha256(public_key.public_bytes_raw()).hexdigest()[:_KEY_ID_LENGTH]


def _encoded(signature: bytes) -> str:
    return base64.urlsafe_b64encode(signature).rstrip(b"=").decode()
