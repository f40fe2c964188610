"""Checks a patch: signature first, then every file."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from ngsd_guard.errors import ConfigurationError
from ngsd_guard.patches._manifest import (
    MANIFEST,
    SIGNATURE,
    Patch,
    digest_of,
    file_sha256,
    read_manifest,
)
from ngsd_guard.patches._signature import PatchVerifier


def verify_patch(folder: str | Path, verifier: PatchVerifier | None) -> tuple[Patch, str]:
    """Check a patch, and return its manifest and digest.

    Args:
        folder: the patch.
        verifier: holds the key; None checks the files against the manifest, and not who made it.

    Raises:
        ConfigurationError: the patch is not intact; the message names the first bad file.
    """
    folder = Path(folder).expanduser()
    patch, manifest = read_manifest(folder)
    if verifier is not None and not verifier.is_valid(manifest, _signature(folder)):
        raise ConfigurationError(
            f"{folder / SIGNATURE}: no valid signature of {MANIFEST} by this key; get the patch "
            "from its maker again, or check the key"
        )
    listed = {file.path: file for file in patch.files}
    found = set(walk(folder)) - {MANIFEST, SIGNATURE}
    for path in sorted(listed.keys() | found):
        problem = None
        if path not in listed:
            problem = "is not part of the patch"
        elif path not in found:
            problem = "is missing"
        elif (folder / path).stat().st_size != listed[path].num_bytes:
            problem = f"does not have {listed[path].num_bytes} bytes"
        elif file_sha256(folder / path) != listed[path].sha256:
            problem = "has been changed"
        if problem is not None:
            raise ConfigurationError(f"{folder / path}: {problem}; get the patch again")
    return patch, digest_of(manifest)


def walk(folder: Path) -> Iterator[str]:
    """Yield the files of a folder as relative paths with `/`.

    Raises:
        ConfigurationError: something in it is neither a regular file nor a folder, or the folder
            cannot be read.
    """

    def refuse(error: OSError) -> None:
        raise ConfigurationError(
            f"cannot read {error.filename}: {error.strerror}; check the path"
        ) from error

    for root, folders, files in os.walk(folder, onerror=refuse):
        for name in (*folders, *files):
            path = Path(root) / name
            mode = path.lstat().st_mode
            if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
                raise ConfigurationError(
                    f"{path} is neither a regular file nor a folder; a patch holds no links"
                )
        for name in files:
            yield (Path(root) / name).relative_to(folder).as_posix()


def _signature(folder: Path) -> bytes:
    try:
        return (folder / SIGNATURE).read_bytes()
    except OSError as error:
        raise ConfigurationError(
            f"{folder / SIGNATURE}: the patch is not signed ({error.strerror}); get a signed one, "
            "or accept it without a signature explicitly"
        ) from error
