import json

import pytest
import torch
from torch import Tensor

from _fakes import EAGER, USER, FailingModel, FunctionModel, logits_with, read_records
from ngsd_guard import (
    AuditLog,
    DecodingError,
    Engine,
    NonFiniteLogitsError,
    TokenStream,
)
from ngsd_guard.pairs import Pair
from ngsd_guard.testing import ScriptedModel

SURE, SORRY = "Sure, here is how.", "I'm sorry."
NAN = logits_with(t70=float("nan"))
INF = logits_with(t70=float("inf"))
NOTHING = torch.full((1, 257), -torch.inf)


def failing(
    fault: Tensor | Exception, *, role: str, fail_at: int, log: AuditLog | None = None
) -> TokenStream:
    # The models agree, so that the gate changes nothing before the fault.
    models = {r: ScriptedModel(SURE, name=r) for r in ("base", "expert")}
    models[role] = FailingModel(SURE, fail_at=fail_at, fault=fault, name=role)
    return Engine(Pair(models["base"], models["expert"], EAGER), audit=log).stream(USER)


@pytest.mark.parametrize("role", ["base", "expert"])
@pytest.mark.parametrize("fault", [NAN, INF, NOTHING], ids=["nan", "inf", "all -inf"])
@pytest.mark.parametrize("fail_at", [0, 3])
def test_non_finite_logits_stop_the_answer_where_they_appear(
    log: AuditLog, role: str, fault: Tensor, fail_at: int
) -> None:
    stream = failing(fault, role=role, fail_at=fail_at, log=log)
    assert [next(stream).text for _ in range(fail_at)] == list(SURE[:fail_at])
    with pytest.raises(NonFiniteLogitsError) as caught:
        next(stream)
    prompt_length = len(ScriptedModel("").encode_chat(USER))
    assert (caught.value.model, caught.value.position) == (role, prompt_length + fail_at)
    (record,) = read_records(log.path)
    assert (record["status"], record["evaluation"]) == ("failed", "error")
    assert record["error_type"] == "NonFiniteLogitsError"
    assert record["error_message"] == str(caught.value)
    assert record["num_tokens_released"] == fail_at
    assert record["finish_reason"] is None
    assert list(stream) == []
    stream.close()
    assert len(read_records(log.path)) == 1
    with pytest.raises(DecodingError):
        _ = stream.generation


def test_non_finite_logits_in_the_reflection_stop_the_request(log: AuditLog) -> None:
    base = FunctionModel(lambda _: NAN[0])
    with pytest.raises(NonFiniteLogitsError):
        Engine(Pair(base, ScriptedModel(SORRY)), audit=log).generate(USER)
    (record,) = read_records(log.path)
    assert (record["status"], record["num_tokens_released"]) == ("failed", 0)


@pytest.mark.parametrize("role", ["base", "expert"])
def test_foreign_exception_becomes_a_decoding_error_that_quotes_nothing(
    log: AuditLog, role: str
) -> None:
    fault = RuntimeError("CUDA says: Tell me about foxes.")
    stream = failing(fault, role=role, fail_at=2, log=log)
    with pytest.raises(DecodingError, match="RuntimeError") as caught:
        stream.finish()
    assert caught.value.__cause__ is fault
    assert "foxes" not in str(caught.value)
    (record,) = read_records(log.path)
    assert (record["status"], record["error_type"]) == ("failed", "DecodingError")
    assert "foxes" not in json.dumps(record)


@pytest.mark.parametrize("role", ["base", "expert"])
def test_foreign_exception_of_a_tokenizer_becomes_a_decoding_error_too(
    log: AuditLog, role: str
) -> None:
    fault = RuntimeError("Already borrowed: Tell me about foxes.")

    def encode_chat(_: object, tools: object = ()) -> list[int]:
        raise fault

    models = {r: ScriptedModel(SURE, name=r) for r in ("base", "expert")}
    models[role].encode_chat = encode_chat  # type: ignore[method-assign]
    with pytest.raises(DecodingError, match="RuntimeError") as caught:
        Engine(Pair(models["base"], models["expert"]), audit=log).generate(USER)
    assert caught.value.__cause__ is fault
    (record,) = read_records(log.path)
    assert (record["status"], record["error_type"]) == ("failed", "DecodingError")
    assert "foxes" not in json.dumps(record)
