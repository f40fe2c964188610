"""`ngsd-guard pairs`: the pairs that are known by name."""

import json
from typing import Annotated, Any

import typer
from rich import box
from rich.table import Table

from ngsd_guard.cli._common import make_console


def pairs(
    as_json: Annotated[bool, typer.Option("--json", help="Print the list as JSON.")] = False,
) -> None:
    """List the pairs that are known by name, their experts, and where their bases come from."""
    # Imported here, so that `--help` does not wait for torch.
    from ngsd_guard.pairs import list_pairs

    found = list_pairs()
    if as_json:
        typer.echo(json.dumps([_described(manifest) for manifest in found], indent=2))
        return
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    for column in ("pair", "base", "experts", "calibrated", "licence"):
        table.add_column(column)
    for manifest in found:
        base = manifest.base
        table.add_row(
            manifest.name,
            "in this package" if base.folder else f"{base.install}",
            "\n".join(expert.name for expert in manifest.experts),
            "\n".join(
                "yes" if manifest.calibration_path(expert) else "no" for expert in manifest.experts
            ),
            f"base {base.licence}, experts {manifest.licence}",
        )
    console = make_console()
    console.print(table)
    for manifest in found:
        console.print(f"{manifest.name}: {manifest.summary}", soft_wrap=True)


def _described(manifest: Any) -> dict[str, Any]:
    described: dict[str, Any] = manifest.model_dump(mode="json", exclude={"root"})
    return described
