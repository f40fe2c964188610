"""The manifest of a patch: what it holds, each file by its digest."""

import hashlib
import json
import re
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Final, Literal

from pydantic import Field, field_validator

from ngsd_guard.config import Options
from ngsd_guard.errors import ConfigurationError

MANIFEST: Final = "patch.json"
SIGNATURE: Final = "patch.sig"
EXPERT: Final = "expert"
CALIBRATION: Final = "expert/calibration.json"
POLICY: Final = "policy.yaml"
EVALUATION: Final = "evaluation.json"
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_MAX_BYTES: Final = 4 * 2**20


class PatchFile(Options):
    """A file of a patch."""

    path: str
    """Below the patch, with `/`."""
    num_bytes: int = Field(ge=0)
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")

    @field_validator("path")
    @classmethod
    def _stay_inside(cls, path: str) -> str:
        parts = PurePosixPath(path).parts
        is_plain = path == "/".join(parts) and "\\" not in path and "\0" not in path
        if not parts or not is_plain or path.startswith("/") or {".", ".."} & set(parts):
            raise ValueError(f"{path!r} is not a path inside the patch")
        if path in (MANIFEST, SIGNATURE):
            raise ValueError(f"{path!r} is reserved")
        return path


class Patch(Options):
    """Contents of `patch.json`.

    Raises:
        ConfigurationError: a value is missing, unknown or wrong.
    """

    schema_version: Literal[1] = 1
    name: str
    version: int = Field(ge=1)
    """A later patch of the same name has a higher one."""
    created: str = Field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="seconds"))
    """UTC."""
    base_digest: str
    """Digest of the base's weights that the calibration was made for."""
    expert_digest: str
    calibration: str
    """Name of the calibration."""
    calibration_digest: str
    policy_digest: str | None = None
    """Digest of the policy; None if the patch holds none."""
    evaluation_sha256: str | None = None
    """SHA-256 of the evaluation's `results.json`; None if the patch holds none."""
    files: tuple[PatchFile, ...] = Field(min_length=1)

    @field_validator("name")
    @classmethod
    def _check_name(cls, name: str) -> str:
        if not _NAME.fullmatch(name):
            raise ValueError(
                "a name has 1 to 64 letters, digits and . _ -, a letter or digit first"
            )
        return name

    @field_validator("files")
    @classmethod
    def _refuse_repeats(cls, files: tuple[PatchFile, ...]) -> tuple[PatchFile, ...]:
        folded = [file.path.casefold() for file in files]
        if len(set(folded)) != len(folded):
            raise ValueError("a file is listed twice")
        return files

    def as_bytes(self) -> bytes:
        """Return the manifest as it is signed."""
        return (json.dumps(self.model_dump(mode="json"), indent=1, sort_keys=True) + "\n").encode()


def read_manifest(folder: Path) -> tuple[Patch, bytes]:
    """Return the manifest of a patch, and its bytes.

    Raises:
        ConfigurationError: there is none, or it is damaged or of an unknown schema version.
    """
    path = folder / MANIFEST
    try:
        with path.open("rb") as file:
            data = file.read(_MAX_BYTES)
        fields = json.loads(data)
    except OSError as error:
        raise ConfigurationError(
            f"{folder} is not a patch: cannot read {MANIFEST}: {error.strerror}; "
            "make one with: ngsd-guard patch make"
        ) from error
    except ValueError as error:
        raise ConfigurationError(f"{path} is not JSON; get the patch again") from error
    version = fields.get("schema_version") if isinstance(fields, dict) else None
    if version != 1:
        raise ConfigurationError(
            f"{path} has schema_version={version!r}, and this version of ngsd-guard reads 1; "
            "make the patch again, or update ngsd-guard"
        )
    return Patch(**fields), data


def digest_of(manifest: bytes) -> str:
    """Return the digest of a patch, which names all of its files."""
    return hashlib.sha256(manifest).hexdigest()


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
