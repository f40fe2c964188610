"""`ngsd-guard export`: an expert in the file format of another runtime."""

from pathlib import Path
from typing import Annotated

import typer

from ngsd_guard.cli._common import make_console
from ngsd_guard.errors import ConfigurationError


def export(
    expert: Annotated[Path, typer.Option(help="Folder of a LoRA, as PEFT saves it.")],
    base: Annotated[Path, typer.Option(help="Its base: a GGUF file or a model folder.")],
    out: Annotated[Path, typer.Option(help="File to write.")],
    form: Annotated[str, typer.Option("--format", help="gguf, which llama.cpp reads.")] = "gguf",
) -> None:
    """Write a LoRA expert as a GGUF file."""
    if form != "gguf":
        raise ConfigurationError(f"--format {form!r} is unknown; take gguf")
    if not out.parent.is_dir():
        raise ConfigurationError(f"--out: folder {out.parent} does not exist; create it first")
    # Here, not above: `--help` should not wait for torch.
    from ngsd_guard.models import export_lora_as_gguf

    number = export_lora_as_gguf(expert, base, out)
    console = make_console()
    console.print(f"LoRA on {number} modules", soft_wrap=True)
    console.print(str(out), style="bold", soft_wrap=True)
