"""The head of a GGUF file: enough to say what it holds and whether all of it is there."""

import struct
from dataclasses import dataclass
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
_MOST_DIMENSIONS: Final = 8


@dataclass(frozen=True, slots=True)
class GGUFHeader:
    """What a GGUF file says of itself."""

    architecture: str
    """llama.cpp's name of it, such as `llama`."""
    num_splits: int
    """Files that the model is spread over."""


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
        raise ModelLoadError(
            label, "the GGUF file is damaged or cut short; download it again"
        ) from error


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
        last_tensor = max((self._tensor_offset() for _ in range(num_tensors)), default=-1)
        if self._file.tell() + last_tensor >= self._size:
            raise EOFError
        return GGUFHeader(
            architecture=str(fields["general.architecture"]),
            num_splits=int(fields.get("split.count") or 1),
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

    def _tensor_offset(self) -> int:
        """Read the description of a tensor; return where it starts in the data."""
        self._string()
        num_dimensions = self._number("<I")
        if num_dimensions > _MOST_DIMENSIONS:
            raise EOFError
        self._read(8 * num_dimensions + 4)  # the dimensions, and how values are stored
        return self._number("<Q")
