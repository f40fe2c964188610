"""The head of a GGUF file: enough to say what it holds and whether all of it is there."""

import math
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, BinaryIO, Final

from ngsd_guard.errors import ModelLoadError

_MAGIC: Final = b"GGUF"
_VERSIONS: Final = (2, 3)
_SCALARS: Final = {
    0: "<B", 1: "<b", 2: "<H", 3: "<h", 4: "<I", 5: "<i", 6: "<f", 7: "<?", 10: "<Q", 11: "<q",
    12: "<d",
}  # fmt: skip
"""How the file writes a value, by the number of its type."""
_STRING: Final = 8
_ARRAY: Final = 9
_ALIGNMENT: Final = 32  # where the file names none
_MOST_DIMENSIONS: Final = 8


@dataclass(frozen=True, slots=True)
class TensorPlace:
    """Where a tensor starts, and how much of what it holds."""

    start: int
    """Bytes from the start of the file."""
    num_values: int
    kind: int
    """llama.cpp's number of how values are stored."""
    shape: tuple[int, ...] = ()
    """Its dimensions, the fastest first."""


@dataclass(frozen=True, slots=True)
class GGUFHeader:
    """What a GGUF file says of itself."""

    architecture: str
    """llama.cpp's name of it, such as `llama`."""
    num_splits: int
    """Files that the model is spread over."""
    last_tensor: TensorPlace | None
    """The one that lies last in the file."""
    fields: Mapping[str, Any] = field(default_factory=dict)
    """The values it holds, by key; None in the place of arrays."""
    tensors: Mapping[str, TensorPlace] = field(default_factory=dict)
    """Its tensors by name; each start is in relation to the first."""


def read_gguf_header(path: Path, label: str) -> GGUFHeader:
    """Read the head of a GGUF file.

    Args:
        path: the file.
        label: what errors call it.

    Raises:
        ModelLoadError: it is not a GGUF file, of an unknown version, or cut short.
    """
    try:
        with path.open("rb") as file:
            return _Parser(file, path.stat().st_size, label).header()
    except OSError as error:
        raise ModelLoadError(
            label, f"the file cannot be read ({error.strerror}); check its path and permissions"
        ) from error
    except (EOFError, struct.error, UnicodeDecodeError, OverflowError) as error:
        raise cut_short(label) from error


def cut_short(label: str) -> ModelLoadError:
    """Return the error of a file of which the end is missing."""
    return ModelLoadError(label, "the GGUF file is damaged or cut short; download it again")


class _Parser:
    def __init__(self, file: BinaryIO, size: int, label: str) -> None:
        self._file = file
        self._size = size
        self._label = label

    def header(self) -> GGUFHeader:
        if self._file.read(4) != _MAGIC:
            raise ModelLoadError(
                self._label, "it is not a GGUF file; pass a .gguf file or a folder of safetensors"
            )
        version = self._number("<I")
        if version not in _VERSIONS:
            raise ModelLoadError(
                self._label, f"it is GGUF version {version}; convert it to version 3"
            )
        num_tensors, num_fields = self._number("<Q"), self._number("<Q")
        fields: dict[str, Any] = {}
        for _ in range(num_fields):
            key = self._string()
            fields[key] = self._value(self._number("<I"))
        if "general.architecture" not in fields:
            raise ModelLoadError(
                self._label, "it names no general.architecture; convert the model again"
            )
        tensors = dict(self._tensor() for _ in range(num_tensors))
        last = max(tensors.values(), key=lambda tensor: tensor.start, default=None)
        if last is not None:
            alignment = int(fields.get("general.alignment") or _ALIGNMENT)
            data_start = -(-self._file.tell() // alignment) * alignment
            last = replace(last, start=data_start + last.start)
            if last.start >= self._size:
                raise EOFError
        return GGUFHeader(
            architecture=str(fields["general.architecture"]),
            num_splits=int(fields.get("split.count") or 1),
            last_tensor=last,
            fields=fields,
            tensors=tensors,
        )

    def _read(self, length: int) -> bytes:
        if length > self._size:
            raise EOFError
        found = self._file.read(length)
        if len(found) < length:
            raise EOFError
        return found

    def _number(self, form: str) -> int:
        (value,) = struct.unpack(form, self._read(struct.calcsize(form)))
        return int(value)

    def _string(self) -> str:
        return self._read(self._number("<Q")).decode("utf-8")

    def _value(self, kind: int) -> Any:
        """Read one value; arrays are passed over."""
        if kind in _SCALARS:
            form = _SCALARS[kind]
            return struct.unpack(form, self._read(struct.calcsize(form)))[0]
        if kind == _STRING:
            return self._string()
        if kind != _ARRAY:
            raise EOFError
        element, count = self._number("<I"), self._number("<Q")
        if element in _SCALARS:
            self._file.seek(count * struct.calcsize(_SCALARS[element]), 1)
        else:
            for _ in range(count):
                self._value(element)
        return None

    def _tensor(self) -> tuple[str, TensorPlace]:
        """Read the name and description of a tensor; it starts in relation to the first."""
        name = self._string()
        num_dimensions = self._number("<I")
        if num_dimensions > _MOST_DIMENSIONS:
            raise EOFError
        shape = tuple(self._number("<Q") for _ in range(num_dimensions))
        kind = self._number("<I")
        return name, TensorPlace(self._number("<Q"), math.prod(shape), kind, shape)
