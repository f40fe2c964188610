"""Objects that live in one process: copies and pickles refer to them and do not hold them."""

from typing import Any, ClassVar, Final, Self
from uuid import uuid4
from weakref import WeakValueDictionary

from ngsd_guard.errors import ConfigurationError

_living: Final[WeakValueDictionary[str, "ProcessLocal"]] = WeakValueDictionary()


class ProcessLocal:
    """Base of objects that hold locks, files or weights.

    A copy is the object itself. A pickle holds a reference, which is found again in the same
    process while the object lives there.
    """

    pickle_remedy: ClassVar[str] = "make a new one there"
    """What to do instead, for the error in another process."""

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: Any) -> Self:
        return self

    def __reduce__(self) -> Any:
        reference: str = self.__dict__.setdefault("_reference", uuid4().hex)
        _living[reference] = self
        return _find, (type(self).__name__, reference, self.pickle_remedy)


def _find(name: str, reference: str, remedy: str) -> ProcessLocal:
    try:
        return _living[reference]
    except KeyError as error:
        raise ConfigurationError(
            f"the pickle refers to an object of type {name} that lives in another process, or no "
            f"longer; {remedy}"
        ) from error
