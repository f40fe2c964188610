"""Running the demo's requests."""

from collections.abc import Callable, Sequence
from pathlib import Path

from ngsd_guard.cli._demo_requests import REQUESTS
from ngsd_guard.engine import Engine
from ngsd_guard.errors import ConfigurationError
from ngsd_guard.render import DemoRequest, DemoResult, Panel, potential_svg


def run_demo(
    engine: Engine,
    *,
    max_new_tokens: int,
    requests: Sequence[DemoRequest] = REQUESTS,
    on_request: Callable[[int, DemoRequest], None] = lambda index, request: None,
) -> list[DemoResult]:
    """Answer every request twice, with the gate off and on.

    Args:
        engine: the pair.
        max_new_tokens: maximum answer length, in tokens.
        requests: the requests.
        on_request: called before each request, with its index.
    """
    results = []
    for index, request in enumerate(requests):
        on_request(index, request)
        unguarded, guarded = (
            engine.generate(
                request.messages, max_new_tokens=max_new_tokens, guarded=guarded, trace=True
            )
            for guarded in (False, True)
        )
        results.append(DemoResult(request, unguarded, guarded))
    return results


def save_picture(results: Sequence[DemoResult], engine: Engine, path: Path) -> None:
    """Draw the potential of every guarded answer.

    Args:
        results: results of the demo; at least one.
        engine: the pair that gave the answers.
        path: path of the SVG file; overwritten if it exists.

    Raises:
        ConfigurationError: the file cannot be written.
    """
    panels = [
        Panel(
            title=" ▸ ".join(filter(None, (result.request.prompt, result.request.prefill))),
            generation=result.guarded,
            eyebrow=result.request.kind,
            decode=engine.base.decode,
        )
        for result in results
    ]
    gate = engine.config.gate
    svg = potential_svg(panels, gate.v_threshold, bias_current=gate.bias_current)
    try:
        path.write_text(svg, encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(
            f"cannot write {path}: {error.strerror or error}; choose another folder with --out"
        ) from error
