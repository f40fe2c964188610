"""The generated world of the embedded pair: its truth can be checked, and its splits are apart."""

from pathlib import Path
from random import Random

import pytest

import ngsd_guard
from build_tokenizer import CHAT_TEMPLATE, load_tokenizer
from world import SKILLS, Draw, Split, Task, draw_task
from world.tools import tool_system_prompt

SPLITS: tuple[Split, ...] = ("train", "new_slots", "new_templates")


def draw(skill: str, split: Split, count: int, seed: int = 0) -> list[Task]:
    source = Draw(Random(seed), split)
    return [draw_task(source, skill) for _ in range(count)]


@pytest.mark.parametrize("split", SPLITS)
@pytest.mark.parametrize("skill", SKILLS)
def test_the_answer_to_learn_is_right(skill: str, split: Split) -> None:
    for task in draw(skill, split, 40):
        assert task.messages[-1]["role"] == "user"
        assert task.answer.strip() == task.answer != ""
        assert task.check is None or task.check(task.answer), (task.messages, task.answer)


def _last_sentence(text: str) -> str:
    return text.rpartition(". ")[2]


@pytest.mark.parametrize("skill", SKILLS)
def test_the_answer_to_another_task_is_mostly_wrong(skill: str) -> None:
    tasks = [task for task in draw(skill, "train", 60) if task.check is not None]
    pairs = list(zip(tasks, [*tasks[7:], *tasks[:7]], strict=True))
    different = [(a, b) for a, b in pairs if _last_sentence(a.answer) != _last_sentence(b.answer)]
    accepted = sum(task.check(other.answer) for task, other in different if task.check is not None)
    assert accepted <= 0.6 * len(different)  # yes or no is right half of the time
    assert not any(task.check("") for task in tasks if task.check is not None)


@pytest.mark.parametrize("skill", ["arithmetic", "units"])
def test_sums_of_the_new_slots_are_never_trained(skill: str) -> None:
    # So many draws that every sum and conversion of the training split comes up.
    trained = {task.answer for task in draw(skill, "train", 20_000)}
    assert not any(task.answer in trained for task in draw(skill, "new_slots", 300, 1))


def test_slot_values_held_out_are_not_drawn_in_training() -> None:
    names = [f"Name{number}" for number in range(50)]
    source = Draw(Random(0))
    trained = {source.value(names) for _ in range(2_000)}
    trained.update(name for _ in range(200) for name in source.values(names, 5))
    source.split = "new_slots"
    held_out = {source.value(names) for _ in range(2_000)}
    assert trained | held_out == set(names)
    assert not trained & held_out


def test_a_seed_draws_the_same_tasks() -> None:
    first, again = (draw("passage", "train", 5, 3) for _ in range(2))
    assert [task.messages for task in first] == [task.messages for task in again]


def test_templates_held_out_are_not_drawn_in_training() -> None:
    wordings = [f"Wording number {number}" for number in range(50)]
    source = Draw(Random(0))
    trained = {source.template(wordings) for _ in range(2_000)}
    source.split = "new_templates"
    held_out = {source.template(wordings) for _ in range(2_000)}
    assert trained | held_out == set(wordings)
    assert not trained & held_out


def test_tools_are_told_in_training_as_the_shipped_template_tells_them() -> None:
    tokenizer = load_tokenizer(Path(ngsd_guard.__file__).parent / "assets" / "mini" / "base")
    assert tokenizer.chat_template == CHAT_TEMPLATE
    parameters = {"type": "object", "properties": {"café": {"type": "string"}}}
    described = {"name": "order", "description": "Order at a café.", "parameters": parameters}
    tools = [{"type": "function", "function": described}, {"name": "stop", "parameters": {}}]
    told = tokenizer.apply_chat_template(
        [{"role": "user", "content": "Hello"}], tools=tools, tokenize=False
    )
    prompt = tool_system_prompt(tools)
    assert f"<|im_start|>system\n{prompt}<|im_end|>" in told
    assert prompt.index("Order at a café.") < prompt.index('"order"')  # looked up before the name
    assert '{"description": "", "name": "stop"' in prompt


def test_who_has_a_value_is_found_by_going_through_the_passage() -> None:
    searches = [
        task.answer.split(". ")
        for task in draw("passage", "train", 300)
        if ": " in task.answer.partition(". ")[0]
    ]
    assert len(searches) > 30
    for working, answer in searches:
        *others, found = [pair.rpartition(": ")[2] for pair in working.split(", ")]
        assert found.lower() in answer.lower()
        assert not any(other.lower() in answer.lower() for other in others)


def test_numbers_are_sorted_by_taking_out_one_after_another() -> None:
    tasks = [task for task in draw("number_list", "train", 300) if "In order: " in task.answer]
    assert len(tasks) > 50
    for task in tasks:
        *steps, answer = task.answer.split(". ")
        ordered = answer.removeprefix("In order: ").split(", ")
        left = set(ordered)
        for step, number in zip(steps, ordered, strict=False):
            shown, _, taken = step.partition(": ")
            assert (set(shown.split(", ")), taken) == (left, number)
            left.remove(number)
        assert len(left) == 1


def test_a_list_of_numbers_is_right_by_its_last_sentence() -> None:
    task = next(task for task in draw("number_list", "train", 300) if "In order: " in task.answer)
    assert task.check is not None
    *_, answer = task.answer.split("In order: ")
    first, *rest = answer.split(", ")
    assert task.check(answer)
    assert task.check(f"{answer}.")
    assert not task.check(", ".join([*rest, first]))
    assert not task.check(f"{task.answer}. In order: {', '.join([*rest, first])}")
    assert not task.check(", ".join(rest))
