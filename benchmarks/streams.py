"""Many streams of one engine at once: throughput together against one after another.

    python streams.py [--pair ngsd-mini] [--streams 1 4 8 16] [--rounds 5]

Prints, for each number of streams, tokens a second when they are read one after another, when
they are read at the same time in as many threads, and the ratio of the two medians; and the time
to the first token. Everything is measured in one run, in alternation.
"""

import argparse
import statistics
import threading
import time
from collections.abc import Callable, Sequence

from ngsd_guard import Engine, load_engine

QUESTIONS = (
    "What is the capital of France?",
    "Tell me a story about a fox and a river.",
    "How do I bake a cake?",
    "Why is the sky blue?",
    "Name three animals and say what they eat.",
    "What is 12 plus 30?",
    "How do plants grow?",
    "Write a short poem about rain.",
)


def read(engine: Engine, number: int, round_index: int, num_tokens: int) -> int:
    """Read one answer, to a question that was not asked before; return its tokens."""
    text = f"{QUESTIONS[number % len(QUESTIONS)]} ({number}, {round_index})"
    messages = [{"role": "user", "content": text}]
    return sum(1 for _ in engine.stream(messages, max_new_tokens=num_tokens))


def one_after_another(engine: Engine, num_streams: int, round_index: int, num_tokens: int) -> int:
    """Read streams in turn."""
    return sum(read(engine, n, round_index, num_tokens) for n in range(num_streams))


def together(engine: Engine, num_streams: int, round_index: int, num_tokens: int) -> int:
    """Read streams in as many threads."""
    counts = [0] * num_streams

    def work(number: int) -> None:
        counts[number] = read(engine, number, round_index, num_tokens)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(num_streams)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts)


def rate(
    run: Callable[[Engine, int, int, int], int],
    engine: Engine,
    num_streams: int,
    round_index: int,
    num_tokens: int,
) -> float:
    """Return tokens a second."""
    started = time.perf_counter()
    count = run(engine, num_streams, round_index, num_tokens)
    return count / (time.perf_counter() - started)


def first_token_s(engine: Engine, round_index: int) -> float:
    """Return the seconds to the first token of a request that was not asked before."""
    messages = [{"role": "user", "content": f"{QUESTIONS[0]} Please. ({round_index})"}]
    with engine.stream(messages, max_new_tokens=4) as stream:
        started = time.perf_counter()
        next(stream)
        return time.perf_counter() - started


def measure(engine: Engine, streams: Sequence[int], num_rounds: int, num_tokens: int) -> None:
    """Print one line for each number of streams."""
    for num_streams in streams:
        apart, side_by_side = list[float](), list[float]()
        for index in range(num_rounds + 1):  # the first round warms up
            apart.append(rate(one_after_another, engine, num_streams, index, num_tokens))
            side_by_side.append(rate(together, engine, num_streams, index, num_tokens))
        low, high = statistics.median(apart[1:]), statistics.median(side_by_side[1:])
        print(f"{num_streams:3} streams: {low:6.0f} -> {high:6.0f} tokens/s, {high / low:.2f}x")
    first = statistics.median(first_token_s(engine, 1_000 + n) for n in range(4 * num_rounds))
    print(f"first token: {1e3 * first:.1f} ms")


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pair", default="ngsd-mini")
    parser.add_argument("--streams", type=int, nargs="+", default=[1, 4, 8, 16])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--max-new-tokens", type=int, default=64)
    options = parser.parse_args()
    measure(load_engine(options.pair), options.streams, options.rounds, options.max_new_tokens)


if __name__ == "__main__":
    main()
