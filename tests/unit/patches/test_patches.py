import json
import os
import shutil
from collections.abc import Callable
from importlib import resources
from pathlib import Path

import pytest

from ngsd_guard import ConfigurationError
from ngsd_guard.audit import write_key_pair
from ngsd_guard.evaluation import SUITES, Figures, Report, Sources
from ngsd_guard.pairs import Calibration
from ngsd_guard.patches import (
    Patch,
    PatchFile,
    PatchSigner,
    PatchVerifier,
    applied_patches,
    apply_patch,
    make_patch,
    revert_patch,
    verify_patch,
)

ASSETS = Path(str(resources.files("ngsd_guard") / "assets"))
CALIBRATION = ASSETS / "smollm2" / "expert" / "calibration.json"
SECRET = b"a shared secret of the tests"
SIGNER, VERIFIER = PatchSigner(hmac_key=SECRET), PatchVerifier(hmac_key=SECRET)


@pytest.fixture
def expert(tmp_path: Path) -> Path:
    folder = tmp_path / "expert"
    (folder / "notes").mkdir(parents=True)
    (folder / "adapter_model.safetensors").write_bytes(b"weights" * 100)
    (folder / "adapter_config.json").write_text("{}")
    (folder / "notes" / "README.md").write_text("An expert.")
    shutil.copy(CALIBRATION, folder / "calibration.json")
    return folder


@pytest.fixture
def evaluation(tmp_path: Path) -> Path:
    calibration = Calibration.load(CALIBRATION)
    report = Report(
        figures=Figures((), (), (), {}, 0, 0.0),
        suite=SUITES["quick"],
        sources=Sources({}, {}, (), 0),
        pair={
            "base_digest": calibration.base.weights_digest,
            "expert_digest": calibration.expert.weights_digest,
            "calibration_digest": calibration.digest,
        },
        looks=(),
    )
    path = tmp_path / "results.json"
    path.write_text(json.dumps(report.as_dict()))
    return path


@pytest.fixture
def make(tmp_path: Path, expert: Path, evaluation: Path) -> Callable[[int], Path]:
    def made(version: int) -> Path:
        (expert / "notes" / "README.md").write_text(f"Version {version}.")
        out = tmp_path / f"patch-{version}"
        make_patch(
            out, expert, name="guard", version=version, signer=SIGNER,
            policy=ASSETS / "policy.yaml", evaluation=evaluation,
        )  # fmt: skip
        return out

    return made


def snapshot(folder: Path) -> dict[str, bytes | str]:
    """Return what is in force: every file below `current`."""
    root = folder / "current"
    return {
        str(path.relative_to(root)): path.read_bytes()
        for path in sorted(root.rglob("*")) if path.is_file()
    }  # fmt: skip


def test_a_patch_names_all_it_holds(make: Callable[[int], Path]) -> None:
    patch, digest = verify_patch(make(1), VERIFIER)
    calibration = Calibration.load(CALIBRATION)
    assert (patch.name, patch.version) == ("guard", 1)
    assert patch.expert_digest == calibration.expert.weights_digest
    assert patch.calibration_digest == calibration.digest
    assert patch.policy_digest is not None
    assert {file.path for file in patch.files} == {
        "expert/adapter_model.safetensors", "expert/adapter_config.json", "expert/notes/README.md",
        "expert/calibration.json", "policy.yaml", "evaluation.json",
    }  # fmt: skip
    assert len(digest) == 64


def test_ed25519_signatures_hold_and_those_of_others_do_not(
    tmp_path: Path, expert: Path, make: Callable[[int], Path]
) -> None:
    for name in ("ours", "theirs"):
        write_key_pair(tmp_path / f"{name}.pem", tmp_path / f"{name}.pub.pem")
    out = tmp_path / "signed"
    make_patch(out, expert, name="a", version=1, signer=PatchSigner(tmp_path / "ours.pem"))
    verify_patch(out, PatchVerifier(tmp_path / "ours.pub.pem"))
    for verifier in (PatchVerifier(tmp_path / "theirs.pub.pem"), VERIFIER):
        with pytest.raises(ConfigurationError, match=r"patch\.sig: no valid signature"):
            verify_patch(out, verifier)
    with pytest.raises(ConfigurationError, match="no valid signature"):
        verify_patch(make(1), PatchVerifier(tmp_path / "ours.pub.pem"))


def _change(patch: Path) -> None:
    path = patch / "expert" / "adapter_model.safetensors"
    path.write_bytes(path.read_bytes()[:-1] + b"!")


def _grow(patch: Path) -> None:
    with (patch / "policy.yaml").open("a") as file:
        file.write("# more\n")


@pytest.mark.parametrize(
    ("tamper", "told"),
    [
        (_change, r"adapter_model\.safetensors: has been changed"),
        (_grow, r"policy\.yaml: does not have \d+ bytes"),
        (lambda p: (p / "evaluation.json").unlink(), r"evaluation\.json: is missing"),
        (lambda p: (p / "expert" / "x.py").write_text(""), r"x\.py: is not part of the patch"),
        (lambda p: (p / "patch.sig").unlink(), r"patch\.sig: the patch is not signed"),
        (lambda p: (p / "patch.sig").write_text("[]"), "no valid signature"),
        (lambda p: (p / "expert" / "l").symlink_to("/etc"), "neither a regular file nor a folder"),
        (lambda p: (p / "patch.json").write_text("{"), "is not JSON"),
        (lambda p: (p / "patch.json").write_text('{"schema_version": 9}'), "schema_version=9"),
        (lambda p: (p / "patch.json").unlink(), "is not a patch"),
    ],
)
def test_the_first_bad_file_is_named_and_nothing_is_applied(
    tmp_path: Path,
    make: Callable[[int], Path],
    tamper: Callable[[Path], object],
    told: str,
) -> None:
    target, patch = tmp_path / "live", make(2)
    apply_patch(make(1), target, VERIFIER)
    before = snapshot(target)
    tamper(patch)
    with pytest.raises(ConfigurationError, match=told):
        verify_patch(patch, VERIFIER)
    with pytest.raises(ConfigurationError, match=told):
        apply_patch(patch, target, VERIFIER)
    assert snapshot(target) == before
    assert len(applied_patches(target)) == 1


