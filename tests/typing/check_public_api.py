"""Checked by mypy, never run: the public names as a user's program writes them."""

from langchain_core.messages import AIMessage

from langchain_ngsd import ChatNGSD
from ngsd_guard import DecodeStep, Engine, GateConfig, Generation, NGSDConfig, load_engine


def use_engine() -> None:
    config = NGSDConfig(gate=GateConfig(v_threshold=2.0, bias_current=0.5))
    engine: Engine = load_engine(config=config)
    generation: Generation = engine.generate([{"role": "user", "content": "Hello"}], seed=1)
    text: str = generation.text
    with engine.stream([{"role": "user", "content": text}]) as stream:
        steps: list[DecodeStep] = list(stream)
    potentials: list[float] = [step.membrane_potential for step in steps]
    assert potentials


def use_chat_model() -> None:
    message: AIMessage = ChatNGSD(temperature=0.5, stop=["\n"]).invoke("Hello")
    assert message.content


def misuse() -> None:
    GateConfig(v_treshold=1.0)  # type: ignore[call-arg]
    NGSDConfig.preset("papr")  # type: ignore[arg-type]
