"""Skills with numbers: sums, little stories, units, comparisons and lists, all with working."""

import re
from collections.abc import Callable, Sequence
from typing import Final

from lexicon import NAMES
from world._draw import Draw, Task, concludes, user
from world._text import capital
from world.words.comparisons import (
    ASK_MEASURE,
    COUNT,
    GOODS,
    IS_LARGER,
    IS_SMALLER,
    LARGER,
    LARGEST,
    MEASURES,
    NEXT,
    SMALLER,
    SMALLEST,
    SORT_DOWN,
    SORT_UP,
    WORD_LISTS,
)
from world.words.stories import HOLDERS, STORIES, STORY_KINDS, THINGS
from world.words.sums import CONVERSIONS, CONVERT, ONES, OPERATIONS, PREFIXES, SUFFIXES


def _is_number(expected: int) -> Callable[[str], bool]:
    """Return a check that the last number of a text is the expected one."""

    def check(text: str) -> bool:
        found = re.findall(r"\d+(?:\.\d+)?", re.sub(r"(?<=\d),(?=\d{3})", "", text))
        return bool(found) and float(found[-1]) == expected

    return check


def _ends_on_numbers(expected: Sequence[int]) -> Callable[[str], bool]:
    """Return a check for numbers in order, after the working that may stand before them."""

    def check(text: str) -> bool:
        *_, last = re.split(r"[.:]\s", text.strip())
        return [int(number) for number in re.findall(r"\d+", last)] == list(expected)

    return check


def _is_picked(expected: int) -> Callable[[str], bool]:
    """Return a check for a number picked, said last, or first in "9 is larger than 4"."""

    def check(text: str) -> bool:
        found = re.findall(r"\d+", text)
        return bool(found) and int(found[0 if " than " in text else -1]) == expected

    return check


def _ends_on(expected: str, candidates: Sequence[str]) -> Callable[[str], bool]:
    """Return a check that the last candidate a text mentions is the expected one."""
    pattern = re.compile(r"\b(" + "|".join(map(re.escape, candidates)) + r")\b", re.IGNORECASE)

    def check(text: str) -> bool:
        found = pattern.findall(text)
        return bool(found) and found[-1].lower() == expected.lower()

    return check


def _join(words: Sequence[object], last: str) -> str:
    texts = [str(word) for word in words]
    return f"{', '.join(texts[:-1])} {last} {texts[-1]}"


def _fill(template: str, words: Sequence[object], **more: object) -> str:
    return template.format(
        list=", ".join(map(str, words)), and_=_join(words, "and"), or_=_join(words, "or"), **more
    )


def _task(draw: Draw, prompt: str, answer: str, check: Callable[[str], bool]) -> Task:
    if draw.rng.random() < 0.15:
        suffixes = SUFFIXES if prompt[-1] in ".?!" and not prompt.endswith("..") else ()
        frames = PREFIXES if not suffixes or draw.rng.random() < 0.5 else suffixes
        prompt = draw.template(frames).format(prompt)
    return Task((user(prompt),), answer, check)


