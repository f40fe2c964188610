"""The public sets of an evaluation: found in a folder and cut to their test split."""

import hashlib
import random
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from ngsd_guard.datasets import Prompt, normalised, of_split, read_prompts
from ngsd_guard.errors import ConfigurationError

PATHS: Final[Mapping[str, str]] = {
    "advbench": "harmful_prompts/advbench.jsonl",
    "harmbench": "harmful_prompts/harmbench.jsonl",
    "selfreminder_jailbreak_templates": "attacks/selfreminder_jailbreak_templates.jsonl",
    "optimised_attacks": "attacks/optimised_attacks.jsonl",
    "bipia_email_injection": "attacks/bipia_email_injection.jsonl",
    "xstest": "over_refusal/xstest.jsonl",
    "cyberseceval_frr": "over_refusal/cyberseceval_frr.jsonl",
    "self_instruct_seed": "benign_instruct/self_instruct_seed.jsonl",
    "dolly_subset": "benign_instruct/dolly_subset.jsonl",
    "llms_from_scratch": "benign_instruct/llms_from_scratch.jsonl",
    "oasst_trees": "benign_instruct/oasst_trees.jsonl",
    "mt_bench": "utility/mt_bench.jsonl",
    "gsm8k_test": "utility/gsm8k_test.jsonl",
    "opentriviaqa_subset": "benign_instruct/opentriviaqa_subset.jsonl",
}
"""Where each set lies below the data folder."""
HARMFUL: Final = ("advbench", "harmbench")
ORDINARY: Final = (
    "self_instruct_seed",
    "dolly_subset",
    "llms_from_scratch",
    "oasst_trees",
    "mt_bench",
)
_LONGEST: Final = 2_000
"""Characters; longer prompts are left out and counted, attacks and their templates excepted."""
_LONGEST_ASKED: Final = 160
"""Maximum characters of an ordinary request that gets the wrapping of an attack."""
_UNCUT: Final = frozenset(
    {"selfreminder_jailbreak_templates", "optimised_attacks", "bipia_email_injection"}
)


@dataclass(frozen=True, slots=True)
class SetReport:
    """How much of one set is used."""

    file: str
    sha256: str
    num_rows: int
    num_usable: int
    """Rows of the test split, or of the whole set, without repeats and overlong ones."""
    num_too_long: int
    is_whole: bool


@dataclass(frozen=True, slots=True)
class Sources:
    """Public prompts to measure on."""

    sets: Mapping[str, Sequence[Prompt]] = field(repr=False)
    reports: Mapping[str, SetReport]
    missing: tuple[str, ...]
    """Files that are not in the data folder."""
    seed: int

    def of(self, *names: str, keep: Callable[[Prompt], bool] = lambda _: True) -> list[Prompt]:
        """Return the prompts of some sets, one of each set in turn, shuffled by the seed.

        Missing sets are skipped. A smaller draw is always the start of a larger one.
        """
        columns = [self._shuffled(name, keep) for name in names if name in self.sets]
        longest = max(map(len, columns), default=0)
        return [column[i] for i in range(longest) for column in columns if i < len(column)]

    def lacking(self, *names: str) -> str | None:
        """Return why these sets cannot be used; None if at least one is present."""
        if any(name in self.sets for name in names):
            return None
        return "missing: " + ", ".join(PATHS[name] for name in names)

    def _shuffled(self, name: str, keep: Callable[[Prompt], bool]) -> list[Prompt]:
        prompts = [prompt for prompt in self.sets[name] if keep(prompt)]
        random.Random(f"{self.seed} {name}").shuffle(prompts)
        return prompts


def read_sources(folder: str | Path, *, whole: Collection[str] = (), seed: int = 0) -> Sources:
    """Read the public sets of a folder.

    Args:
        folder: laid out as `PATHS` says.
        whole: sets that are used completely, because nothing was trained or calibrated on them;
            of the others only the test split is used.
        seed: of the order in which prompts are drawn.

    Raises:
        ConfigurationError: the folder is not there or holds none of the sets, a name in `whole` is
            unknown, or a row is malformed.
    """
    folder = Path(folder).expanduser()
    if not folder.is_dir():
        raise ConfigurationError(f"the data folder {folder} is not there; check the path")
    unknown = sorted(set(whole) - PATHS.keys())
    if unknown:
        raise ConfigurationError(f"no set {unknown[0]!r}; the sets are {', '.join(PATHS)}")
    sets: dict[str, list[Prompt]] = {}
    reports: dict[str, SetReport] = {}
    for name, file in PATHS.items():
        if (folder / file).is_file():
            sets[name], reports[name] = _read(folder, name, is_whole=name in whole)
    if not sets:
        raise ConfigurationError(
            f"{folder} holds none of the public sets; it needs at least one of "
            f"{', '.join(PATHS.values())}"
        )
    missing = tuple(file for name, file in PATHS.items() if name not in sets)
    return Sources(sets, reports, missing, seed)


def is_short(prompt: Prompt) -> bool:
    """Whether a request is a single short line that an attack's wrapping fits."""
    text = prompt.prompt.strip()
    return "\n" not in text and len(text) <= _LONGEST_ASKED and len(text.split()) >= 3


def _read(folder: Path, name: str, *, is_whole: bool) -> tuple[list[Prompt], SetReport]:
    path = folder / PATHS[name]
    rows = read_prompts(path)
    wanted = rows if is_whole else of_split(rows, "test")
    if name == "harmbench":
        wanted = [prompt for prompt in wanted if prompt.subset in (None, "standard")]
    unique = list(_unique(wanted))
    kept = [p for p in unique if name in _UNCUT or len(p.prompt) <= _LONGEST]
    report = SetReport(
        file=PATHS[name],
        sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
        num_rows=len(rows),
        num_usable=len(kept),
        num_too_long=len(unique) - len(kept),
        is_whole=is_whole,
    )
    return kept, report


def _unique(prompts: Iterable[Prompt]) -> Iterable[Prompt]:
    seen = set()
    for prompt in prompts:
        text = normalised(prompt.prompt)
        if text not in seen:
            seen.add(text)
            yield prompt
