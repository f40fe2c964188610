"""Takes the version from ngsd-guard, and asks for that very version of it."""

import re
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface

_VERSION = Path("../../ngsd_guard/_version.py")


class FollowNgsdGuard(MetadataHookInterface):
    """Sets the version and the only dependency."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Add what pyproject.toml declares as dynamic."""
        source = (Path(self.root) / _VERSION).read_text(encoding="utf-8")
        (version,) = re.findall(r'^__version__ = "(.+)"$', source, re.MULTILINE)
        metadata["version"] = version
        metadata["dependencies"] = [f"ngsd-guard[agents]=={version}"]
