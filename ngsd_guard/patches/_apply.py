"""Applies patches to a folder, and reverts them.

The folder holds `applied/0001-…`, `applied/0002-…`, which are complete copies of patches, and the
link `current`, whose replacement is the one step that puts a patch into force.
"""

import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ngsd_guard.errors import ConfigurationError
from ngsd_guard.patches._manifest import Patch, digest_of, read_manifest
from ngsd_guard.patches._signature import PatchVerifier
from ngsd_guard.patches._verify import verify_patch

CURRENT: Final = "current"
_APPLIED: Final = "applied"
_PREVIOUS: Final = ".previous"


@dataclass(frozen=True, slots=True)
class Applied:
    """A patch that was applied to a folder."""

    number: int
    """Counts the patches applied to the folder, from 1."""
    patch: Patch
    digest: str
    """SHA-256 of its manifest."""
    folder: Path
    is_current: bool


def apply_patch(
    source: str | Path,
    target: str | Path,
    verifier: PatchVerifier | None,
    *,
    allow_older: bool = False,
) -> Applied:
    """Verify a patch, copy it, verify the copy, and put it into force.

    Args:
        source: the patch.
        target: the folder, created if necessary; load `target/current/expert` as the expert.
        verifier: holds the key; None accepts a patch whoever made it.
        allow_older: accept a version that is not above that in force.

    Raises:
        ConfigurationError: the patch is not intact, is not newer, or cannot be copied. What was in
            force stays in force.
    """
    source, target = Path(source).expanduser(), Path(target).expanduser()
    patch, digest = verify_patch(source, verifier)
    before = _current(target)
    if before is not None and not allow_older:
        _require_newer(patch, before.patch)
    number = max((entry.number for entry in applied_patches(target)), default=0) + 1
    entry = target / _APPLIED / f"{number:04d}-{digest[:12]}"
    try:
        entry.parent.mkdir(parents=True, exist_ok=True)
        parent = Path(tempfile.mkdtemp(prefix=".new.", dir=entry.parent))
        try:
            shutil.copytree(source, parent / "patch", symlinks=True)
            if verify_patch(parent / "patch", verifier)[1] != digest:
                raise ConfigurationError(f"{source} changed while it was copied; apply it again")
            previous = "" if before is None else before.folder.name
            _sidecar(entry).write_text(previous, encoding="utf-8")
            os.rename(parent / "patch", entry)
        finally:
            shutil.rmtree(parent, ignore_errors=True)
        try:
            _switch(target, entry)
        except OSError:
            shutil.rmtree(entry, ignore_errors=True)
            raise
    except OSError as error:
        raise ConfigurationError(
            f"cannot apply the patch to {target}: {error.strerror or error}; what was in force "
            "stays in force"
        ) from error
    return Applied(number, patch, digest, entry, is_current=True)


def revert_patch(target: str | Path) -> tuple[Applied, Applied | None]:
    """Put back what was in force before the current patch.

    The earlier patch is first compared with its manifest, file by file.

    Returns:
        The patch reverted, and the one now in force; None if none was before.

    Raises:
        ConfigurationError: no patch is in force, or the earlier one is not intact; the current
            patch stays in force.
    """
    target = Path(target).expanduser()
    current = _current(target)
    if current is None:
        raise ConfigurationError(f"no patch is in force in {target}; nothing to revert")
    try:
        name = _sidecar(current.folder).read_text(encoding="utf-8")
        if not name:
            os.unlink(target / CURRENT)
            return current, None
        entry = current.folder.parent / name
        _, digest = verify_patch(entry, None)
        if not entry.name.endswith(digest[:12]):
            raise ConfigurationError(f"{entry} holds another patch than was applied; restore it")
        _switch(target, entry)
    except OSError as error:
        raise ConfigurationError(
            f"cannot revert the patch in {target}: {error.strerror or error}; it stays in force"
        ) from error
    return current, _current(target)


def applied_patches(target: str | Path) -> list[Applied]:
    """Return the patches applied to a folder, oldest first; reverted ones stay in the list."""
    target = Path(target).expanduser()
    root = target / _APPLIED
    current = _linked(target)
    entries = []
    for folder in sorted(root.iterdir()) if root.is_dir() else ():
        number = folder.name.partition("-")[0]
        if folder.is_dir() and number.isdecimal():
            patch, manifest = read_manifest(folder)
            is_current = folder.name == current
            entries.append(Applied(int(number), patch, digest_of(manifest), folder, is_current))
    return entries


def _current(target: Path) -> Applied | None:
    found = next((entry for entry in applied_patches(target) if entry.is_current), None)
    if found is None and os.path.lexists(target / CURRENT):
        raise ConfigurationError(
            f"{target / CURRENT} does not lead to an applied patch; remove it, or use another "
            "folder"
        )
    return found


def _linked(target: Path) -> str | None:
    link = target / CURRENT
    return Path(os.readlink(link)).name if link.is_symlink() else None


def _require_newer(patch: Patch, before: Patch) -> None:
    if patch.name == before.name and patch.version <= before.version:
        raise ConfigurationError(
            f"version {patch.version} of {patch.name!r} is not newer than version "
            f"{before.version}, which is in force; revert that, or allow an older one"
        )


def _switch(target: Path, entry: Path) -> None:
    new = target / f".{CURRENT}.{os.getpid()}"
    new.unlink(missing_ok=True)
    new.symlink_to(Path(_APPLIED) / entry.name, target_is_directory=True)
    os.replace(new, target / CURRENT)


def _sidecar(entry: Path) -> Path:
    return entry.with_name(entry.name + _PREVIOUS)
