"""Parts that contain themselves, written out to a bounded depth."""

import math
from collections.abc import Iterator
from typing import Any, Final

from ngsd_guard.json_schemas._sizes import longest_remainder, shortest_answer
from ngsd_guard.json_schemas._walking import (
    DEFINITIONS,
    IN_PLACE,
    parts,
    rebuilt,
    refusal,
    resolved,
)

DEPTHS: Final = (12, 10, 8, 6, 5, 4)
"""How often a part may contain itself: the first of these whose rest is short enough."""
_LONGEST_REST: Final = 448
_MOST_PARTS: Final = 2000


def unrolled(schema: dict[str, Any]) -> dict[str, Any]:
    """Return a schema without references that go round.

    Args:
        schema: a well-formed JSON schema; returned as it is if nothing contains itself.

    Raises:
        ConfigurationError: a part must contain itself without end, or a reference leads nowhere.
    """
    graph = ReferenceGraph(schema)
    if not graph.cycles:
        return schema
    for name in graph.cycles:
        if name in _same_value(schema, name):
            raise refusal(
                name,
                "it refers to itself for the same value, which no answer can end",
                remedy="put the reference below a property or an item",
            )
    for depth in DEPTHS:
        bounded = _Unroller(graph, depth).schema()
        if math.isinf(shortest_answer(bounded)):
            where = sorted({name for names in graph.cycles.values() for name in names})[0]
            raise refusal(
                where,
                f"nothing fits it that contains it no more than {depth} times",
                remedy="give it a way to end",
            )
        if longest_remainder(bounded) <= _LONGEST_REST:
            break
    return bounded


class ReferenceGraph:
    """Which referenced parts contain which references."""

    def __init__(self, root: dict[str, Any]) -> None:
        self.root = root
        self._edges: dict[str, list[str]] = {}
        self.start = [*dict.fromkeys(_references(root, with_definitions=True))]
        self.restarts: set[str] = set()
        """Names that close a cycle."""
        for name in self.start:
            if name not in self._edges:
                self._follow(name)
        self.cycles = {name: self._cycle_of(name) for name in self._edges}
        self.cycles = {name: cycle for name, cycle in self.cycles.items() if cycle}
        """By name, the names on cycles through it, itself included."""

    def _follow(self, start: str) -> None:
        """Read the references below a part, depth first, without recursion of our own."""
        path: list[tuple[str, Iterator[str]]] = []
        active: set[str] = set()

        def enter(name: str) -> None:
            below = [*dict.fromkeys(_references(resolved(self.root, name)))]
            self._edges[name] = below
            active.add(name)
            path.append((name, iter(below)))

        enter(start)
        while path:
            name, below = path[-1]
            following = next(below, None)
            if following is None:
                path.pop()
                active.discard(name)
            elif following in active:
                self.restarts.add(following)
            elif following not in self._edges:
                enter(following)

    def _reachable(self, name: str) -> set[str]:
        found, pending = set[str](), list(self._edges[name])
        while pending:
            one = pending.pop()
            if one not in found:
                found.add(one)
                pending.extend(self._edges[one])
        return found

    def _cycle_of(self, name: str) -> frozenset[str]:
        reachable = self._reachable(name)
        if name not in reachable:
            return frozenset()
        return frozenset(one for one in reachable if name in self._reachable(one))


class _Unroller:
    """Writes out the cycles of a schema.

    Args:
        graph: the references.
        depth: how often a part may contain itself.
    """

    def __init__(self, graph: ReferenceGraph, depth: int) -> None:
        self._graph = graph
        self._depth = depth
        self._names = {name: f"part{number}" for number, name in enumerate(graph.cycles)}
        self._written: dict[str, Any] = {}
        self._pending: list[tuple[str, int]] = []

    def schema(self) -> dict[str, Any]:
        """Return the whole schema.

        Raises:
            ConfigurationError: it becomes too large.
        """
        root: dict[str, Any] = self._rewritten(self._graph.root, None, self._depth)
        while self._pending:
            name, level = self._pending.pop()
            key = self._key(name, level)
            if key in self._written:
                continue
            if len(self._written) == _MOST_PARTS:
                raise refusal(
                    name, f"its cycles need more than {_MOST_PARTS} parts", remedy="simplify it"
                )
            body = resolved(self._graph.root, name)
            if isinstance(body, dict):
                body = {k: value for k, value in body.items() if k not in DEFINITIONS}
            self._written[key] = self._rewritten(body, name, level)
        root["$defs"] = {**root.get("$defs", {}), **self._written}
        return root

    def _rewritten(self, schema: Any, inside: str | None, level: int) -> Any:
        """Return a part with its references to cycles replaced.

        Args:
            schema: the part.
            inside: name of the cycle's part that it belongs to; None outside all cycles.
            level: how often that part may still contain itself.
        """
        if not isinstance(schema, dict):
            return schema
        copy = rebuilt(schema, lambda part, key, place: self._rewritten(part, inside, level))
        name = schema.get("$ref")
        if name not in self._graph.cycles:
            return copy
        below = self._depth
        if inside is not None and name in self._graph.cycles[inside]:
            below = level - (name in self._graph.restarts)
            if below < 0:
                return False
        self._pending.append((name, below))
        copy["$ref"] = f"#/$defs/{self._key(name, below)}"
        return copy

    def _key(self, name: str, level: int) -> str:
        return f"{self._names[name]}-{level}"


def _references(schema: Any, *, with_definitions: bool = False) -> Iterator[str]:
    if not isinstance(schema, dict):
        return
    if isinstance(schema.get("$ref"), str):
        yield schema["$ref"]
    for key, _, part in parts(schema):
        if with_definitions or key not in DEFINITIONS:
            yield from _references(part, with_definitions=with_definitions)


def _same_value(root: dict[str, Any], start: str) -> set[str]:
    """Return the references that describe the same value as the one that they start from."""
    found, pending = set[str](), [resolved(root, start)]
    while pending:
        schema = pending.pop()
        if not isinstance(schema, dict):
            continue
        pending.extend(part for key, _, part in parts(schema) if key in IN_PLACE)
        name = schema.get("$ref")
        if isinstance(name, str) and name not in found:
            found.add(name)
            pending.append(resolved(root, name))
    return found
