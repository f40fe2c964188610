"""The tools: their names, what they are for, how they are asked for and what they answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from lexicon import CITIES, DAYS, NAMES
from world.words.tool_slots import (
    COUNT,
    CURRENCIES,
    EVENTS,
    FOODS,
    ITEMS,
    LANGUAGES,
    MACHINES,
    PRICE,
    ROLES,
    ROOMS,
    SONGS,
    STOCKS,
    SUBJECTS,
    TEXTS,
    TIMES,
    WORDS,
)


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool, with its spellings and wordings."""

    names: tuple[str, ...]
    descriptions: tuple[str, ...]
    """Only the first is for tests: there it is always the same."""
    slots: dict[str, tuple[str, Sequence[str | int]]]
    """Parameter names (spellings parted by a bar): what stands for it in the asks, and values."""
    asks: tuple[str, ...]
    result: dict[str, Sequence[str | int]]
    said: str


def _tool(
    names: str,
    descriptions: str,
    slots: dict[str, Sequence[str | int]],
    asks: str,
    result: dict[str, Sequence[str | int]],
    said: str,
) -> Tool:
    named = {key: (key.split("|")[0], values) for key, values in slots.items()}
    described = tuple(descriptions.split(" / "))
    return Tool(tuple(names.split()), described, named, tuple(asks.split(" / ")), result, said)


