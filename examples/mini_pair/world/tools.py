"""Tool calling in plain text, as the chat template renders it: calls and answers from results."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from lexicon import CAPITALS, CITIES, DAYS, NAMES, words
from ngsd_guard.types import Message
from world._draw import Draw, Task, assistant, user

_ERRORS: Final = ("not found", "service unavailable", "no permission", "timeout", "no connection")
_ITEMS: Final = tuple(
    words(
        "lamps shoes books phones chairs kettles tents bicycles jackets watches pillows "
        "cameras mugs "
        "scarves tables rugs headphones gloves boots backpacks knives pans plates mirrors clocks "
        "umbrellas candles hats shirts desks"
    )
)
_EVENTS: Final = (
    "team meeting",
    "dentist",
    "piano lesson",
    "birthday party",
    "football match",
    "lunch with Anna",
    "doctor",
    "book club",
    "school play",
    "haircut",
    "yoga class",
    "job interview",
    "dinner with Max",
    "parents evening",
    "car service",
    "swimming lesson",
    "concert",
    "garden work",
    "exam",
    "picnic",
)
_SONGS: Final = (
    "Blue River",
    "Summer Rain",
    "Golden Days",
    "My Little Star",
    "Night Train",
    "Dancing Home",
    "The Long Road",
    "Silver Moon",
    "Hello Sunshine",
    "Winter Song",
    "Red Balloon",
    "Open Sky",
    "Old Friends",
    "City Lights",
    "Morning Coffee",
    "Wild Horses",
    "Paper Boats",
    "Green Hills",
)
_ROOMS: Final = (
    "kitchen",
    "bedroom",
    "bathroom",
    "hall",
    "office",
    "garage",
    "living room",
    "attic",
    "cellar",
    "dining room",
    "guest room",
    "nursery",
    "library",
    "porch",
    "laundry room",
    "studio",
)
_SUBJECTS: Final = (
    "the meeting",
    "the invoice",
    "our holiday",
    "the new plan",
    "lunch",
    "the report",
    "the contract",
    "the party",
    "my order",
    "the exam",
    "the rent",
    "the project",
    "the car",
    "the tickets",
    "the garden",
    "the budget",
    "the concert",
    "the school trip",
)
_TEXTS: Final = (
    "buy milk",
    "call the bank",
    "water the plants",
    "pay the rent",
    "feed the cat",
    "book a table",
    "fetch the parcel",
    "clean the car",
    "send the letter",
    "order pizza",
    "fix the door",
    "return the books",
    "pack the bags",
    "buy bread",
    "walk the dog",
    "wash the curtains",
)
_FOODS: Final = tuple(
    words(
        "pancakes lasagne risotto soup curry pizza salad tacos omelette paella stew noodles "
        "waffles "
        "dumplings muffins goulash ratatouille sushi"
    )
)
_LANGUAGES: Final = tuple(
    words(
        "French German Spanish Italian Dutch Polish Turkish Greek Danish Swedish Finnish "
        "Czech Hindi "
        "Arabic Japanese Korean Welsh Russian"
    )
)
_WORDS: Final = tuple(
    words(
        "house river bread window friend garden winter table mountain music dream bridge candle "
        "forest school pencil island summer thunder honey"
    )
)
_CURRENCIES: Final = tuple(words("EUR USD GBP JPY CHF SEK NOK DKK PLN CZK INR CAD AUD BRL TRY"))
_STOCKS: Final = tuple(
    words("Nordix Alvia Bentra Corvo Delmar Fenton Gravis Helion Ixora Jovian Kestra Lumen Mavro")
)
_COUNT: Final = tuple(range(1, 100))
_PRICE: Final = tuple(range(5, 500))
_TIMES: Final = tuple(f"{hour}:{minute}" for hour in range(6, 22) for minute in ("00", "15", "30"))


@dataclass(frozen=True, slots=True)
class _Tool:
    names: tuple[str, ...]
    description: str
    slots: dict[str, tuple[str, Sequence[str | int]]]
    """Parameter names (spellings parted by a bar): what stands for it in the asks, and values."""
    asks: tuple[str, ...]
    result: dict[str, Sequence[str | int]]
    said: str


def _tool(
    names: str,
    description: str,
    slots: dict[str, Sequence[str | int]],
    asks: str,
    result: dict[str, Sequence[str | int]],
    said: str,
) -> _Tool:
    named = {key: (key.split("|")[0], values) for key, values in slots.items()}
    return _Tool(tuple(names.split()), description, named, tuple(asks.split(" / ")), result, said)


_DONE: Final[dict[str, Sequence[str | int]]] = {"status": ("done", "ok", "success")}
_TOOLS: Final = (
    _tool(
        "get_weather fetch_weather weather_report current_weather",
        "Get the weather for a city.",
        {"city|location|place": CITIES},
        "What is the weather in {city}? / How is the weather in {city} today? / Is it cold in "
        "{city}? / weather {city} / Tell me the weather for {city}. / Do I need a coat in "
        "{city}? / I am off to {city}. What is the weather like?",
        {"sky": ("sunny", "cloudy", "rainy", "windy", "foggy", "clear"), "degrees": range(1, 36)},
        "It is {sky} in {city} with {degrees} degrees.",
    ),
    _tool(
        "send_email write_email email_person mail_to",
        "Send an email.",
        {"to|recipient|name": NAMES, "subject|topic|about": _SUBJECTS},
        "Send {to} an email about {subject}. / Email {to} about {subject}. / Please write to "
        "{to} about {subject} by email. / I need to mail {to} about {subject}. / Can you send "
        "an email on {subject} to {to}? / Let {to} know about {subject} by email.",
        _DONE,
        "I sent {to} an email about {subject}.",
    ),
    _tool(
        "set_timer start_timer timer new_timer",
        "Start a timer.",
        {"minutes|duration|length": _COUNT},
        "Set a timer for {minutes} minutes. / Start a timer: {minutes} minutes. / timer "
        "{minutes} min / Wake me in {minutes} minutes. / Please count down {minutes} minutes. "
        "/ I need a timer of {minutes} minutes.",
        _DONE,
        "The timer is set for {minutes} minutes.",
    ),
    _tool(
        "search_products find_products shop_search product_lookup",
        "Search the shop.",
        {"query|item|product": _ITEMS, "max_price|limit|budget": _PRICE},
        "Find {query} for at most {max_price} euros. / I want {query} under {max_price} "
        "euros. / Search for {query}, no more than {max_price}. / Show me {query} up to "
        "{max_price} euros. / Are there {query} for less than {max_price}? / Look for {query} "
        "below {max_price} euros.",
        {"found": _COUNT, "cheapest": range(2, 90)},
        "I found {found} {query}; the cheapest costs {cheapest} euros.",
    ),
    _tool(
        "convert_currency exchange currency_converter change_money",
        "Convert money.",
        {
            "amount|value|sum": _PRICE,
            "from|source|base": _CURRENCIES,
            "to|target|quote": _CURRENCIES,
        },
        "Convert {amount} {from} to {to}. / How much is {amount} {from} in {to}? / {amount} "
        "{from} in {to}? / Change {amount} {from} into {to}, please. / What do I get in {to} "
        "for {amount} {from}? / I have {amount} {from}. How much {to} is that?",
        {"result": range(2, 900)},
        "{amount} {from} is {result} {to}.",
    ),
    _tool(
        "add_event create_event new_event calendar_add",
        "Add an event to the calendar.",
        {"title|event|name": _EVENTS, "day|date|when": DAYS},
        "Add {title} to my calendar on {day}. / Put {title} in the calendar for {day}. / I "
        "have {title} on {day}. Please note it in my calendar. / Plan {title} for {day}. / "
        "New event: {title}, {day}. / Please enter {title} on {day}.",
        _DONE,
        "I added {title} on {day}.",
    ),
    _tool(
        "play_song play_music start_song play_track",
        "Play a song.",
        {"title|song|track": _SONGS},
        "Play {title}. / I want to hear {title}. / Put on {title}, please. / Can you play the "
        "song {title}? / play {title} now / Let me listen to {title}.",
        _DONE,
        "Now playing {title}.",
    ),
    _tool(
        "turn_on_light light_on switch_on_light lamp_on",
        "Turn on the light in a room.",
        {"room|place|area": _ROOMS},
        "Turn on the light in the {room}. / It is dark in the {room}. / Light on in the "
        "{room}, please. / Switch on the {room} light. / Can you light up the {room}? / "
        "{room} light on",
        _DONE,
        "The light in the {room} is on.",
    ),
    _tool(
        "turn_off_light light_off switch_off_light lamp_off",
        "Turn off the light in a room.",
        {"room|place|area": _ROOMS},
        "Turn off the light in the {room}. / Lights out in the {room}. / Light off in the "
        "{room}, please. / Switch off the {room} light. / Nobody is in the {room}; put the "
        "light out. / {room} light off",
        _DONE,
        "The light in the {room} is off.",
    ),
    _tool(
        "set_temperature heat_room set_heating thermostat",
        "Set the temperature of a room.",
        {"room|place|area": _ROOMS, "degrees|value|temperature": tuple(range(10, 31))},
        "Set the {room} to {degrees} degrees. / Make the {room} {degrees} degrees warm. / "
        "Heat the {room} to {degrees} degrees. / I want {degrees} degrees in the {room}. / "
        "{room} at {degrees} degrees, please. / Please bring the {room} to {degrees} degrees.",
        _DONE,
        "The {room} is set to {degrees} degrees.",
    ),
    _tool(
        "set_alarm new_alarm alarm_clock create_alarm",
        "Set an alarm.",
        {"time|at|hour": _TIMES},
        "Set an alarm for {time}. / Wake me up at {time}. / alarm at {time} / I have to get "
        "up at {time}. Set the alarm. / Please ring at {time}. / Alarm for {time}, please.",
        _DONE,
        "The alarm is set for {time}.",
    ),
    _tool(
        "add_reminder remind create_reminder remember",
        "Save a reminder.",
        {"text|task|note": _TEXTS, "day|date|when": DAYS},
        "Remind me to {text} on {day}. / On {day} I have to {text}. Remind me. / Reminder for "
        "{day}: {text}. / Do not let me forget to {text} on {day}. / Please remind me on "
        "{day} to {text}. / I must {text} on {day}; set a reminder.",
        _DONE,
        "I will remind you to {text} on {day}.",
    ),
    _tool(
        "call_contact phone_call make_call dial",
        "Call a person.",
        {"name|contact|person": NAMES},
        "Call {name}. / Please phone {name}. / I want to talk to {name} on the phone. / Ring "
        "{name} for me. / Can you call {name}? / Dial {name}.",
        _DONE,
        "I am calling {name}.",
    ),
    _tool(
        "send_message text_message send_sms message_person",
        "Send a short message.",
        {"to|recipient|name": NAMES, "text|message|body": _TEXTS},
        "Text {to}: {text} / Send a message to {to}: {text} / Tell {to} this in a message: "
        "{text} / Message {to} with the words: {text} / Please send {to} this text: {text} / "
        "A short message for {to}: {text}",
        _DONE,
        "I sent the message to {to}.",
    ),
    _tool(
        "book_table reserve_table table_booking restaurant_booking",
        "Book a restaurant table.",
        {"guests|people|seats": tuple(range(2, 40)), "day|date|when": DAYS},
        "Book a table for {guests} on {day}. / We are {guests} people and want a table on "
        "{day}. / Reserve a table on {day} for {guests}. / Table for {guests}, {day}, please. "
        "/ I need a table for {guests} guests on {day}. / On {day} we want to eat out. We are "
        "{guests}.",
        {"table": _COUNT},
        "Table {table} is booked for {guests} on {day}.",
    ),
    _tool(
        "find_recipe search_recipe recipe_lookup get_recipe",
        "Find a recipe.",
        {"dish|food|meal": _FOODS},
        "Find a recipe for {dish}. / I want to cook {dish}. / Look up how {dish} is made. / "
        "Is there a recipe for {dish}? / recipe {dish} / Search for a {dish} recipe.",
        {"minutes": range(10, 90), "recipes": _COUNT},
        "I found {recipes} recipes for {dish}; the first takes {minutes} minutes.",
    ),
    _tool(
        "translate_word translate translation get_translation",
        "Translate a word.",
        {"word|text|term": _WORDS, "language|target|to": _LANGUAGES},
        "Translate {word} into {language}. / What is {word} in {language}? / How do you say "
        "{word} in {language}? / {word} in {language}, please. / I need the {language} word "
        "for {word}. / Give me {word} in {language}.",
        {
            "translation": (
                "mirano",
                "velta",
                "suloka",
                "dorin",
                "kamesh",
                "peluva",
                "tarsik",
                "lenova",
                "oshira",
                "bantel",
            )
        },
        "{word} in {language} is {translation}.",
    ),
    _tool(
        "get_stock_price stock_price share_price quote_stock",
        "Get the price of a share.",
        {"company|stock|firm": _STOCKS},
        "What is the share price of {company}? / How is {company} doing on the stock market? "
        "/ stock price {company} / How much is one {company} share? / Tell me the price of "
        "{company} shares. / Look up the stock of {company}.",
        {"price": range(3, 400)},
        "One share of {company} costs {price} euros.",
    ),
    _tool(
        "find_train search_train train_times next_train",
        "Find the next train.",
        {"from|start|origin": CITIES, "to|goal|destination": CITIES},
        "When does the next train go from {from} to {to}? / Find a train from {from} to {to}. "
        "/ I want to go by train from {from} to {to}. / next train {from} {to} / I am in "
        "{from} and need a train to {to}. / Train from {from} to {to}, please.",
        {"time": _TIMES, "platform": range(1, 20)},
        "The next train to {to} leaves at {time} from platform {platform}.",
    ),
    _tool(
        "book_hotel reserve_hotel hotel_booking reserve_room",
        "Book a hotel.",
        {"city|location|place": CITIES, "nights|duration|stay": tuple(range(2, 30))},
        "Book a hotel in {city} for {nights} nights. / I need a room in {city} for {nights} "
        "nights. / Hotel in {city}, {nights} nights, please. / We stay {nights} nights in "
        "{city}. Book us a hotel. / Reserve {nights} nights in {city}. / Find me a bed in "
        "{city} for {nights} nights.",
        {"price": range(40, 900)},
        "Your hotel in {city} is booked for {nights} nights at {price} euros.",
    ),
    _tool(
        "get_time time_in local_time current_time",
        "Get the time in a city.",
        {"city|location|place": CITIES},
        "What time is it in {city}? / Tell me the time in {city}. / time in {city} / How late "
        "is it in {city}? / What does the clock say in {city}? / I want to know the local "
        "time in {city}.",
        {"time": _TIMES},
        "It is {time} in {city}.",
    ),
    _tool(
        "order_taxi call_taxi book_taxi get_taxi",
        "Order a taxi.",
        {"to|destination|goal": CITIES, "time|at|pickup": _TIMES},
        "Order a taxi to {to} at {time}. / I need a taxi at {time} to {to}. / Taxi to {to}, "
        "{time}, please. / Get me a cab to {to} at {time}. / A car should take me to {to} at "
        "{time}. / Book a taxi for {time} to {to}.",
        {"minutes": range(2, 60)},
        "Your taxi to {to} comes at {time}; the ride takes {minutes} minutes.",
    ),
    _tool(
        "add_to_list shopping_list list_add add_item",
        "Add an item to the shopping list.",
        {"item|product|thing": _ITEMS, "count|amount|number": _COUNT},
        "Put {count} {item} on the shopping list. / Add {count} {item} to my list. / We need "
        "{count} {item}; note it on the list. / Shopping list: {count} {item} / I have to buy "
        "{count} {item}. Add them to the list. / Write {count} {item} on the list.",
        _DONE,
        "I put {count} {item} on the list.",
    ),
    _tool(
        "track_order order_status find_order check_order",
        "Check an order.",
        {"order|number|id": tuple(range(1000, 9999, 7))},
        "Where is my order {order}? / Track order {order}. / What about order number {order}? "
        "/ Has order {order} been sent? / Check the order {order}, please. / order {order} "
        "status",
        {"state": ("on the way", "delivered", "delayed", "packed", "cancelled")},
        "Order {order} is {state}.",
    ),
    _tool(
        "calculate calculator do_math evaluate",
        "Multiply two numbers.",
        {"a|first|x": _PRICE, "b|second|y": _PRICE},
        "Use the calculator: {a} times {b} / Multiply {a} by {b} with the tool. / What is {a} "
        "times {b}? / {a} times {b}, please use the calculator. / How much is {a} times {b}? "
        "/ I need the product of {a} and {b}.",
        {"result": range(500, 9999)},
        "{a} times {b} is {result}.",
    ),
    _tool(
        "find_book search_book library_search book_lookup",
        "Search the library.",
        {"author|writer|by": NAMES},
        "Which books by {author} do you have? / Find books by {author}. / Search the library "
        "for {author}. / I want to read something by {author}. / Look for the author "
        "{author}. / Are there any books by {author}?",
        {"books": _COUNT},
        "There are {books} books by {author}.",
    ),
    _tool(
        "get_contact find_contact phone_number look_up_number",
        "Look up a phone number.",
        {"name|person|contact": NAMES},
        "What is the phone number of {name}? / Look up the number of {name}. / I need "
        "{name}'s number. / Find {name} in the contacts. / number of {name}, please / How can "
        "I reach {name} by phone?",
        {"number": range(10000, 99999, 13)},
        "The number of {name} is {number}.",
    ),
)
MADE_UP: Final = tuple(
    words(
        "river stone open green paper light north window bread cloud winter metal garden simple "
        "bridge silver market signal mountain yellow engine forest letter copper island music "
        "planet square basket summer kitchen double pocket rocket valley carbon ladder mirror "
        "orange pepper quiet radio spring table uncle velvet whistle anchor button camera drift "
        "ember fabric globe hammer ivory jungle kernel lemon magnet needle object pillar"
    )
)
"""For names of tools and parameters that stand for nothing."""
_PLAIN: Final = (
    ("Hello!", "Hello! How can I help you today?"),
    ("Hi there", "Hello! How can I help you today?"),
    ("Good morning!", "Good morning! How can I help you?"),
    ("Thank you!", "You are welcome!"),
    ("Thanks a lot.", "You are welcome!"),
    ("Goodbye!", "Goodbye! Have a nice day."),
    ("How are you?", "I am well, thank you. How can I help you?"),
    ("Bye", "Goodbye! Have a nice day."),
    ("Who are you?", "I am a small language model."),
    ("What are you?", "I am a small language model."),
)
_CAPITAL_ASK: Final = (
    "What is the capital of {}?", "Name the capital of {}.", "Tell me the capital of {}.",
    "capital of {}", "Which city is the capital of {}?", "Do you know the capital of {}?",
)  # fmt: skip
_SUM_ASK: Final = (
    "What is {} plus {}?", "{} plus {}", "How much is {} plus {}?", "Work out {} plus {}.",
    "Please add {} and {}.", "What do {} and {} make?",
)  # fmt: skip
_SYSTEMS: Final = (
    "You are a helpful assistant.", "You are a friendly home assistant.", "Answer briefly.",
    "You help the customers of a small shop.", "Be kind and short.",
)  # fmt: skip


def tool_system_prompt(tools: list[dict[str, Any]]) -> str:
    """Return the text that tells the model which tools it may call, as the chat template does."""
    lines = "\n".join(json.dumps(tool.get("function", tool), ensure_ascii=False) for tool in tools)
    return (
        f"You may call one of these tools.\n<tools>\n{lines}\n</tools>\n"
        "To call a tool, answer with:\n"
        '<tool_call>\n{"name": ..., "arguments": {...}}\n</tool_call>'
    )


def tool_call_text(name: str, arguments: dict[str, Any]) -> str:
    """Return a tool call as the model writes it."""
    call = json.dumps({"name": name, "arguments": arguments}, ensure_ascii=False)
    return f"<tool_call>\n{call}\n</tool_call>"


def parse_tool_call(text: str) -> dict[str, Any] | None:
    """Return the call in an answer, or nothing where there is none to be read."""
    start, end = text.find("<tool_call>"), text.find("</tool_call>")
    if start < 0 or end < start:
        return None
    try:
        call = json.loads(text[start + len("<tool_call>") : end])
    except json.JSONDecodeError:
        return None
    return call if isinstance(call, dict) else None


def calls_exactly(name: str, arguments: dict[str, Any]) -> Callable[[str], bool]:
    """Return a check for one call."""
    return lambda text: parse_tool_call(text) == {"name": name, "arguments": arguments}


def _definition(draw: Draw, tool: _Tool) -> tuple[dict[str, Any], list[str]]:
    """Return a tool's JSON definition, with drawn names, and its parameter names in order.

    In training, half of them have made-up names: a name is to be read, not known by heart.
    """
    made_up = draw.split == "train" and draw.rng.random() < 0.5
    parameters = [draw.value(tuple(key.split("|"))) for key in tool.slots]
    if made_up:
        parameters = draw.values(MADE_UP, len(parameters))
    types = [
        "integer" if isinstance(values[0], int) else "string" for _, values in tool.slots.values()
    ]
    properties = {name: {"type": kind} for name, kind in zip(parameters, types, strict=True)}
    schema = {"type": "object", "properties": properties, "required": parameters}
    name = "_".join(draw.values(MADE_UP, 2)) if made_up else draw.value(tool.names)
    described = {"name": name, "description": tool.description, "parameters": schema}
    return described, parameters


def system_turn(draw: Draw, tools: list[dict[str, Any]]) -> Message:
    """Return a system turn that defines tools."""
    text = tool_system_prompt(tools)
    if draw.rng.random() < 0.25:
        text = f"{draw.template(_SYSTEMS)}\n\n{text}"
    return {"role": "system", "content": text}


@dataclass(frozen=True, slots=True)
class _Call:
    """One request that a tool serves."""

    tool: _Tool
    ask: str
    name: str
    arguments: dict[str, Any]
    slots: dict[str, Any]

    @property
    def text(self) -> str:
        return tool_call_text(self.name, self.arguments)


def _shown(draw: Draw, count: int) -> tuple[Message, list[tuple[_Tool, str, list[str]]]]:
    """Return a system turn, and the tools it defines with their drawn names and parameters."""
    chosen = draw.rng.sample(_TOOLS, count)
    defined = [_definition(draw, tool) for tool in chosen]
    shown = [described for described, _ in defined]
    draw.rng.shuffle(shown)
    tools = [
        (tool, str(described["name"]), parameters)
        for tool, (described, parameters) in zip(chosen, defined, strict=True)
    ]
    return system_turn(draw, shown), tools


def _call(draw: Draw, tool: _Tool, name: str, parameters: list[str]) -> _Call:
    slots: dict[str, Any] = {}
    for slot, values in tool.slots.values():
        slots[slot] = draw.value([value for value in values if value not in slots.values()])
    ask = draw.template(tool.asks).format(**slots)
    ask = ask[0].upper() + ask[1:] if draw.rng.random() < 0.8 else ask
    return _Call(tool, ask, name, dict(zip(parameters, slots.values(), strict=True)), slots)


def tool_call(draw: Draw) -> Task:
    """Call the tool that serves a request, or answer plainly where none does."""
    system, tools = _shown(draw, draw.choice((1, 2, 2, 3)))
    if draw.rng.random() < 0.2:
        return _plain(draw, system)
    call = _call(draw, *tools[0])
    return Task((system, user(call.ask)), call.text, calls_exactly(call.name, call.arguments))


def tool_session(draw: Draw) -> Task:
    """Several requests over the same tools: more to learn from the same definitions."""
    system, tools = _shown(draw, draw.choice((2, 3, 3)))
    messages = [system]
    for _ in range(draw.choice((2, 3, 4))):
        call = _call(draw, *draw.rng.choice(tools))
        messages += [user(call.ask), assistant(call.text)]
        if draw.rng.random() < 0.4:
            response, answer, _ = _respond(draw, call)
            messages += [response, assistant(answer)]
    return Task(tuple(messages[:-1]), messages[-1]["content"])


def _plain(draw: Draw, system: Message) -> Task:
    form = draw.choice(("talk", "capital", "sum"))
    if form == "talk":
        ask, answer = draw.choice(_PLAIN)
        return Task((system, user(ask)), answer, _is_talk)
    if form == "capital":
        country = draw.choice(sorted(CAPITALS))
        word = CAPITALS[country].replace("_", " ")
        ask, answer = draw.template(_CAPITAL_ASK), f"The capital of {country} is {word}."
        ask = ask.format(country)
    else:
        while True:
            a, b = draw.rng.randint(1, 10), draw.rng.randint(1, 10)
            if draw.accepts(f"{a}+{b}"):
                break
        word = str(a + b)
        ask, answer = draw.template(_SUM_ASK).format(a, b), f"{a} plus {b} is {word}."
    return Task(
        (system, user(ask)), answer, lambda text: word in text and "<tool_call>" not in text
    )


def _is_talk(text: str) -> bool:
    return text.strip() != "" and "<tool_call>" not in text


def _respond(draw: Draw, call: _Call) -> tuple[Message, str, list[str]]:
    """Return a tool's response, the answer it leads to, and what the answer must hold."""
    if draw.rng.random() < 0.1:
        error = draw.value(_ERRORS)
        result: dict[str, Any] = {"error": error}
        answer = f"Sorry, that did not work: {error}."
        needed = [error]
    else:
        result = {key: draw.value(values) for key, values in call.tool.result.items()}
        answer = call.tool.said.format(**call.slots, **result)
        answer = answer[0].upper() + answer[1:]
        needed = [str(value) for value in result.values() if str(value) in answer]
        needed = needed or [str(value) for value in call.slots.values() if str(value) in answer]
    response = json.dumps(result, ensure_ascii=False)
    return user(f"<tool_response>\n{response}\n</tool_response>"), answer, needed


def tool_result(draw: Draw) -> Task:
    """Answer from the result of a tool call."""
    system, tools = _shown(draw, draw.choice((1, 2, 2, 3)))
    call = _call(draw, *tools[0])
    response, answer, needed = _respond(draw, call)
    turns = (system, user(call.ask), assistant(call.text), response)
    return Task(turns, answer, lambda text: _holds(text, needed))


def _holds(text: str, needed: list[str]) -> bool:
    said = text.lower()
    return "<tool_call>" not in said and all(value.lower() in said for value in needed)


SKILLS: Final[dict[str, Callable[[Draw], Task]]] = {
    "tool_call": tool_call,
    "tool_result": tool_result,
    "tool_session": tool_session,
}