def _result(a: int, sign: str, b: int) -> int:
    return {"+": a + b, "-": a - b, "x": a * b, "/": a // b if b else 0}[sign]


def _steps(a: int, sign: str, b: int) -> list[str]:
    """Return the working of a sum; empty for a fact to be known by heart."""
    result = _result(a, sign, b)
    (tens_a, ones_a), (tens_b, ones_b) = ((n // 10 * 10, n % 10) for n in (a, b))
    if sign == "+" and min(a, b) > 0 and (tens_a or tens_b) and (ones_a or ones_b):
        ones = ones_a + ones_b
        if tens_a and tens_b:
            tens = tens_a + tens_b
            return [
                f"{tens_a} + {tens_b} = {tens}",
                f"{ones_a} + {ones_b} = {ones}",
                f"{tens} + {ones} = {result}",
            ]
        if ones_a and ones_b:
            return [f"{ones_a} + {ones_b} = {ones}", f"{tens_a + tens_b} + {ones} = {result}"]
    if sign == "-" and tens_b and ones_b and a != b:
        return [f"{a} - {tens_b} = {a - tens_b}", f"{a - tens_b} - {ones_b} = {result}"]
    if sign == "x" and min(a, b) > 1:
        if tens_a and ones_a:
            left, right = tens_a * b, ones_a * b
            parts = [f"{tens_a} x {b} = {left}", f"{ones_a} x {b} = {right}"]
        elif tens_b and ones_b:
            left, right = a * tens_b, a * ones_b
            parts = [f"{a} x {tens_b} = {left}", f"{a} x {ones_b} = {right}"]
        else:
            return []
        return [*parts, f"{left} + {right} = {result}"]
    return []


def _working(a: int, sign: str, b: int) -> str:
    steps = _steps(a, sign, b)
    if steps:
        return f"{a} {sign} {b}: {', '.join(steps)}."
    return f"{a} {sign} {b} = {_result(a, sign, b)}."


def _belongs(draw: Draw, *sums: tuple[int, str, int]) -> bool:
    """Say whether sums belong to the split; those without working are not held out alone."""
    keys = [
        f"{a}{sign}{b}" if sign == "-" else f"{min(a, b)}{sign}{max(a, b)}"
        for a, sign, b in sums
        if _steps(a, sign, b)
    ]
    accepted = [draw.accepts(key) for key in keys]
    return any(accepted) if draw.split == "new_slots" else all(accepted)


def _operands(draw: Draw, sign: str) -> tuple[int, int]:
    rng = draw.rng
    if sign == "/":
        b = rng.randint(1, 10)
        return b * rng.randint(1, 10), b
    if sign == "x":
        pair = [rng.randint(0, 9), rng.randint(0, draw.choice((9, 9, 12)))]
        rng.shuffle(pair)
        return pair[0], pair[1]
    high = draw.choice((9, 20, 20))
    a, b = rng.randint(0, high), rng.randint(0, high)
    return (max(a, b), min(a, b)) if sign == "-" else (a, b)


def arithmetic(draw: Draw) -> Task:
    """Ask for a sum or difference up to 20, a product up to 9 x 12, or an exact quotient."""
    signs = ("+", "-", "x") if draw.split == "new_slots" else ("+", "+", "-", "-", "x", "x", "/")
    sign = draw.choice(signs)
    template = draw.template(OPERATIONS[sign])
    a, b = _operands(draw, sign)
    while not _belongs(draw, (a, sign, b)):
        a, b = _operands(draw, sign)
    words = {"aw": ONES[a], "bw": ONES[b]} if "{aw}" in template else {}
    result = _result(a, sign, b)
    answer = f"{_working(a, sign, b)} The answer is {result}."
    return _task(draw, template.format(a=a, b=b, **words), answer, _is_number(result))


def _story_numbers(draw: Draw, kind: str) -> tuple[int, int, int]:
    rng = draw.rng
    high = draw.choice((9, 20, 20)) if len(kind) == 1 else draw.choice((9, 20))
    a, b, c = (rng.randint(2, high) for _ in range(3))
    if kind[0] == "x":
        a, b = rng.randint(2, 9), rng.randint(2, draw.choice((9, 9, 12)))
    return a, b, c


def word_problem(draw: Draw) -> Task:
    """Tell a little story with one or two steps and ask for the number."""
    kind = draw.choice(STORY_KINDS)
    story, ending = draw.template(STORIES[kind])
    while True:
        a, b, c = _story_numbers(draw, kind)
        first = (a, kind[0], b)
        middle = _result(*first)
        sums = [first, (middle, kind[1], c)] if len(kind) == 2 else [first]
        result = _result(*sums[-1])
        if min(middle, result) >= 2 and result < 100 and middle < 100 and _belongs(draw, *sums):
            break
    name, other = draw.values(NAMES, 2)
    slots = {"n": name, "m": other, "t": draw.value(THINGS), "h": draw.value(HOLDERS)}
    prompt = story.format(a=a, b=b, c=c, **slots)
    working = " ".join(_working(*each) for each in sums)
    answer = f"{working} {ending.format(r=result, **slots)}"
    return _task(draw, prompt, answer, _is_number(result))


def _amount(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"


def units(draw: Draw) -> Task:
    """Convert an amount into a larger or a smaller unit."""
    template = draw.template(CONVERT)
    while True:
        large, larges, factor, small, smalls = draw.choice(CONVERSIONS)
        count = draw.rng.randint(1, 12 if factor in (10, 100, 1000) else 9)
        down = draw.rng.random() < 0.6
        if draw.accepts(f"{count} {larges} {smalls} {down}"):
            break
    total = count * factor
    rule = f"1 {large} is {factor} {smalls}."
    if down:
        prompt = template.format(have=_amount(count, large, larges), to=smalls)
        working = (
            _working(count, "x", factor)
            if factor in (7, 12, 24)
            else f"{count} x {factor} = {total}."
        )
        answer = f"{rule} {working} The answer is {_amount(total, small, smalls)}."
        return _task(draw, prompt, answer, _is_number(total))
    prompt = template.format(have=_amount(total, small, smalls), to=larges)
    answer = f"{rule} {total} / {factor} = {count}. The answer is {_amount(count, large, larges)}."
    return _task(draw, prompt, answer, _is_number(count))


def _numbers(draw: Draw, count: int) -> list[int]:
    """Draw different numbers whose combination belongs to the split."""
    high = draw.choice((20, 99, 99))
    while True:
        numbers = draw.rng.sample(range(high + 1), count)
        if draw.accepts(",".join(map(str, sorted(numbers)))):
            return numbers


def _pick(draw: Draw, count: int) -> Task:
    templates: tuple[str, ...]
    numbers = _numbers(draw, count)
    top = draw.choice((True, False))
    expected = max(numbers) if top else min(numbers)
    if count == 2:
        templates, word = (LARGER, "larger") if top else (SMALLER, "smaller")
    else:
        templates, word = (LARGEST, "largest") if top else (SMALLEST, "smallest")
    prompt = _fill(draw.template(templates), numbers)
    return _task(draw, prompt, f"The {word} number is {expected}.", _is_picked(expected))


def _yes_or_no(draw: Draw) -> Task:
    a, b = _numbers(draw, 2)
    ask_larger = draw.choice((True, False))
    prompt = draw.template(IS_LARGER if ask_larger else IS_SMALLER).format(a=a, b=b)
    word = "yes" if (a > b) == ask_larger else "no"
    answer = f"{a} is {'larger' if a > b else 'smaller'} than {b}, so {word}."
    return _task(draw, prompt, answer, concludes(word))


def _measured(draw: Draw) -> Task:
    facts, most, least, who = draw.choice(MEASURES)
    count = draw.choice((2, 2, 3, 4))
    of_people = who == "Who is"
    things = draw.values(NAMES if of_people else GOODS, count)
    while min(numbers := _numbers(draw, count)) < 2:
        pass
    top = draw.choice((True, False))
    word = (most if top else least)[count > 2]
    expected = max(numbers) if top else min(numbers)
    thing = things[numbers.index(expected)]
    fact = draw.choice(facts)
    known = [fact.format(x=x, v=v) for x, v in zip(things, numbers, strict=True)]
    text = _join(known, "and")
    template = draw.template(ASK_MEASURE)
    prompt = template.format(facts=capital(text), lower=text, who=who, low=who.lower(), word=word)
    extreme = ("highest" if top else "lowest") if count > 2 else ("higher" if top else "lower")
    shown = thing if of_people else f"The {thing}"
    listed = ", ".join(f"{v}: {x}" for x, v in zip(things, numbers, strict=True))
    answer = f"{listed}. The {extreme} number is {expected}: {thing}. {shown} is {word}."
    return _task(draw, prompt, answer, _ends_on(thing, things))


def compare(draw: Draw) -> Task:
    """Ask which of some numbers, ages, prices or weights is the largest or the smallest."""
    form = draw.choice(("pair", "pair", "pick", "yes", "measured", "measured", "measured"))
    if form == "measured":
        return _measured(draw)
    if form == "yes":
        return _yes_or_no(draw)
    return _pick(draw, 2 if form == "pair" else draw.choice((3, 4)))


def _sorting(draw: Draw) -> Task:
    numbers = _numbers(draw, draw.choice((3, 3, 4)))
    down = draw.choice((True, False))
    ordered = sorted(numbers, reverse=down)
    prompt = _fill(draw.template(SORT_DOWN if down else SORT_UP), numbers)
    left, steps = numbers, []
    for number in ordered[:-1]:
        steps.append(f"{', '.join(map(str, left))}: {number}.")
        left = [other for other in left if other != number]
    answer = f"{' '.join(steps)} In order: {', '.join(map(str, ordered))}"
    return _task(draw, prompt, answer, _ends_on_numbers(ordered))


def _counting(draw: Draw) -> Task:
    count = draw.choice((2, 3, 4, 5))
    kind = draw.choice((*WORD_LISTS, "numbers"))
    while True:
        pool: Sequence[object] = WORD_LISTS.get(kind, range(100))
        items = draw.rng.sample(pool, count)
        if draw.accepts(",".join(map(str, items))):
            break
    prompt = _fill(draw.template(COUNT), items, k=kind)
    return _task(draw, prompt, f"There are {count} {kind}.", _is_number(count))


def _sequence(draw: Draw) -> Task:
    step, sign = draw.choice((1, 2, 5, 10)), draw.choice(("+", "+", "-"))
    count = draw.choice((3, 4, 5))
    change = step if sign == "+" else -step
    while True:
        start = draw.rng.randint(0, 90)
        if draw.choice((True, False)):
            start = start // step * step
        numbers = [start + change * i for i in range(count + 1)]
        if min(numbers) >= 0 and max(numbers) <= 120 and draw.accepts(",".join(map(str, numbers))):
            break
    *shown, last = numbers
    way = "up" if sign == "+" else "down"
    answer = f"The numbers go {way} by {step}. {shown[-1]} {sign} {step} = {last}. "
    prompt = _fill(draw.template(NEXT), shown)
    return _task(draw, prompt, f"{answer}The next number is {last}.", _is_number(last))


def number_list(draw: Draw) -> Task:
    """Sort, count or continue a list, or pick its largest or smallest number."""
    form = draw.choice(("sort", "sort", "count", "next", "pick"))
    if form == "sort":
        return _sorting(draw)
    if form == "count":
        return _counting(draw)
    if form == "next":
        return _sequence(draw)
    return _pick(draw, draw.choice((3, 4, 5)))


SKILLS: Final[dict[str, Callable[[Draw], Task]]] = {
    "arithmetic": arithmetic,
    "word_problem": word_problem,
    "units": units,
    "compare": compare,
    "number_list": number_list,
}
