"""Parsers of structured answers, which take no answer that is not complete."""

import json
from typing import Any

from langchain_core.exceptions import OutputParserException
from langchain_core.output_parsers import JsonOutputParser
from langchain_core.output_parsers.openai_tools import JsonOutputKeyToolsParser
from langchain_core.outputs import Generation
from pydantic import BaseModel, SkipValidation, ValidationError, v1


class StrictJsonParser(JsonOutputParser):
    """Reads an answer that is JSON from its first to its last character.

    While it is streamed, it is read as far as it goes.
    """

    model: SkipValidation[type[BaseModel] | None] = None
    """What the answer becomes; None for plain values."""

    def parse_result(self, result: list[Generation], *, partial: bool = False) -> Any:
        """Return the value of an answer; None while there is none yet.

        Raises:
            OutputParserException: it is not JSON, or the model refuses it.
        """
        text = result[0].text
        if partial:
            found = super().parse_result(result, partial=True)
            return _partial(self.model, found)
        try:
            found = json.loads(text)
        except ValueError as error:
            raise OutputParserException(
                f"the answer is not complete JSON; raise max_tokens ({type(error).__name__})",
                llm_output=text,
            ) from error
        return found if self.model is None else _validated(self.model, text)


class StrictToolParser(JsonOutputKeyToolsParser):
    """Reads the arguments of the one call that an answer consists of."""

    model: SkipValidation[type[BaseModel] | None] = None
    """What the arguments become; None for plain values."""

    def parse_result(self, result: list[Generation], *, partial: bool = False) -> Any:
        """Return the arguments; None while there are none yet.

        Raises:
            OutputParserException: there is no complete call, or the model refuses it.
        """
        found = super().parse_result(result, partial=partial)
        if partial:
            return _partial(self.model, found)
        if found is None:
            raise OutputParserException(
                f"the answer has no complete call of {self.key_name!r}; raise max_tokens",
                llm_output=result[0].text,
            )
        if self.model is None:
            return found
        return _validated(self.model, json.dumps(found, ensure_ascii=False))


def _validated(model: type[BaseModel], text: str) -> Any:
    try:
        return _read(model, text)
    except (ValidationError, v1.ValidationError) as error:
        kinds = ", ".join(sorted({one["type"] for one in error.errors()}))
        raise OutputParserException(
            f"the answer fits its schema, but {model.__name__} asks for more ({kinds})",
            llm_output=text,
        ) from error


def _partial(model: type[BaseModel] | None, found: Any) -> Any:
    if model is None or found is None:
        return found
    try:
        return _read(model, json.dumps(found))
    except (ValidationError, v1.ValidationError):
        return None


def _read(model: Any, text: str) -> Any:
    is_current = issubclass(model, BaseModel)
    return model.model_validate_json(text) if is_current else model.parse_raw(text)