def test_a_changed_manifest_is_not_signed(make: Callable[[int], Path]) -> None:
    patch = make(1)
    path = patch / "patch.json"
    path.write_text(path.read_text().replace('"version": 1', '"version": 8'))
    with pytest.raises(ConfigurationError, match="no valid signature"):
        verify_patch(patch, VERIFIER)
    assert verify_patch(patch, None)[0].version == 8


def test_revert_restores_exactly_what_was_in_force(
    tmp_path: Path, make: Callable[[int], Path]
) -> None:
    target, states = tmp_path / "live", []
    for version in (1, 2, 3):
        apply_patch(make(version), target, VERIFIER)
        states.append(snapshot(target))
    assert states[0] != states[1] != states[2]
    for version in (2, 1):
        reverted, current = revert_patch(target)
        assert reverted.patch.version == version + 1
        assert current is not None
        assert current.patch.version == version
        assert snapshot(target) == states[version - 1]
    # After a revert, a new patch goes on from what is in force.
    apply_patch(make(4), target, VERIFIER)
    assert revert_patch(target)[1] is not None
    assert snapshot(target) == states[0]
    assert revert_patch(target)[1] is None
    assert not os.path.lexists(target / "current")
    with pytest.raises(ConfigurationError, match="nothing to revert"):
        revert_patch(target)
    assert [(e.patch.version, e.is_current) for e in applied_patches(target)] == [
        (1, False), (2, False), (3, False), (4, False),
    ]  # fmt: skip


def test_a_damaged_earlier_patch_is_not_put_back(
    tmp_path: Path, make: Callable[[int], Path]
) -> None:
    target = tmp_path / "live"
    first = apply_patch(make(1), target, VERIFIER)
    apply_patch(make(2), target, VERIFIER)
    before = snapshot(target)
    _change(first.folder)
    with pytest.raises(ConfigurationError, match="has been changed"):
        revert_patch(target)
    assert snapshot(target) == before


def test_an_older_version_is_refused_unless_allowed(
    tmp_path: Path, make: Callable[[int], Path]
) -> None:
    target, old = tmp_path / "live", make(1)
    apply_patch(make(2), target, VERIFIER)
    with pytest.raises(ConfigurationError, match="is not newer than version 2"):
        apply_patch(old, target, VERIFIER)
    assert apply_patch(old, target, VERIFIER, allow_older=True).patch.version == 1


def test_a_step_that_fails_leaves_what_was_in_force(
    tmp_path: Path, make: Callable[[int], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    target, second = tmp_path / "live", make(2)
    apply_patch(make(1), target, VERIFIER)
    before = snapshot(target)

    def fail(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    for name in ("shutil.copytree", "os.rename", "os.replace"):
        with monkeypatch.context() as patched:
            patched.setattr(name, fail)
            with pytest.raises(ConfigurationError, match="stays in force"):
                apply_patch(second, target, VERIFIER)
        assert snapshot(target) == before
        assert len(applied_patches(target)) == 1
    assert not [p for p in (target / "applied").iterdir() if p.name.startswith(".new")]
    assert apply_patch(second, target, VERIFIER).is_current


def test_an_evaluation_of_another_pair_is_refused(
    tmp_path: Path, expert: Path, evaluation: Path
) -> None:
    fields = json.loads(evaluation.read_text())
    fields["pair"]["expert_digest"] = "e" * 64
    evaluation.write_text(json.dumps(fields))
    out = tmp_path / "patch"
    with pytest.raises(ConfigurationError, match="expert_digest=eeeeeeeeeeee"):
        make_patch(out, expert, name="a", version=1, signer=None, evaluation=evaluation)
    assert not out.exists()
    assert {path.name for path in tmp_path.iterdir()} == {"expert", "results.json"}


def test_a_patch_needs_a_calibration_a_new_folder_and_one_key(tmp_path: Path, expert: Path) -> None:
    with pytest.raises(ConfigurationError, match="already exists"):
        make_patch(expert, expert, name="a", version=1, signer=None)
    (expert / "calibration.json").unlink()
    with pytest.raises(ConfigurationError, match="cannot read the calibration"):
        make_patch(tmp_path / "out", expert, name="a", version=1, signer=None)
    make_patch(tmp_path / "out", expert, name="a", version=1, signer=None, calibration=CALIBRATION)
    with pytest.raises(ConfigurationError, match="one key"):
        PatchSigner()
    with pytest.raises(ConfigurationError, match="has 5 bytes"):
        PatchVerifier(hmac_key=b"short")


@pytest.mark.parametrize(
    "path", ["../x", "/x", "a/../b", "a//b", "./a", "a\\b", "", "patch.json", "patch.sig"]
)
def test_paths_that_leave_the_patch_are_refused(path: str) -> None:
    with pytest.raises(ConfigurationError):
        PatchFile(path=path, num_bytes=0, sha256="0" * 64)


@pytest.mark.parametrize("name", ["", "a b", "../a", "a\n", "-a"])
def test_names_are_plain(name: str) -> None:
    file = PatchFile(path="expert/a", num_bytes=0, sha256="0" * 64)
    with pytest.raises(ConfigurationError):
        Patch(
            name=name, version=1, base_digest="", expert_digest="", calibration="",
            calibration_digest="", files=(file,),
        )  # fmt: skip