_DONE: Final[dict[str, Sequence[str | int]]] = {"status": ("done", "ok", "success")}
TOOLS: Final = (
    _tool(
        "get_weather fetch_weather weather_report current_weather weather_now check_weather "
        "weather_lookup show_weather city_weather",
        "Get the weather for a city. / Tells how the weather is in a place. / Weather by city.",
        {"city|location|place|town|where|city_name": CITIES},
        "What is the weather in {city}? / How is the weather in {city} today? / Is it cold in "
        "{city}? / weather {city} / Tell me the weather for {city}. / Do I need a coat in {city}? "
        "/ I am off to {city}. What is the weather like? / Is it warm in {city}? / How warm is it "
        "in {city}? / Can I go out without a coat in {city}? / Show me the weather in {city}. / I "
        "would like to know the weather in {city}. / Check the weather for {city}, please. / "
        "{city}: how is the weather? / Is it raining in {city} now?",
        {"sky": ("sunny", "cloudy", "rainy", "windy", "foggy", "clear"), "degrees": range(1, 36)},
        "It is {sky} in {city} with {degrees} degrees.",
    ),
    _tool(
        "send_email write_email email_person mail_to new_email email_send compose_email post_mail "
        "send_mail",
        "Send an email. / Writes an email to a person. / Email by name and subject.",
        {
            "to|recipient|name|person|receiver|addressee": NAMES,
            "subject|topic|about|title|regarding|heading": SUBJECTS,
        },
        "Send {to} an email about {subject}. / Email {to} about {subject}. / Please write to {to} "
        "about {subject} by email. / I need to mail {to} about {subject}. / Can you send an email "
        "on {subject} to {to}? / Let {to} know about {subject} by email. / Write an email to {to}. "
        "The subject is {subject}. / Send an email to {to}; it is about {subject}. / {to} should "
        "get an email about {subject}. / Could you email {to} regarding {subject}? / Drop {to} an "
        "email about {subject}. / New email to {to}, subject {subject}. / I want to send {to} an "
        "email about {subject}.",
        _DONE,
        "I sent {to} an email about {subject}.",
    ),
    _tool(
        "set_timer start_timer timer new_timer timer_start run_timer countdown begin_timer "
        "kitchen_timer",
        "Start a timer. / Counts down some minutes. / Timer in minutes.",
        {"minutes|duration|length|mins|time|amount": COUNT},
        "Set a timer for {minutes} minutes. / Start a timer: {minutes} minutes. / timer {minutes} "
        "min / Wake me in {minutes} minutes. / Please count down {minutes} minutes. / I need a "
        "timer of {minutes} minutes. / Tell me when {minutes} minutes are over. / The eggs need "
        "{minutes} minutes. Set a timer. / Timer for {minutes} minutes, please. / Give me "
        "{minutes} minutes on the timer. / Can you time {minutes} minutes? / Let the timer run for "
        "{minutes} minutes. / {minutes} minutes on the clock, please.",
        _DONE,
        "The timer is set for {minutes} minutes.",
    ),
    _tool(
        "search_products find_products shop_search product_lookup product_search find_item "
        "shop_lookup search_shop browse_products",
        "Search the shop. / Finds goods in the shop up to a price. / Product search.",
        {
            "query|item|product|goods|search_term|article": ITEMS,
            "max_price|limit|budget|price|highest_price|at_most": PRICE,
        },
        "Find {query} for at most {max_price} euros. / I want {query} under {max_price} euros. / "
        "Search for {query}, no more than {max_price}. / Show me {query} up to {max_price} euros. "
        "/ Are there {query} for less than {max_price}? / Look for {query} below {max_price} "
        "euros. / I am looking for {query}; my limit is {max_price} euros. / Can you find {query} "
        "for up to {max_price} euros? / I can spend {max_price} euros on {query}. / What {query} "
        "can I get for {max_price} euros? / Search the shop for {query} up to {max_price} euros. / "
        "{query}, {max_price} euros at most, please. / Do you sell {query} under {max_price} "
        "euros?",
        {"found": COUNT, "cheapest": range(2, 90)},
        "I found {found} {query}; the cheapest costs {cheapest} euros.",
    ),
    _tool(
        "convert_currency exchange currency_converter change_money currency_exchange convert_money "
        "money_converter currency_convert exchange_money",
        "Convert money. / Turns a sum of one currency into another. / Currency conversion.",
        {
            "amount|value|sum|quantity|money|how_much": PRICE,
            "from|source|base|from_currency|have|old": CURRENCIES,
            "to|target|quote|to_currency|want|new": CURRENCIES,
        },
        "Convert {amount} {from} to {to}. / How much is {amount} {from} in {to}? / {amount} {from} "
        "in {to}? / Change {amount} {from} into {to}, please. / What do I get in {to} for {amount} "
        "{from}? / I have {amount} {from}. How much {to} is that? / What is {amount} {from} in "
        "{to}? / Please turn {amount} {from} into {to}. / How many {to} are {amount} {from}? / "
        "Exchange {amount} {from} for {to}. / I need {amount} {from} converted to {to}. / Tell me "
        "what {amount} {from} is worth in {to}. / Work out {amount} {from} in {to}.",
        {"result": range(2, 900)},
        "{amount} {from} is {result} {to}.",
    ),
    _tool(
        "add_event create_event new_event calendar_add calendar_event make_event schedule_event "
        "book_event plan_event",
        "Add an event to the calendar. / Puts an event on a day. / New calendar entry.",
        {"title|event|name|what|label": EVENTS, "day|date|when|weekday|on|on_day": DAYS},
        "Add {title} to my calendar on {day}. / Put {title} in the calendar for {day}. / I have "
        "{title} on {day}. Please note it in my calendar. / Plan {title} for {day}. / New event: "
        "{title}, {day}. / Please enter {title} on {day}. / Schedule {title} on {day}. / Note "
        "{title} for {day}. / Can you put {title} on {day}? / My calendar needs {title} on {day}. "
        "/ {day}: {title}. Please save it. / Save the event {title} for {day}. / There is {title} "
        "on {day}; add it to the calendar.",
        _DONE,
        "I added {title} on {day}.",
    ),
    _tool(
        "play_song play_music start_song play_track song_player music_play start_music play_title "
        "queue_song",
        "Play a song. / Plays a song by its title. / Music player.",
        {"title|song|track|name|song_title|piece": SONGS},
        "Play {title}. / I want to hear {title}. / Put on {title}, please. / Can you play the song "
        "{title}? / play {title} now / Let me listen to {title}. / Start the song {title}. / Let "
        "us hear {title}. / I would like to listen to {title}. / Please play the track {title}. / "
        "Next song: {title} / Turn on some music: {title}. / Could you put {title} on?",
        _DONE,
        "Now playing {title}.",
    ),
    _tool(
        "turn_on_light light_on switch_on_light lamp_on lights_on room_light_on enable_light "
        "light_up start_light",
        "Turn on the light in a room. / Switches on the lamp of a room. / Light on.",
        {"room|place|area|where|location|room_name": ROOMS},
        "Turn on the light in the {room}. / It is dark in the {room}. / Light on in the {room}, "
        "please. / Switch on the {room} light. / Can you light up the {room}? / {room} light on / "
        "I need light in the {room}. / Please turn the {room} light on. / Make it bright in the "
        "{room}. / Put on the light in the {room}. / Can you switch on the lamp in the {room}? / "
        "Lights on in the {room}! / The {room} should be lit.",
        _DONE,
        "The light in the {room} is on.",
    ),
    _tool(
        "turn_off_light light_off switch_off_light lamp_off lights_off room_light_off "
        "disable_light light_out stop_light",
        "Turn off the light in a room. / Switches off the lamp of a room. / Light off.",
        {"room|place|area|where|location|room_name": ROOMS},
        "Turn off the light in the {room}. / Lights out in the {room}. / Light off in the {room}, "
        "please. / Switch off the {room} light. / Nobody is in the {room}; put the light out. / "
        "{room} light off / No light in the {room}, please. / Please turn the {room} light off. / "
        "Make it dark in the {room}. / Put out the light in the {room}. / Can you switch off the "
        "lamp in the {room}? / I am done in the {room}; turn off the light. / The {room} does not "
        "need light now.",
        _DONE,
        "The light in the {room} is off.",
    ),
    _tool(
        "set_temperature heat_room set_heating thermostat room_temperature change_temperature "
        "heating adjust_heating warm_room",
        "Set the temperature of a room. / Heats a room to some degrees. / Heating control.",
        {
            "room|place|area|where|location|room_name": ROOMS,
            "degrees|value|temperature|target|warmth|level": tuple(range(10, 31)),
        },
        "Set the {room} to {degrees} degrees. / Make the {room} {degrees} degrees warm. / Heat the "
        "{room} to {degrees} degrees. / I want {degrees} degrees in the {room}. / {room} at "
        "{degrees} degrees, please. / Please bring the {room} to {degrees} degrees. / Turn the "
        "heating in the {room} to {degrees} degrees. / {degrees} degrees in the {room}, please. / "
        "The {room} should have {degrees} degrees. / Can you heat the {room} to {degrees} degrees? "
        "/ Change the {room} to {degrees} degrees. / Keep the {room} at {degrees} degrees. / Let "
        "the {room} be {degrees} degrees.",
        _DONE,
        "The {room} is set to {degrees} degrees.",
    ),
    _tool(
        "set_alarm new_alarm alarm_clock create_alarm alarm_set wake_up_call start_alarm wake_me "
        "add_alarm",
        "Set an alarm. / Rings at a time. / Alarm by time of day.",
        {"time|at|hour|when|clock_time|ring_at": TIMES},
        "Set an alarm for {time}. / Wake me up at {time}. / alarm at {time} / I have to get up at "
        "{time}. Set the alarm. / Please ring at {time}. / Alarm for {time}, please. / I want to "
        "wake up at {time}. / Make an alarm for {time}. / Can you wake me at {time}? / Let the "
        "alarm ring at {time}. / New alarm: {time}. / My day starts at {time}; set an alarm. / "
        "{time} alarm, please.",
        _DONE,
        "The alarm is set for {time}.",
    ),
    _tool(
        "add_reminder remind create_reminder remember reminder_add set_reminder new_reminder "
        "note_reminder save_reminder",
        "Save a reminder. / Reminds you of a task on a day. / Reminder by day.",
        {"text|task|note|reminder|what|content": TEXTS, "day|date|when|weekday|on|on_day": DAYS},
        "Remind me to {text} on {day}. / On {day} I have to {text}. Remind me. / Reminder for "
        "{day}: {text}. / Do not let me forget to {text} on {day}. / Please remind me on {day} to "
        "{text}. / I must {text} on {day}; set a reminder. / Set a reminder to {text} on {day}. / "
        "{day}: remind me to {text}. / I need a reminder on {day} to {text}. / Can you remind me "
        "on {day} that I must {text}? / Make a note that I should {text} on {day}. / Help me "
        "remember to {text} on {day}. / I want to {text} on {day}. Save a reminder.",
        _DONE,
        "I will remind you to {text} on {day}.",
    ),
    _tool(
        "call_contact phone_call make_call dial start_call phone_person ring_up call_person "
        "place_call",
        "Call a person. / Phones someone. / Phone call by name.",
        {"name|contact|person|who|callee|contact_name": NAMES},
        "Call {name}. / Please phone {name}. / I want to talk to {name} on the phone. / Ring "
        "{name} for me. / Can you call {name}? / Dial {name}. / Get {name} on the phone. / Start a "
        "call with {name}. / Give {name} a ring. / I need to speak to {name}; please call. / Phone "
        "{name} now. / Make a call to {name}. / Could you ring {name}?",
        _DONE,
        "I am calling {name}.",
    ),
    _tool(
        "send_message text_message send_sms message_person new_message sms post_message "
        "message_send write_message",
        "Send a short message. / Sends a text to a person. / Message by name.",
        {
            "to|recipient|name|person|receiver|contact": NAMES,
            "text|message|body|content|words|note": TEXTS,
        },
        "Text {to}: {text} / Send a message to {to}: {text} / Tell {to} this in a message: {text} "
        "/ Message {to} with the words: {text} / Please send {to} this text: {text} / A short "
        "message for {to}: {text} / Write to {to}: {text} / New message to {to}: {text} / {to} "
        "should read this: {text} / Send {to} these words: {text} / Let {to} have this message: "
        "{text} / Text message for {to}: {text} / Please text {to}: {text}",
        _DONE,
        "I sent the message to {to}.",
    ),
    _tool(
        "book_table reserve_table table_booking restaurant_booking book_restaurant dinner_booking "
        "table_reserve reserve_dinner get_table",
        "Book a restaurant table. / Reserves a table for some guests. / Table booking by day.",
        {
            "guests|people|seats|persons|party_size|how_many": tuple(range(2, 40)),
            "day|date|when|weekday|on|on_day": DAYS,
        },
        "Book a table for {guests} on {day}. / We are {guests} people and want a table on {day}. / "
        "Reserve a table on {day} for {guests}. / Table for {guests}, {day}, please. / I need a "
        "table for {guests} guests on {day}. / On {day} we want to eat out. We are {guests}. / "
        "Please book a table on {day} for {guests} people. / We want to have dinner on {day}, "
        "{guests} of us. / Get us a table for {guests} on {day}. / {day}, {guests} people: please "
        "reserve a table. / Is there a table for {guests} on {day}? Book it. / I would like a "
        "table for {guests} on {day}. / Can you reserve for {guests} on {day}?",
        {"table": COUNT},
        "Table {table} is booked for {guests} on {day}.",
    ),
    _tool(
        "find_recipe search_recipe recipe_lookup get_recipe recipe_search recipes cook_book "
        "show_recipe recipe_finder",
        "Find a recipe. / Shows how a dish is cooked. / Recipe search.",
        {"dish|food|meal|recipe|what|dish_name": FOODS},
        "Find a recipe for {dish}. / I want to cook {dish}. / Look up how {dish} is made. / Is "
        "there a recipe for {dish}? / recipe {dish} / Search for a {dish} recipe. / How do I make "
        "{dish}? / Get me a recipe for {dish}. / I need a good recipe for {dish}. / Show me how to "
        "cook {dish}. / Today I want to make {dish}. / Do you have a recipe for {dish}? / Please "
        "find out how to make {dish}.",
        {"minutes": range(10, 90), "recipes": COUNT},
        "I found {recipes} recipes for {dish}; the first takes {minutes} minutes.",
    ),
    _tool(
        "translate_word translate translation get_translation word_translate translator "
        "to_language dictionary translate_text",
        "Translate a word. / Gives a word in another language. / Translation of a word.",
        {
            "word|text|term|phrase|source_word|input": WORDS,
            "language|target|to|into|target_language|lang": LANGUAGES,
        },
        "Translate {word} into {language}. / What is {word} in {language}? / How do you say {word} "
        "in {language}? / {word} in {language}, please. / I need the {language} word for {word}. / "
        "Give me {word} in {language}. / Say {word} in {language}. / What do they call {word} in "
        "{language}? / I want to say {word} in {language}. / Which {language} word means {word}? / "
        "Translate this into {language}: {word} / Please put {word} into {language}. / Look up "
        "{word} in {language}.",
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
        "get_stock_price stock_price share_price quote_stock stock_lookup check_stock stock_quote "
        "share_lookup market_price",
        "Get the price of a share. / Tells what a share costs. / Share price by company.",
        {"company|stock|firm|name|company_name|share": STOCKS},
        "What is the share price of {company}? / How is {company} doing on the stock market? / "
        "stock price {company} / How much is one {company} share? / Tell me the price of {company} "
        "shares. / Look up the stock of {company}. / What does a share of {company} cost? / Check "
        "the stock of {company}. / What is {company} worth on the stock market? / Show me the "
        "{company} share price. / I own shares of {company}. What is the price? / Get the stock "
        "price for {company}. / Price of one {company} share, please.",
        {"price": range(3, 400)},
        "One share of {company} costs {price} euros.",
    ),
    _tool(
        "find_train search_train train_times next_train train_search train_lookup train_connection "
        "rail_search get_train",
        "Find the next train. / Looks up trains between two cities. / Train times.",
        {
            "from|start|origin|departure|from_city|leave_from": CITIES,
            "to|goal|destination|arrival|to_city|go_to": CITIES,
        },
        "When does the next train go from {from} to {to}? / Find a train from {from} to {to}. / I "
        "want to go by train from {from} to {to}. / next train {from} {to} / I am in {from} and "
        "need a train to {to}. / Train from {from} to {to}, please. / Is there a train from {from} "
        "to {to}? / Look up the train from {from} to {to}. / How do I get from {from} to {to} by "
        "train? / Show me the next train from {from} to {to}. / I have to go to {to} from {from} "
        "by train. / Which train goes from {from} to {to}? / Please check trains from {from} to "
        "{to}.",
        {"time": TIMES, "platform": range(1, 20)},
        "The next train to {to} leaves at {time} from platform {platform}.",
    ),
    _tool(
        "book_hotel reserve_hotel hotel_booking reserve_room hotel_reserve get_hotel book_room "
        "hotel_stay find_hotel",
        "Book a hotel. / Reserves a hotel room in a city. / Hotel by city and nights.",
        {
            "city|location|place|town|where|city_name": CITIES,
            "nights|duration|stay|number_of_nights|length|how_long": tuple(range(2, 30)),
        },
        "Book a hotel in {city} for {nights} nights. / I need a room in {city} for {nights} "
        "nights. / Hotel in {city}, {nights} nights, please. / We stay {nights} nights in {city}. "
        "Book us a hotel. / Reserve {nights} nights in {city}. / Find me a bed in {city} for "
        "{nights} nights. / I would like a hotel in {city} for {nights} nights. / Get me a hotel "
        "for {nights} nights in {city}. / {nights} nights in {city}; book a hotel, please. / Can "
        "you reserve a room in {city} for {nights} nights? / We need {nights} nights in {city}. / "
        "Reserve a hotel room in {city}, {nights} nights. / I will be in {city} for {nights} "
        "nights and need a hotel.",
        {"price": range(40, 900)},
        "Your hotel in {city} is booked for {nights} nights at {price} euros.",
    ),
    _tool(
        "get_time time_in local_time current_time city_time clock_time check_time time_lookup "
        "world_clock",
        "Get the time in a city. / Tells what time it is in a place. / Local time by city.",
        {"city|location|place|town|where|city_name": CITIES},
        "What time is it in {city}? / Tell me the time in {city}. / time in {city} / How late is "
        "it in {city}? / What does the clock say in {city}? / I want to know the local time in "
        "{city}. / What is the time in {city}? / Is it late in {city}? / Check the time in {city}. "
        "/ Show me the clock in {city}. / Please tell me how late it is in {city}. / {city}: what "
        "time is it? / What time do they have in {city} now?",
        {"time": TIMES},
        "It is {time} in {city}.",
    ),
    _tool(
        "order_taxi call_taxi book_taxi get_taxi taxi_booking request_taxi taxi_order cab "
        "send_taxi",
        "Order a taxi. / Sends a taxi at a time. / Taxi by place and time.",
        {
            "to|destination|goal|place|drop_off|to_city": CITIES,
            "time|at|pickup|when|pickup_time|hour": TIMES,
        },
        "Order a taxi to {to} at {time}. / I need a taxi at {time} to {to}. / Taxi to {to}, "
        "{time}, please. / Get me a cab to {to} at {time}. / A car should take me to {to} at "
        "{time}. / Book a taxi for {time} to {to}. / Send a taxi at {time}; I am going to {to}. / "
        "Book me a cab to {to} for {time}. / At {time} I need a ride to {to}. / I have to be "
        "driven to {to} at {time}. / Please get a taxi for {time}, destination {to}. / Can a taxi "
        "pick me up at {time} for {to}? / Order a car to {to}, {time}.",
        {"minutes": range(2, 60)},
        "Your taxi to {to} comes at {time}; the ride takes {minutes} minutes.",
    ),
    _tool(
        "add_to_list shopping_list list_add add_item append_item put_on_list shopping_add "
        "list_item buy_list",
        "Add an item to the shopping list. / Notes things to buy. / Shopping list entry.",
        {
            "item|product|thing|name|what|article": ITEMS,
            "count|amount|number|quantity|how_many|pieces": COUNT,
        },
        "Put {count} {item} on the shopping list. / Add {count} {item} to my list. / We need "
        "{count} {item}; note it on the list. / Shopping list: {count} {item} / I have to buy "
        "{count} {item}. Add them to the list. / Write {count} {item} on the list. / Note {count} "
        "{item} for the next shopping trip. / Please add {count} {item}. / {count} {item} should "
        "go on the list. / Do not forget {count} {item} on the shopping list. / Can you write down "
        "{count} {item}? / I want to buy {count} {item}; put them on the list. / The list needs "
        "{count} {item}.",
        _DONE,
        "I put {count} {item} on the list.",
    ),
    _tool(
        "track_order order_status find_order check_order order_track parcel_status order_lookup "
        "where_is_order follow_order",
        "Check an order. / Says where an order is. / Order status by number.",
        {"order|number|id|order_number|order_id|reference": tuple(range(1000, 9999, 7))},
        "Where is my order {order}? / Track order {order}. / What about order number {order}? / "
        "Has order {order} been sent? / Check the order {order}, please. / order {order} status / "
        "Tell me about order {order}. / Look up order {order}. / When does order {order} come? / I "
        "am waiting for order {order}. / What is the status of order {order}? / My order number is "
        "{order}. Where is it? / Please follow up on order {order}.",
        {"state": ("on the way", "delivered", "delayed", "packed", "cancelled")},
        "Order {order} is {state}.",
    ),
    _tool(
        "calculate calculator do_math evaluate multiply times product compute calc",
        "Multiply two numbers. / Gives the product of two numbers. / Multiplication.",
        {"a|first|x|left|number|one": PRICE, "b|second|y|right|factor|two": PRICE},
        "Use the calculator: {a} times {b} / Multiply {a} by {b} with the tool. / What is {a} "
        "times {b}? / {a} times {b}, please use the calculator. / How much is {a} times {b}? / I "
        "need the product of {a} and {b}. / Please multiply {a} and {b}. / Use a tool to find {a} "
        "times {b}. / Find the product of {a} and {b}. / Calculate {a} times {b}. / What do I get "
        "for {a} times {b}? / Work out {a} times {b} with the tool. / {a} times {b} is how much?",
        {"result": range(500, 9999)},
        "{a} times {b} is {result}.",
    ),
    _tool(
        "find_book search_book library_search book_lookup library_books search_library books_by "
        "author_search list_books",
        "Search the library. / Finds books of an author. / Library search by author.",
        {"author|writer|by|name|author_name|who": NAMES},
        "Which books by {author} do you have? / Find books by {author}. / Search the library for "
        "{author}. / I want to read something by {author}. / Look for the author {author}. / Are "
        "there any books by {author}? / What did {author} write? / List the books of {author}. / "
        "Do you have anything by {author}? / Show me the books that {author} wrote. / I am looking "
        "for books by {author}. / Search for the writer {author}. / Does the library have "
        "{author}?",
        {"books": COUNT},
        "There are {books} books by {author}.",
    ),
    _tool(
        "get_contact find_contact phone_number look_up_number contact_lookup find_number "
        "phone_book get_number search_contacts",
        "Look up a phone number. / Gives the phone number of a person. / Contact search by name.",
        {"name|person|contact|who|contact_name|full_name": NAMES},
        "What is the phone number of {name}? / Look up the number of {name}. / I need {name}'s "
        "number. / Find {name} in the contacts. / number of {name}, please / How can I reach "
        "{name} by phone? / Do you have {name}'s number? / Give me the number of {name}. / Which "
        "number does {name} have? / Find out {name}'s phone number. / Look {name} up in the phone "
        "book. / I want the phone number of {name}. / Please get me {name}'s number.",
        {"number": range(10000, 99999, 13)},
        "The number of {name} is {number}.",
    ),
    _tool(
        "get_news read_news news_about news_search latest_news",
        "Get the news on a topic. / Reads the latest news.",
        {"topic|subject|about|theme": SUBJECTS},
        "What is new about {topic}? / Give me the news on {topic}. / Read me the news about "
        "{topic}. / news about {topic} / Is there any news on {topic}? / I want to read the news "
        "about {topic}. / Find the latest news on {topic}. / Has anything happened with {topic}? / "
        "Search the news for {topic}. / Show me news articles about {topic}.",
        {"articles": COUNT},
        "I found {articles} articles about {topic}.",
    ),
    _tool(
        "measure_distance get_distance distance how_far route_length",
        "Get the distance between two cities. / Distance in kilometres.",
        {"from|start|first_city|origin": CITIES, "to|end|second_city|target": CITIES},
        "How far is it from {from} to {to}? / What is the distance from {from} to {to}? / Distance "
        "from {from} to {to}, please. / How many kilometres is it from {from} to {to}? / Tell me "
        "how far {to} is from {from}. / I drive from {from} to {to}. How far is that? / Measure "
        "the way from {from} to {to}. / Work out the distance from {from} to {to}. / Is it far "
        "from {from} to {to}? / What is the length of the way from {from} to {to}?",
        {"kilometres": range(20, 9000)},
        "It is {kilometres} kilometres from {from} to {to}.",
    ),
    _tool(
        "save_note take_note note_down write_note new_note",
        "Save a short note. / Notebook entry.",
        {"text|note|content|words": TEXTS},
        "Write down: {text} / Take a note: {text} / Save this note: {text} / Note: {text} / Please "
        "put this in my notes: {text} / Keep this in the notebook: {text} / I want to note this: "
        "{text} / Make a note that says: {text} / New note: {text} / Add a note with the words: "
        "{text}",
        _DONE,
        "I saved the note: {text}.",
    ),
    _tool(
        "rate_song like_song give_stars song_rating rate_track",
        "Rate a song with stars. / Stars for a song.",
        {"song|title|track|name": SONGS, "stars|rating|points|score": tuple(range(1, 11))},
        "Give {song} {stars} stars. / I rate {song} with {stars} stars. / {stars} stars for "
        "{song}, please. / Rate the song {song}: {stars} stars. / {song} gets {stars} stars from "
        "me. / My rating for {song} is {stars} stars. / Please save {stars} stars for {song}. / "
        "For {song} I give {stars} stars. / The song {song} is worth {stars} stars. / Put down "
        "{stars} stars for the song {song}.",
        _DONE,
        "{song} now has {stars} stars.",
    ),
    _tool(
        "check_stock_level stock_count items_left inventory count_items",
        "Count an item in the store room. / Stock of an item.",
        {"item|article|product|goods": ITEMS},
        "How many {item} are left? / How many {item} do we have? / Check the stock of {item}. / "
        "Are there any {item} in the store room? / Count the {item}, please. / Do we have enough "
        "{item}? / stock of {item} / Tell me how many {item} we have. / Look up how many {item} "
        "are in stock. / Do we still have {item}?",
        {"left": range(1, 400)},
        "There are {left} {item} left.",
    ),
    _tool(
        "pay_bill send_money transfer pay_person make_payment",
        "Send money to a person. / Payment by name.",
        {"to|recipient|person|payee": NAMES, "amount|sum|euros|value": PRICE},
        "Send {to} {amount} euros. / Pay {to} {amount} euros. / Transfer {amount} euros to {to}. / "
        "I owe {to} {amount} euros. Please pay. / {to} gets {amount} euros from me. / Please give "
        "{to} {amount} euros. / Make a payment of {amount} euros to {to}. / {amount} euros to "
        "{to}, please. / Can you send {amount} euros to {to}? / I want to pay {to} {amount} euros.",
        _DONE,
        "I sent {amount} euros to {to}.",
    ),
    _tool(
        "start_machine run_machine appliance_on start_device switch_on",
        "Start a machine in a room. / Machine control.",
        {"machine|device|appliance|thing": MACHINES, "room|place|where|location": ROOMS},
        "Start the {machine} in the {room}. / Turn on the {machine} in the {room}. / Switch on the "
        "{machine} in the {room}, please. / The {machine} in the {room} should run now. / Let the "
        "{machine} in the {room} run. / Can you start the {machine} in the {room}? / {machine} on "
        "in the {room} / I want the {machine} in the {room} to start. / Please run the {machine} "
        "in the {room}. / In the {room}, start the {machine}.",
        _DONE,
        "The {machine} in the {room} is running.",
    ),
    _tool(
        "book_flight find_flight flight_search get_flight reserve_flight",
        "Book a flight to a city on a day. / Flight by city and day.",
        {"to|destination|city|fly_to": CITIES, "day|date|when|on": DAYS},
        "Book a flight to {to} on {day}. / I want to fly to {to} on {day}. / Find me a flight on "
        "{day} to {to}. / Flight to {to}, {day}, please. / On {day} I have to fly to {to}. / Get "
        "me on a plane to {to} on {day}. / Is there a flight to {to} on {day}? Book it. / I need a "
        "flight to {to} for {day}. / Please reserve a flight on {day} to {to}. / Can I fly to {to} "
        "on {day}?",
        {"price": range(30, 900), "time": TIMES},
        "Your flight to {to} leaves on {day} at {time} and costs {price} euros.",
    ),
    _tool(
        "define_word word_meaning lookup_word explain_word meaning",
        "Explain what a word means. / Meaning of a word.",
        {"word|term|entry|text": WORDS},
        "What does {word} mean? / Define {word}. / Look up the meaning of {word}. / Explain the "
        "word {word}. / What is the meaning of {word}? / Find {word} in the dictionary. / Tell me "
        "what {word} means. / I do not know the word {word}. / meaning of {word} / Please define "
        "the word {word}.",
        {"entries": range(1, 30)},
        "I found {entries} entries for {word}.",
    ),
    _tool(
        "find_job job_search search_jobs open_jobs job_lookup",
        "Search for jobs in a city. / Jobs by city.",
        {"job|work|role|position": ROLES, "city|place|location|where": CITIES},
        "Find a job as {job} in {city}. / I want to work as {job} in {city}. / Are there jobs as "
        "{job} in {city}? / Search for work as {job} in {city}. / Look for a position as {job} in "
        "{city}. / Jobs as {job} in {city}, please. / Does anyone in {city} need help from a "
        "{job}? / I am a {job} and look for work in {city}. / Show me {city} jobs for a {job}. / "
        "Which firms in {city} want a {job}?",
        {"jobs": COUNT},
        "I found {jobs} jobs as {job} in {city}.",
    ),
    _tool(
        "add_guest invite guest_list invite_person put_guest",
        "Put a person on the guest list. / Guest for an event.",
        {"name|guest|person|who": NAMES, "event|title|occasion|party": EVENTS},
        "Invite {name}: {event}. / Put {name} on the guest list for {event}. / Add {name} to the "
        "guests of {event}. / {name} comes too: {event}. / Please invite {name} for {event}. / New "
        "guest for {event}: {name} / For {event} I want to invite {name}. / Write {name} on the "
        "list for {event}. / {name} is a guest at {event}; note that. / Guest list of {event}: add "
        "{name}.",
        _DONE,
        "{name} is on the guest list for {event}.",
    ),
    _tool(
        "water_plants water_garden start_sprinkler sprinkler irrigate",
        "Water the plants for some minutes. / Sprinkler control.",
        {"minutes|duration|how_long|length": COUNT},
        "Water the plants for {minutes} minutes. / Give the garden {minutes} minutes of water. / "
        "Run the sprinkler for {minutes} minutes. / Sprinkler on for {minutes} minutes, please. / "
        "The flowers need water for {minutes} minutes. / Please water the garden, {minutes} "
        "minutes. / Let the sprinkler run {minutes} minutes. / Can you water the lawn for "
        "{minutes} minutes? / {minutes} minutes of water for the plants / Start the sprinkler: "
        "{minutes} minutes.",
        _DONE,
        "The plants get water for {minutes} minutes.",
    ),
    _tool(
        "close_account delete_profile remove_user drop_user user_delete",
        "Remove a user by number. / User removal.",
        {"user|user_id|number|id": tuple(range(100, 9999, 7))},
        "Remove user {user}. / Delete the user with number {user}. / User {user} has left; remove "
        "the account. / Please close the account of user {user}. / Take user {user} off the "
        "system. / Account {user} can be closed. / Drop user number {user}. / We no longer need "
        "user {user}. / Can you remove user {user}? / Close account {user}, please.",
        _DONE,
        "User {user} is removed.",
    ),
    _tool(
        "set_volume volume change_volume loudness sound_level",
        "Set the volume of the speaker. / Volume in percent.",
        {"level|volume|percent|value": COUNT},
        "Set the volume to {level}. / Volume {level}, please. / Make the music {level} percent "
        "loud. / Turn the sound to {level}. / Put the speaker at {level} percent. / Change the "
        "volume to {level}. / The sound should be at {level}. / I want the volume at {level} "
        "percent. / volume to {level} / Can you turn the volume to {level}?",
        _DONE,
        "The volume is at {level}.",
    ),
)
