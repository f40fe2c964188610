"""Makes a patch."""

import os
import shutil
import tempfile
from pathlib import Path

from ngsd_guard.errors import ConfigurationError
from ngsd_guard.evaluation import read_report
from ngsd_guard.guard import Policy
from ngsd_guard.pairs import Calibration
from ngsd_guard.patches._manifest import (
    CALIBRATION,
    EVALUATION,
    EXPERT,
    MANIFEST,
    POLICY,
    SIGNATURE,
    Patch,
    PatchFile,
    file_sha256,
)
from ngsd_guard.patches._signature import PatchSigner
from ngsd_guard.patches._verify import walk


def make_patch(
    out: str | Path,
    expert: str | Path,
    *,
    name: str,
    version: int,
    signer: PatchSigner | None,
    calibration: str | Path | None = None,
    policy: str | Path | None = None,
    evaluation: str | Path | None = None,
) -> Patch:
    """Write a patch to a new folder.

    Args:
        out: the folder, which appears only once the patch is complete.
        expert: folder of the expert, copied as it is.
        name: of the patch.
        version: higher than that of an earlier patch of this name.
        signer: holds the key; None leaves the patch unsigned.
        calibration: replaces `calibration.json` in the expert's folder; None takes that.
        policy: a policy in YAML; None leaves it out.
        evaluation: `results.json` of a run with this expert and calibration; None leaves it out.

    Raises:
        ConfigurationError: a part is missing or wrong, the evaluation is of another expert or
            calibration, or the folder exists or cannot be written.
    """
    out, expert = Path(out).expanduser(), Path(expert).expanduser()
    if out.exists():
        raise ConfigurationError(f"{out} already exists; choose another path for the patch")
    if not expert.is_dir():
        raise ConfigurationError(f"{expert} is not a folder of an expert; check the path")
    for _ in walk(expert):  # refuses links, before anything is copied
        pass
    try:
        parent = Path(tempfile.mkdtemp(prefix=f".{out.name}.", dir=out.parent))
        try:
            folder = parent / "patch"
            shutil.copytree(expert, folder / EXPERT)
            for source, target in (
                (calibration, CALIBRATION), (policy, POLICY), (evaluation, EVALUATION),
            ):  # fmt: skip
                if source is not None:
                    shutil.copyfile(Path(source).expanduser(), folder / target)
            patch = _describe(folder, name, version)
            (folder / MANIFEST).write_bytes(patch.as_bytes())
            if signer is not None:
                (folder / SIGNATURE).write_bytes(signer.sign(patch.as_bytes()))
            os.rename(folder, out)
        finally:
            shutil.rmtree(parent, ignore_errors=True)
    except OSError as error:
        raise ConfigurationError(
            f"cannot make the patch {out}: {error.filename}: {error.strerror or error}; check the "
            "paths"
        ) from error
    return patch


def _describe(folder: Path, name: str, version: int) -> Patch:
    calibration = Calibration.load(folder / CALIBRATION)
    has_policy, has_evaluation = (folder / POLICY).exists(), (folder / EVALUATION).exists()
    if has_evaluation:
        _require_own_evaluation(folder / EVALUATION, calibration)
    return Patch(
        name=name,
        version=version,
        base_digest=calibration.base.weights_digest,
        expert_digest=calibration.expert.weights_digest,
        calibration=calibration.name,
        calibration_digest=calibration.digest,
        policy_digest=Policy.load(folder / POLICY).digest if has_policy else None,
        evaluation_sha256=file_sha256(folder / EVALUATION) if has_evaluation else None,
        files=tuple(
            PatchFile(
                path=path,
                num_bytes=(folder / path).stat().st_size,
                sha256=file_sha256(folder / path),
            )
            for path in sorted(walk(folder))
        ),
    )


def _require_own_evaluation(path: Path, calibration: Calibration) -> None:
    pair = read_report(path).pair
    for field, digest in (
        ("base_digest", calibration.base.weights_digest),
        ("expert_digest", calibration.expert.weights_digest),
        ("calibration_digest", calibration.digest),
    ):
        if pair.get(field) != digest:
            raise ConfigurationError(
                f"the evaluation has {field}={str(pair.get(field))[:12]}, and the patch "
                f"{digest[:12]}; evaluate the pair that the patch holds"
            )
