"""Prompts that a pair was trained or calibrated on, which must not be measured on."""

from collections.abc import Collection, Sequence
from pathlib import Path

from ngsd_guard.datasets import prompt_hash, read_prompt_hashes, read_prompts
from ngsd_guard.errors import ConfigurationError
from ngsd_guard.evaluation._sources import Sources


def read_seen(path: str | Path) -> frozenset[str]:
    """Return the hashes of the prompts in a file.

    Args:
        path: a prompt set (JSONL), or a run card or calibration: a JSON object with
            `prompt_hashes`, a list of `ngsd_guard.datasets.prompt_hash` values.

    Raises:
        ConfigurationError: the file cannot be read, or is neither.
    """
    path = Path(path).expanduser()
    if path.suffix != ".json":
        return frozenset(prompt_hash(prompt.plain) for prompt in read_prompts(path))
    hashes = read_prompt_hashes(path)
    if hashes is None:
        raise ConfigurationError(
            f"{path} has no `prompt_hashes`; give the run card of a training, a calibration, or "
            "the prompts as JSONL"
        )
    return hashes


def find_run_card(folder: str | Path | None) -> list[Path]:
    """Return the run card in an expert's folder, if there is one that lists prompts.

    Raises:
        ConfigurationError: its list of prompts is malformed.
    """
    path = None if folder is None else Path(folder).expanduser() / "run_card.json"
    if path is None or not path.is_file() or read_prompt_hashes(path) is None:
        return []
    return [path]


def require_unseen(
    sources: Sources,
    paths: Sequence[str | Path] = (),
    *,
    hashes: Collection[str] = (),
    force: bool = False,
) -> int:
    """Refuse prompts to measure on that were trained or calibrated on.

    Args:
        sources: what is measured on.
        paths: prompt sets, run cards and calibrations.
        hashes: of further prompts, as `ngsd_guard.datasets.prompt_hash` gives them.
        force: only count them.

    Returns:
        The number of seen prompts.

    Raises:
        ConfigurationError: there are any, and `force` is false; the message counts them by set.
    """
    seen = frozenset(hashes).union(*map(read_seen, paths))
    counts = {
        name: sum(prompt_hash(prompt.plain) in seen for prompt in prompts)
        for name, prompts in sources.sets.items()
    }
    total = sum(counts.values())
    if total and not force:
        listed = ", ".join(f"{n} of {name}" for name, n in counts.items() if n)
        raise ConfigurationError(
            f"{total} prompts to measure on were trained or calibrated on: {listed}; take them out "
            "of the training or calibration sets, leave these sets out of --whole, or force it"
        )
    return total
