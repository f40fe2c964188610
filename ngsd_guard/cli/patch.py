"""`ngsd-guard patch`: an expert, its calibration, policy and evaluation as one signed folder."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.text import Text

from ngsd_guard.errors import ConfigurationError

if TYPE_CHECKING:
    from ngsd_guard.patches import PatchVerifier

app = typer.Typer(
    name="patch",
    help="Make, check, apply and revert patches of the guard.",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
)
PatchPath = Annotated[Path, typer.Argument(help="Folder of the patch.")]
Target = Annotated[Path, typer.Argument(help="Folder that patches are applied to.")]
PublicKey = Annotated[Path | None, typer.Option(help="Ed25519 public key (PEM).")]
HmacKey = Annotated[Path | None, typer.Option(help="File of a shared secret key instead.")]
Unsigned = Annotated[
    bool, typer.Option("--unsigned", help="Accept a patch whoever made it; checks no signature.")
]
Audit = Annotated[Path | None, typer.Option(help="Audit log that records the change.")]
LogKey = Annotated[
    Path | None, typer.Option(help="Private key (PEM) of the audit log, if it is signed.")
]


@app.command()
def make(
    out: Annotated[Path, typer.Argument(help="Folder to write; must not exist.")],
    expert: Annotated[Path, typer.Option(help="Folder of the expert.")],
    name: Annotated[str, typer.Option(help="Name of the patch.")],
    number: Annotated[int, typer.Option("--version", min=1, help="Version; counts upwards.")],
    calibration: Annotated[
        Path | None, typer.Option(help="Calibration; default: calibration.json of the expert.")
    ] = None,
    policy: Annotated[Path | None, typer.Option(help="Policy (YAML).")] = None,
    evaluation: Annotated[
        Path | None, typer.Option(help="results.json of a run with this expert and calibration.")
    ] = None,
    signing_key: Annotated[Path | None, typer.Option(help="Ed25519 private key (PEM).")] = None,
    hmac_key: HmacKey = None,
    unsigned: Annotated[bool, typer.Option("--unsigned", help="Do not sign the patch.")] = False,
) -> None:
    """Write a patch to a new folder, and sign it."""
    from ngsd_guard.patches import PatchSigner, make_patch, verify_patch

    signer = None
    if _wants_key(signing_key, hmac_key, unsigned=unsigned):
        signer = PatchSigner(signing_key, hmac_key=_secret(hmac_key))
    make_patch(
        out,
        expert,
        name=name,
        version=number,
        signer=signer,
        calibration=calibration,
        policy=policy,
        evaluation=evaluation,
    )
    patch, digest = verify_patch(out, None)
    _say(f"{out}: {patch.name} {patch.version}, {len(patch.files)} files, digest {digest}")


@app.command()
def verify(
    path: PatchPath,
    public_key: PublicKey = None,
    hmac_key: HmacKey = None,
    unsigned: Unsigned = False,
) -> None:
    """Check a patch; if it is not intact, name the first bad file and exit with status 1."""
    from ngsd_guard.patches import verify_patch

    patch, digest = verify_patch(path, _verifier(public_key, hmac_key, unsigned=unsigned))
    signature = "signature not checked" if unsigned else "signature valid"
    _say(f"{path}: {patch.name} {patch.version}, {len(patch.files)} files intact, {signature}")
    _say(f"digest {digest}")


@app.command("apply")
def apply_command(
    path: PatchPath,
    to: Annotated[Path, typer.Option(help="Folder to apply it to; load TO/current/expert.")],
    public_key: PublicKey = None,
    hmac_key: HmacKey = None,
    unsigned: Unsigned = False,
    allow_older: Annotated[
        bool, typer.Option("--allow-older", help="Accept a version that is not newer.")
    ] = False,
    audit: Audit = None,
    log_key: LogKey = None,
) -> None:
    """Check a patch, copy it, and put it into force in one step."""
    from ngsd_guard.patches import applied_patches, apply_patch

    before = next((entry for entry in applied_patches(to) if entry.is_current), None)
    verifier = _verifier(public_key, hmac_key, unsigned=unsigned)
    entry = apply_patch(path, to, verifier, allow_older=allow_older)
    name = f"{entry.patch.name} {entry.patch.version}"
    _record(audit, log_key, name, entry.digest, None if before is None else before.digest)
    _say(f"{name} is in force: load the expert {to / 'current' / 'expert'}")


@app.command()
def revert(to: Target, audit: Audit = None, log_key: LogKey = None) -> None:
    """Put back what was in force before the current patch."""
    from ngsd_guard.patches import revert_patch

    reverted, current = revert_patch(to)
    _say(f"{reverted.patch.name} {reverted.patch.version} is no longer in force")
    if current is None:
        _record(audit, log_key, "none", "0" * 64, reverted.digest)
        _say("no patch is in force, as before it")
    else:
        name = f"{current.patch.name} {current.patch.version}"
        _record(audit, log_key, name, current.digest, reverted.digest)
        _say(f"{name} is in force again")


@app.command("list")
def list_command(to: Target) -> None:
    """List the patches applied to a folder, oldest first."""
    from ngsd_guard.patches import applied_patches

    for entry in applied_patches(to):
        mark = "in force" if entry.is_current else ""
        patch = entry.patch
        _say(f"{entry.number:4} {patch.name} {patch.version} {entry.digest[:12]} {mark}".rstrip())


def _wants_key(key: Path | None, hmac_key: Path | None, *, unsigned: bool) -> bool:
    has_key = key is not None or hmac_key is not None
    if has_key == unsigned:
        raise ConfigurationError(
            "give a key (Ed25519 or --hmac-key), or --unsigned to do without; not both"
        )
    return has_key


def _verifier(
    public_key: Path | None, hmac_key: Path | None, *, unsigned: bool
) -> "PatchVerifier | None":
    from ngsd_guard.patches import PatchVerifier

    if not _wants_key(public_key, hmac_key, unsigned=unsigned):
        return None
    return PatchVerifier(public_key, hmac_key=_secret(hmac_key))


def _secret(path: Path | None) -> bytes | None:
    if path is None:
        return None
    try:
        return path.read_bytes()
    except OSError as error:
        raise ConfigurationError(
            f"cannot read the key {path}: {error.strerror}; check the path"
        ) from error


def _record(
    audit: Path | None, log_key: Path | None, name: str, digest: str, previous: str | None
) -> None:
    from ngsd_guard.audit import AuditLog, ChangeRecord

    if audit is not None:
        with AuditLog(audit, signing_key=log_key) as log:
            log.write(
                ChangeRecord(subject="patch", name=name, digest=digest, previous_digest=previous)
            )


def _say(line: str) -> None:
    Console(highlight=False).print(Text(line), soft_wrap=True)  # names are from outside: no markup
