"""Converted models on disk: found by the content of their source, put there in one step."""

import hashlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

_MANIFEST: Final = "manifest.json"
_SCRATCH: Final = "tmp-"
_SCRATCH_LIFE_S: Final = 24 * 3600
"""Unfinished conversions older than this were left by a process that died."""
_SETTLED_NS: Final = 2_000_000_000
"""A file written within this time of being hashed may be written again under the same mtime."""
_CHUNK: Final = 1 << 20


def cache_root() -> Path:
    """Return `$NGSD_CACHE`, else `$XDG_CACHE_HOME/ngsd-guard`, else `~/.cache/ngsd-guard`.

    Raises:
        OSError: neither variable is set and the user has no home folder.
    """
    own = os.environ.get("NGSD_CACHE")
    if own:
        return Path(own).expanduser()
    shared = os.environ.get("XDG_CACHE_HOME")
    try:
        return (Path(shared) if shared else Path.home() / ".cache") / "ngsd-guard"
    except RuntimeError as error:
        raise OSError("there is no home folder") from error


class ConversionCache:
    """Folders of converted models, each under the digest of the file it was made from.

    A folder appears under its name only when it is complete. Several processes may convert the
    same file at once; the first to finish wins and the others use its result.

    Args:
        root: the cache's own folder; made when first written to.
        version: of the converter; results of another version are not found.
    """

    def __init__(self, root: Path, version: int) -> None:
        self._root = root
        self._version = version

    def find(self, source: Path) -> Path | None:
        """Return the folder made from a file with this content; None if there is none."""
        folder = self._folder(self.digest(source))
        return folder if _is_complete(folder) else None

    def build(self, source: Path, convert: Callable[[Path], None]) -> Path:
        """Convert a file and return the folder that holds the result from now on.

        Args:
            source: the file.
            convert: writes the result into the empty folder it is given.

        Raises:
            OSError: the cache cannot be written.
        """
        self._root.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._remove_leftovers()
        folder = self._folder(self.digest(source))
        scratch = Path(tempfile.mkdtemp(prefix=_SCRATCH, dir=self._root))
        try:
            convert(scratch)
            _write_manifest(scratch, source)
            if not _is_complete(folder):
                self._discard(folder)
                _move(scratch, folder)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
        return folder

    def discard_if_damaged(self, source: Path) -> bool:
        """Remove what was made from a file if it is no longer what was written; say if it was."""
        folder = self._folder(self.digest(source))
        files = _files(folder).items()
        if _is_complete(folder) and all(_hash(folder / n) == f["sha256"] for n, f in files):
            return False
        self._discard(folder)
        return True

    def _discard(self, folder: Path) -> None:
        """Remove a folder in one step for whoever looks for it."""
        if folder.exists():
            aside = Path(tempfile.mkdtemp(prefix=_SCRATCH, dir=self._root))
            _move(folder, aside / "broken")
            shutil.rmtree(aside, ignore_errors=True)

    def _folder(self, digest: str) -> Path:
        return self._root / f"{digest[:32]}-v{self._version}"

    def digest(self, source: Path) -> str:
        """Return the SHA-256 of a file; from the index if the file looks unchanged."""
        state = source.stat()
        look = [state.st_size, state.st_mtime_ns]
        name = hashlib.sha256(str(source.resolve()).encode()).hexdigest()[:32]
        index = self._root / "index" / f"{name}.json"
        known = _read_json(index)
        if known.get("look") == look and isinstance(known.get("digest"), str):
            return str(known["digest"])
        digest = _hash(source)
        if time.time_ns() - state.st_mtime_ns > _SETTLED_NS:
            self._remember(index, {"look": look, "digest": digest})
        return digest

    def _remember(self, index: Path, entry: dict[str, Any]) -> None:
        try:
            index.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(
                "w", encoding="utf-8", dir=index.parent, suffix=".new", delete=False
            ) as file:
                json.dump(entry, file)
            os.replace(file.name, index)
        except OSError:
            return  # only a shortcut: the file is hashed again next time

    def _remove_leftovers(self) -> None:
        for scratch in self._root.glob(f"{_SCRATCH}*"):
            try:
                age_s = time.time() - scratch.stat().st_mtime
            except OSError:
                continue
            if age_s > _SCRATCH_LIFE_S:
                shutil.rmtree(scratch, ignore_errors=True)


def _move(folder: Path, target: Path) -> None:
    """Rename a folder; if another process was faster, that is fine."""
    try:
        folder.rename(target)
    except OSError:
        if not (_is_complete(target) or not folder.exists()):
            raise


def _is_complete(folder: Path) -> bool:
    """Whether every file is there in its size; reading them all would take as long as loading."""
    files = _files(folder)
    return bool(files) and all(
        (folder / name).is_file() and (folder / name).stat().st_size == known["size"]
        for name, known in files.items()
    )


def _files(folder: Path) -> dict[str, dict[str, Any]]:
    files = _read_json(folder / _MANIFEST).get("files")
    return files if isinstance(files, dict) else {}


def _write_manifest(folder: Path, source: Path) -> None:
    files = {
        path.name: {"size": path.stat().st_size, "sha256": _hash(path)}
        for path in sorted(folder.iterdir())
    }
    manifest = {"source": source.name, "files": files}
    (folder / _MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")


def _read_json(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def _hash(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
