"""Patches: an expert, its calibration, policy and evaluation as one signed, revertible folder."""

from ngsd_guard.patches._apply import Applied, applied_patches, apply_patch, revert_patch
from ngsd_guard.patches._make import make_patch
from ngsd_guard.patches._manifest import Patch, PatchFile
from ngsd_guard.patches._signature import PatchSigner, PatchVerifier
from ngsd_guard.patches._verify import verify_patch

__all__ = [
    "Applied",
    "Patch",
    "PatchFile",
    "PatchSigner",
    "PatchVerifier",
    "applied_patches",
    "apply_patch",
    "make_patch",
    "revert_patch",
    "verify_patch",
]
