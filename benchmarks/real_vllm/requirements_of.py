"""Print what a vLLM wheel requires, without what text models do not use, and what we require."""

import sys
import tomllib
import zipfile
from email.parser import Parser
from pathlib import Path

LEFT_OUT = ("torch", "torchvision", "torchaudio", "torchcodec", "intel-openmp")
PROJECT = Path(__file__).parents[2] / "pyproject.toml"


def name_of(requirement: str) -> str:
    """Return the name of a requirement, in lower case."""
    end = next((i for i, c in enumerate(requirement) if c in " =<>!~[;("), len(requirement))
    return requirement[:end].lower()


def requirements_of(wheel: str) -> list[str]:
    """Return a wheel's requirements, without those of its extras."""
    with zipfile.ZipFile(wheel) as archive:
        (path,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        metadata = Parser().parsestr(archive.read(path).decode())
    requirements = metadata.get_all("Requires-Dist") or []
    return [r for r in requirements if "extra ==" not in r and name_of(r) not in LEFT_OUT]


def main(wheel: str) -> None:
    """Print the requirements, one a line."""
    own = tomllib.loads(PROJECT.read_text())["project"]["dependencies"]
    ours = [*(r for r in own if name_of(r) not in LEFT_OUT), "cryptography", "peft>=0.21"]
    sys.stdout.write("\n".join([*requirements_of(wheel), *ours]) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
