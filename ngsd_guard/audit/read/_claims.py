"""Positions of chains that are named elsewhere: in other chains, the index, or an anchor.

A chain that was put back to an older state, and perhaps continued from there, is sound by itself.
It is found because the records at the named positions are not the ones that were there.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ngsd_guard.audit._canonical import parse_object
from ngsd_guard.audit._files import ChainFiles, open_log
from ngsd_guard.audit._head import Position, parse_position
from ngsd_guard.audit._recovery import position_of
from ngsd_guard.audit.read._chain_verifier import ChainState, Problem
from ngsd_guard.errors import ConfigurationError


class Claims:
    """Collects named positions, and compares them with the chains."""

    def __init__(self) -> None:
        self._claims: dict[str, dict[tuple[int, str], str]] = {}

    def add(self, position: Position, source: str) -> None:
        """Add a position, with the name of the file or the words for what names it."""
        place = position.sequence, position.hash
        self._claims.setdefault(position.chain_id, {}).setdefault(place, source)

    def add_state(self, state: ChainState, source: str) -> None:
        """Add the positions that a chain names."""
        for chain_id, places in state.named.items():
            for sequence, digest in places.items():
                self.add(Position(chain_id, sequence, digest), source)

    def problems(self, chains: Iterable[tuple[ChainFiles, ChainState, bool]]) -> list[Problem]:
        """Return an error for each chain that is not as it is named.

        Args:
            chains: every chain, with its state and whether it has an error of its own.
        """
        found = {state.chain_id: (files, state, is_bad) for files, state, is_bad in chains}
        problems = []
        for chain_id, places in self._claims.items():
            source = next(iter(places.values()))
            if chain_id not in found:
                reason = f"the chain {chain_id}, named here, is missing"
                problems.append(Problem(source, None, None, reason))
                continue
            files, state, is_bad = found[chain_id]
            problem = None if is_bad else _compare(files, state, places)
            if problem is not None:
                problems.append(problem)
        return problems


def read_anchors(anchors: Path | str | Iterable[Mapping[str, Any]]) -> list[Position]:
    """Return the positions of checkpoints kept elsewhere, and those that the checkpoints name.

    Raises:
        ConfigurationError: the file cannot be read, or has a line that is not a checkpoint.
    """
    if isinstance(anchors, str | Path):
        try:
            lines = Path(anchors).read_bytes().splitlines()
        except OSError as error:
            raise ConfigurationError(
                f"cannot read the anchored checkpoints {anchors}: {error.strerror or error}; check "
                "the path"
            ) from error
        anchors = [parse_object(line) or {} for line in lines if line.strip()]
    positions = []
    for number, fields in enumerate(anchors, 1):
        others = fields.get("others", ())
        named = [parse_position(other) for other in others if isinstance(others, list | tuple)]
        own = position_of(dict(fields))
        if own is None or fields.get("kind") != "checkpoint" or None in named:
            raise ConfigurationError(
                f"anchored checkpoint {number} is not a checkpoint of an audit log; pass the "
                "records that AuditLog(anchor=) received, one JSON object per line"
            )
        positions += [own, *(position for position in named if position is not None)]
    return positions


def _compare(
    files: ChainFiles, state: ChainState, places: dict[tuple[int, str], str]
) -> Problem | None:
    """Compare the positions named for one chain with its records."""
    last, _ = max(places)
    if last > state.sequence:
        source = next(source for (sequence, _), source in places.items() if sequence == last)
        reason = f"the chain {state.chain_id}, named here, ends earlier than it did"
        return Problem(source, None, None, reason)
    wanted = {sequence for sequence, _ in places if sequence not in (-1, state.sequence)}
    hashes = {state.sequence: state.hash, **_hashes_at(files, wanted)}
    for (sequence, digest), source in places.items():
        if sequence >= 0 and hashes.get(sequence) != digest:
            reason = f"the chain {state.chain_id} has another record {sequence} than named here"
            return Problem(source, None, None, reason)
    return None


def _hashes_at(files: ChainFiles, wanted: set[int]) -> dict[int, str]:
    """Return the hashes of some records of a sound chain."""
    while wanted:
        names, hashes, sequence = files.in_order, {}, -1
        try:
            for file in names:
                with open_log(file) as lines:
                    for line in lines:
                        sequence += 1
                        if sequence in wanted:
                            hashes[sequence] = str((parse_object(line) or {}).get("hash"))
        except FileNotFoundError:
            continue  # rotated in the meantime
        if names == files.in_order:
            return hashes
    return {}
