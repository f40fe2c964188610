"""The tools: their names, what they are for, how they are asked for and what they answer."""

from typing import Final

from lexicon import CITIES, DAYS, NAMES
from world.words.more_tools import MORE_TOOLS
from world.words.tool import DONE, Tool, tool
from world.words.tool_slots import (
    COUNT,
    CURRENCIES,
    EVENTS,
    FOODS,
    ITEMS,
    LANGUAGES,
    PRICE,
    ROOMS,
    SONGS,
    STOCKS,
    SUBJECTS,
    TEXTS,
    TIMES,
    WORDS,
)

__all__ = ["TOOLS", "Tool"]

TOOLS: Final = (
    tool(
        "get_weather fetch_weather weather_report current_weather weather_now check_weather "
        "weather_lookup show_weather city_weather weather_info forecast sky_report",
        "Get the weather for a city. / Tells how the weather is in a place. / Weather by city. / "
        "Says if it rains or shines somewhere. / Current temperature and sky of a town. / Looks up "
        "sun, rain and wind. / Local weather report.",
        {"city|location|place|town|where|city_name": CITIES},
        "What is the weather in {city}? / How is the weather in {city} today? / Is it cold in "
        "{city}? / weather {city} / Tell me the weather for {city}. / Do I need a coat in {city}? "
        "/ I am off to {city}. What is the weather like? / Is it warm in {city}? / How warm is it "
        "in {city}? / Can I go out without a coat in {city}? / Show me the weather in {city}. / I "
        "would like to know the weather in {city}. / Check the weather for {city}, please. / "
        "{city}: how is the weather? / Is it raining in {city} now? / Will I get wet in {city}? / "
        "is it sunny in {city} / what's it like outside in {city} / Does it snow in {city} at the "
        "moment? / Give me a weather report for {city}. / How many degrees is it in {city}? / I "
        "wonder if it is windy in {city}. / Should I take an umbrella to {city}? / In {city}, is "
        "the sun out? / Weather report, {city}, please. / Could you look up the weather in {city} "
        "for me? / What temperature do they have in {city}?",
        {"sky": ("sunny", "cloudy", "rainy", "windy", "foggy", "clear"), "degrees": range(1, 36)},
        "It is {sky} in {city} with {degrees} degrees.",
    ),
    tool(
        "send_email write_email email_person mail_to new_email email_send compose_email post_mail "
        "send_mail email_to mailer dispatch_email",
        "Send an email. / Writes an email to a person. / Email by name and subject. / Mails "
        "someone about a topic. / Sends electronic mail with a subject line. / Composes a mail and "
        "sends it off. / Electronic letter to somebody.",
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
        "email about {subject}. / email to {to} about {subject} / {subject} needs to go to {to} by "
        "email. / Get an email on {subject} out to {to}. / mail {to} re {subject} / About "
        "{subject}: please email {to}. / Would you mail {to} with the subject {subject}? / {to} is "
        "waiting for my email about {subject}. Send it. / Compose an email with the subject "
        "{subject} for {to}. / I have to email {to}; the topic is {subject}. / With {subject} as "
        "subject, send {to} an email. / An email about {subject} should go to {to}. / please shoot "
        "{to} an email about {subject} / Inform {to} of {subject} in an email.",
        DONE,
        "I sent {to} an email about {subject}.",
    ),
    tool(
        "set_timer start_timer timer new_timer timer_start run_timer countdown begin_timer "
        "kitchen_timer timer_set egg_timer time_minutes",
        "Start a timer. / Counts down some minutes. / Timer in minutes. / Rings after a number of "
        "minutes. / Begins a countdown. / Beeps when the time is up. / Clock that runs down to "
        "zero.",
        {"minutes|duration|length|mins|time|amount": COUNT},
        "Set a timer for {minutes} minutes. / Start a timer: {minutes} minutes. / timer {minutes} "
        "min / Wake me in {minutes} minutes. / Please count down {minutes} minutes. / I need a "
        "timer of {minutes} minutes. / Tell me when {minutes} minutes are over. / The eggs need "
        "{minutes} minutes. Set a timer. / Timer for {minutes} minutes, please. / Give me "
        "{minutes} minutes on the timer. / Can you time {minutes} minutes? / Let the timer run for "
        "{minutes} minutes. / {minutes} minutes on the clock, please. / set timer {minutes} "
        "minutes / Could you start a {minutes} minute timer? / My tea takes {minutes} minutes; "
        "start the timer. / Beep after {minutes} minutes. / {minutes} minute countdown / In "
        "{minutes} minutes, let the timer beep. / I have {minutes} minutes for this. Start the "
        "countdown. / The cake is in the oven for {minutes} minutes; time it. / Let me know once "
        "{minutes} minutes have passed. / Begin a countdown of {minutes} minutes now. / count "
        "{minutes} minutes for me / A timer would help: {minutes} minutes. / Would you ring in "
        "{minutes} minutes?",
        DONE,
        "The timer is set for {minutes} minutes.",
    ),
    tool(
        "search_products find_products shop_search product_lookup product_search find_item "
        "shop_lookup search_shop browse_products store_search catalogue_search goods_finder",
        "Search the shop. / Finds goods in the shop up to a price. / Product search. / Looks for "
        "articles below a price. / Lists what the store sells for a budget. / Finds offers for an "
        "item. / Searches goods by name and highest price.",
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
        "euros? / {query} under {max_price} euros / i need {query}, max {max_price} euros / Which "
        "{query} cost less than {max_price} euros? / My budget for {query} is {max_price} euros. / "
        "What offers are there on {query} below {max_price} euros? / With {max_price} euros, which "
        "{query} can I afford? / Are any {query} on sale for under {max_price} euros? / For "
        "{max_price} euros or less, find me {query}. / Browse {query} that cost up to {max_price} "
        "euros. / Show cheap {query}, {max_price} euros or less. / I only have {max_price} euros. "
        "Do you have {query}? / Could you look in the shop for {query} under {max_price}? / Price "
        "limit {max_price} euros: find {query}.",
        {"found": COUNT, "cheapest": range(2, 90)},
        "I found {found} {query}; the cheapest costs {cheapest} euros.",
    ),
    tool(
        "convert_currency exchange currency_converter change_money currency_exchange convert_money "
        "money_converter currency_convert exchange_money fx_convert currency_calc to_currency",
        "Convert money. / Turns a sum of one currency into another. / Currency conversion. / "
        "Changes an amount into other money. / Calculates an amount in foreign money. / Exchange "
        "rate calculator. / Works out what money is worth abroad.",
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
        "what {amount} {from} is worth in {to}. / Work out {amount} {from} in {to}. / money: "
        "{amount} {from} to {to} / what's {amount} {from} in {to} / If I change {amount} {from}, "
        "how many {to} do I get? / In {to}, how much is {amount} {from}? / The price is {amount} "
        "{from}. What is that in {to}? / I would like to change {amount} {from} to {to}. / Could "
        "you convert {amount} {from} into {to} for me? / {amount} {from} makes how much in {to}? / "
        "I got {amount} {from} and want {to} for it. / Swap {amount} {from} for {to}. / Show me "
        "the value of {amount} {from} in {to}. / Give me {amount} {from} as {to}. / My hotel costs "
        "{amount} {from}; say it in {to}.",
        {"result": range(2, 900)},
        "{amount} {from} is {result} {to}.",
    ),
    tool(
        "add_event create_event new_event calendar_add calendar_event make_event schedule_event "
        "book_event plan_event event_add put_in_calendar save_event",
        "Add an event to the calendar. / Puts an event on a day. / New calendar entry. / Enters a "
        "date in the diary. / Saves an appointment in the planner. / Writes an event into the "
        "calendar. / Stores what happens on a day.",
        {"title|event|name|what|label": EVENTS, "day|date|when|weekday|on|on_day": DAYS},
        "Add {title} to my calendar on {day}. / Put {title} in the calendar for {day}. / I have "
        "{title} on {day}. Please note it in my calendar. / Plan {title} for {day}. / New event: "
        "{title}, {day}. / Please enter {title} on {day}. / Schedule {title} on {day}. / Note "
        "{title} for {day}. / Can you put {title} on {day}? / My calendar needs {title} on {day}. "
        "/ {day}: {title}. Please save it. / Save the event {title} for {day}. / There is {title} "
        "on {day}; add it to the calendar. / add {title} on {day} to the calendar / {title} is on "
        "{day}; put it in my diary. / Mark {day} for {title} in my calendar. / Block {day} in the "
        "calendar for {title}. / calendar: {title} on {day} / Could you add {title} to the "
        "calendar for {day}? / On {day} there is {title}. Enter it, please. / Write {title} into "
        "my diary for {day}. / Create an event called {title} on {day}. / I want {title} in my "
        "calendar, on {day}. / For {day}, add the event {title}. / Make a calendar entry for "
        "{day}: {title} / Please schedule {title}; {day} suits me.",
        DONE,
        "I added {title} on {day}.",
    ),
    tool(
        "play_song play_music start_song play_track song_player music_play start_music play_title "
        "queue_song song_play hear_song put_on_song",
        "Play a song. / Plays a song by its title. / Music player. / Starts a piece of music. / "
        "Lets you hear a track. / Puts on a tune. / Music by name.",
        {"title|song|track|name|song_title|piece": SONGS},
        "Play {title}. / I want to hear {title}. / Put on {title}, please. / Can you play the song "
        "{title}? / play {title} now / Let me listen to {title}. / Start the song {title}. / Let "
        "us hear {title}. / I would like to listen to {title}. / Please play the track {title}. / "
        "Next song: {title} / Turn on some music: {title}. / Could you put {title} on? / put "
        "{title} on / i feel like hearing {title} / Is {title} there? Play it. / My favourite song "
        "is {title}; play it. / Could I hear {title}, please? / Music, please: {title} / Would you "
        "play {title} for us? / {title}, please, and loud! / Let the speaker play {title}. / Start "
        "playing {title}. / I am in the mood for the song {title}. / We want to dance to {title}. "
        "/ Let the music begin with {title}.",
        DONE,
        "Now playing {title}.",
    ),
    tool(
        "turn_on_light light_on switch_on_light lamp_on lights_on room_light_on enable_light "
        "light_up start_light lamp_switch_on make_bright illuminate",
        "Turn on the light in a room. / Switches on the lamp of a room. / Light on. / Makes a room "
        "bright. / Lights up a room. / Gives light where it is dark. / Puts the lamp on.",
        {"room|place|area|where|location|room_name": ROOMS},
        "Turn on the light in the {room}. / It is dark in the {room}. / Light on in the {room}, "
        "please. / Switch on the {room} light. / Can you light up the {room}? / {room} light on / "
        "I need light in the {room}. / Please turn the {room} light on. / Make it bright in the "
        "{room}. / Put on the light in the {room}. / Can you switch on the lamp in the {room}? / "
        "Lights on in the {room}! / The {room} should be lit. / put a light on in the {room} / I "
        "can't see anything in the {room}. / Could we have some light in the {room}? / In the "
        "{room} it is too dark; switch the lamp on. / Brighten up the {room}. / The {room} needs "
        "light. / Would you put the lamp on in the {room}? / {room}: light on, please. / I am "
        "going into the {room}; turn the light on. / turn on {room} lamp / Let there be light in "
        "the {room}. / I want the lamp in the {room} on. / Switch the lights in the {room} on.",
        DONE,
        "The light in the {room} is on.",
    ),
    tool(
        "turn_off_light light_off switch_off_light lamp_off lights_off room_light_off "
        "disable_light light_out stop_light lamp_switch_off make_dark darken_room",
        "Turn off the light in a room. / Switches off the lamp of a room. / Light off. / Makes a "
        "room dark. / Puts out the lamp in a room. / Ends the light somewhere. / Saves power by "
        "switching a lamp off.",
        {"room|place|area|where|location|room_name": ROOMS},
        "Turn off the light in the {room}. / Lights out in the {room}. / Light off in the {room}, "
        "please. / Switch off the {room} light. / Nobody is in the {room}; put the light out. / "
        "{room} light off / No light in the {room}, please. / Please turn the {room} light off. / "
        "Make it dark in the {room}. / Put out the light in the {room}. / Can you switch off the "
        "lamp in the {room}? / I am done in the {room}; turn off the light. / The {room} does not "
        "need light now. / no more light in the {room} please / It is too bright in the {room}; "
        "turn the lamp off. / The lamp in the {room} is still on. Switch it off. / Could you put "
        "out the lights in the {room}? / We left the {room}, so lights off please. / turn off "
        "{room} lamp / {room}: light off, please. / I am going to sleep; no more light in the "
        "{room}. / Did I leave the light on in the {room}? Turn it off. / The {room} should be "
        "dark. / Cut the lights in the {room}. / Switch the lights in the {room} off. / In the "
        "{room} the light can go off.",
        DONE,
        "The light in the {room} is off.",
    ),
    tool(
        "set_temperature heat_room set_heating thermostat room_temperature change_temperature "
        "heating adjust_heating warm_room climate_control set_degrees heater_control",
        "Set the temperature of a room. / Heats a room to some degrees. / Heating control. / Makes "
        "a room warmer or cooler. / Adjusts how warm a room is. / Thermostat by room. / Regulates "
        "the warmth of a room.",
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
        "the {room} be {degrees} degrees. / {room} {degrees} degrees / set heating in {room} to "
        "{degrees} degrees / It is cold in the {room}; heat it to {degrees} degrees. / Could the "
        "{room} be {degrees} degrees? / Warm up the {room} to {degrees} degrees. / Adjust the "
        "thermostat in the {room} to {degrees} degrees. / {degrees} degrees would be nice in the "
        "{room}. / Put the heating on {degrees} degrees in the {room}. / In the {room} I like "
        "{degrees} degrees. / Would you set the {room} thermostat at {degrees} degrees? / I feel "
        "cold. Get the {room} up to {degrees} degrees. / Let it be {degrees} degrees warm in the "
        "{room}. / The {room} heating goes to {degrees} degrees.",
        DONE,
        "The {room} is set to {degrees} degrees.",
    ),
    tool(
        "set_alarm new_alarm alarm_clock create_alarm alarm_set wake_up_call start_alarm wake_me "
        "add_alarm alarm_at alarm_new ring_alarm",
        "Set an alarm. / Rings at a time. / Alarm by time of day. / Wakes you up in the morning. / "
        "Sets the clock to ring. / Makes a wake-up call. / Alarm clock that rings at an hour.",
        {"time|at|hour|when|clock_time|ring_at": TIMES},
        "Set an alarm for {time}. / Wake me up at {time}. / alarm at {time} / I have to get up at "
        "{time}. Set the alarm. / Please ring at {time}. / Alarm for {time}, please. / I want to "
        "wake up at {time}. / Make an alarm for {time}. / Can you wake me at {time}? / Let the "
        "alarm ring at {time}. / New alarm: {time}. / My day starts at {time}; set an alarm. / "
        "{time} alarm, please. / set alarm {time} / wake me {time} please / I must be up by "
        "{time}. / Could you wake me up at {time}? / Get me out of bed at {time}. / My alarm clock "
        "should ring at {time}. / At {time} I have to be awake. / Tomorrow I get up at {time}; "
        "wake me. / I need an alarm at {time}. / Don't let me sleep longer than {time}. / Put the "
        "alarm clock on {time}. / Would you set the alarm clock to {time}? / Ring the alarm at "
        "{time}.",
        DONE,
        "The alarm is set for {time}.",
    ),
    tool(
        "add_reminder remind create_reminder remember reminder_add set_reminder new_reminder "
        "note_reminder save_reminder remind_me reminder_new dont_forget",
        "Save a reminder. / Reminds you of a task on a day. / Reminder by day. / Tells you on a "
        "day what to do. / Helps you not to forget something. / Keeps a task in mind for later. / "
        "Sends a reminder when the day comes.",
        {"text|task|note|reminder|what|content": TEXTS, "day|date|when|weekday|on|on_day": DAYS},
        "Remind me to {text} on {day}. / On {day} I have to {text}. Remind me. / Reminder for "
        "{day}: {text}. / Do not let me forget to {text} on {day}. / Please remind me on {day} to "
        "{text}. / I must {text} on {day}; set a reminder. / Set a reminder to {text} on {day}. / "
        "{day}: remind me to {text}. / I need a reminder on {day} to {text}. / Can you remind me "
        "on {day} that I must {text}? / Make a note that I should {text} on {day}. / Help me "
        "remember to {text} on {day}. / I want to {text} on {day}. Save a reminder. / remind me "
        "{day}: {text} / {day} reminder: {text} / Could you remind me to {text} on {day}? / I "
        "always forget to {text}. Remind me on {day}. / On {day}, remind me that I have to {text}. "
        "/ Don't let me forget: {text} on {day}. / I need to remember to {text} on {day}. / When "
        "{day} comes, remind me to {text}. / Add a reminder for {day} to {text}. / Would you "
        "remind me to {text}? It is for {day}. / Create a reminder: {text}, {day}. / Tell me on "
        "{day} that I have to {text}. / Please make sure I remember to {text} on {day}.",
        DONE,
        "I will remind you to {text} on {day}.",
    ),
    tool(
        "call_contact phone_call make_call dial start_call phone_person ring_up call_person "
        "place_call phone_contact call_up telephone",
        "Call a person. / Phones someone. / Phone call by name. / Rings somebody up. / Dials the "
        "number of someone you know. / Starts a telephone call. / Connects you with a person by "
        "phone.",
        {"name|contact|person|who|callee|contact_name": NAMES},
        "Call {name}. / Please phone {name}. / I want to talk to {name} on the phone. / Ring "
        "{name} for me. / Can you call {name}? / Dial {name}. / Get {name} on the phone. / Start a "
        "call with {name}. / Give {name} a ring. / I need to speak to {name}; please call. / Phone "
        "{name} now. / Make a call to {name}. / Could you ring {name}? / call {name} now / Can I "
        "talk to {name}? Call, please. / Put me through to {name}. / Connect me with {name}. / "
        "phone {name} please / Let me speak to {name} on the phone. / I have to phone {name}. / "
        "Would you call {name} for me? / Try calling {name}. / {name} is waiting for my call; dial "
        "now. / Time to give {name} a call. / I promised to ring {name}. Do it now. / Pick up the "
        "phone and call {name}.",
        DONE,
        "I am calling {name}.",
    ),
    tool(
        "send_message text_message send_sms message_person new_message sms post_message "
        "message_send write_message text_to send_text message_to",
        "Send a short message. / Sends a text to a person. / Message by name. / Texts someone. / "
        "Passes a few words on to a person. / Sends an SMS. / Chat message to somebody.",
        {
            "to|recipient|name|person|receiver|contact": NAMES,
            "text|message|body|content|words|note": TEXTS,
        },
        "Text {to}: {text} / Send a message to {to}: {text} / Tell {to} this in a message: {text} "
        "/ Message {to} with the words: {text} / Please send {to} this text: {text} / A short "
        "message for {to}: {text} / Write to {to}: {text} / New message to {to}: {text} / {to} "
        "should read this: {text} / Send {to} these words: {text} / Let {to} have this message: "
        "{text} / Text message for {to}: {text} / Please text {to}: {text} / text {to} {text} / "
        "message to {to}: {text} / Could you text {to} this: {text} / {to} needs a message from "
        'me: {text} / Let {to} know by text: {text} / SMS to {to}: {text} / Send "{text}" to {to} '
        "as a message. / Give {to} this message: {text} / I want to text {to}. The words are: "
        "{text} / Message {to} and say: {text} / With the words {text}, send {to} a text. / Pass "
        "this message on to {to}: {text} / Drop {to} a text that says: {text}",
        DONE,
        "I sent the message to {to}.",
    ),
    tool(
        "book_table reserve_table table_booking restaurant_booking book_restaurant dinner_booking "
        "table_reserve reserve_dinner get_table table_for reserve_seats dine_out",
        "Book a restaurant table. / Reserves a table for some guests. / Table booking by day. / "
        "Gets you seats in a restaurant. / Makes a dinner reservation. / Reserves places for "
        "eating out. / Table for a party of people.",
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
        "table for {guests} on {day}. / Can you reserve for {guests} on {day}? / table {day} "
        "{guests} people / book a table, {guests} people, {day} / Could we get a table for "
        "{guests} on {day}? / {guests} of us want to eat at the restaurant on {day}. / Make a "
        "dinner reservation for {guests} on {day}. / On {day} I need a table; we are {guests}. / A "
        "restaurant table for {day}, party of {guests}. / We will be {guests} for dinner on {day}. "
        "Reserve, please. / Please keep a table for {guests} people on {day}. / My friends and I, "
        "{guests} in all, want a table on {day}. / Do you have a free table on {day} for {guests} "
        "guests? / For {day}, reserve seats for {guests} at the restaurant. / I am taking {guests} "
        "people out to eat on {day}; book it.",
        {"table": COUNT},
        "Table {table} is booked for {guests} on {day}.",
    ),
    tool(
        "find_recipe search_recipe recipe_lookup get_recipe recipe_search recipes cook_book "
        "show_recipe recipe_finder how_to_cook dish_search recipe_for",
        "Find a recipe. / Shows how a dish is cooked. / Recipe search. / Says how to make a meal. "
        "/ Looks up cooking steps. / Searches the cookbook for a dish. / Instructions for cooking "
        "something.",
        {"dish|food|meal|recipe|what|dish_name": FOODS},
        "Find a recipe for {dish}. / I want to cook {dish}. / Look up how {dish} is made. / Is "
        "there a recipe for {dish}? / recipe {dish} / Search for a {dish} recipe. / How do I make "
        "{dish}? / Get me a recipe for {dish}. / I need a good recipe for {dish}. / Show me how to "
        "cook {dish}. / Today I want to make {dish}. / Do you have a recipe for {dish}? / Please "
        "find out how to make {dish}. / how to make {dish} / {dish} recipe please / How is {dish} "
        "cooked? / What do I need to cook {dish}? / Could you find me a way to make {dish}? / I "
        "have never cooked {dish}. How does it go? / Look in the cookbook for {dish}. / We are "
        "cooking {dish} tonight; find a recipe. / What goes into {dish}? / Give me cooking steps "
        "for {dish}. / For dinner I will cook {dish}. Show me a recipe. / Which recipes for {dish} "
        "are there? / Teach me to cook {dish}.",
        {"minutes": range(10, 90), "recipes": COUNT},
        "I found {recipes} recipes for {dish}; the first takes {minutes} minutes.",
    ),
    tool(
        "translate_word translate translation get_translation word_translate translator "
        "to_language dictionary translate_text in_language word_in foreign_word",
        "Translate a word. / Gives a word in another language. / Translation of a word. / Says a "
        "word in a foreign language. / Turns a word into another tongue. / Finds the foreign word "
        "for something. / Bilingual dictionary.",
        {
            "word|text|term|phrase|source_word|input": WORDS,
            "language|target|to|into|target_language|lang": LANGUAGES,
        },
        "Translate {word} into {language}. / What is {word} in {language}? / How do you say {word} "
        "in {language}? / {word} in {language}, please. / I need the {language} word for {word}. / "
        "Give me {word} in {language}. / Say {word} in {language}. / What do they call {word} in "
        "{language}? / I want to say {word} in {language}. / Which {language} word means {word}? / "
        "Translate this into {language}: {word} / Please put {word} into {language}. / Look up "
        "{word} in {language}. / {word} in {language} / translate {word} to {language} / How would "
        "{word} be in {language}? / What would a {language} speaker say for {word}? / In "
        "{language}, what is {word}? / Could you translate the word {word} into {language}? / My "
        "{language} teacher asks for the word {word}. / I forgot what {word} is in {language}. / "
        "Tell me the {language} for {word}. / I am learning {language}: how do I say {word}? / "
        "Find the {language} translation of {word}. / What is the {language} translation for "
        "{word}? / Turn {word} into {language}, please.",
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
    tool(
        "get_stock_price stock_price share_price quote_stock stock_lookup check_stock stock_quote "
        "share_lookup market_price shares price_of_share ticker",
        "Get the price of a share. / Tells what a share costs. / Share price by company. / Looks "
        "up a company on the stock market. / Tells the value of a stock. / Shows what shares are "
        "worth. / Market quote for a firm.",
        {"company|stock|firm|name|company_name|share": STOCKS},
        "What is the share price of {company}? / How is {company} doing on the stock market? / "
        "stock price {company} / How much is one {company} share? / Tell me the price of {company} "
        "shares. / Look up the stock of {company}. / What does a share of {company} cost? / Check "
        "the stock of {company}. / What is {company} worth on the stock market? / Show me the "
        "{company} share price. / I own shares of {company}. What is the price? / Get the stock "
        "price for {company}. / Price of one {company} share, please. / {company} share price / "
        "how much is {company} stock / Are {company} shares up or down? / What do {company} shares "
        "cost right now? / I might buy {company} shares. What is the price? / Could you check what "
        "{company} trades at? / For how much does {company} trade? / At what price are {company} "
        "shares? / Give me a stock quote for {company}. / Find out how much {company} stock costs. "
        "/ How high is the {company} share today? / Let me know the share price of {company}. / "
        "The price of {company} stock, please.",
        {"price": range(3, 400)},
        "One share of {company} costs {price} euros.",
    ),
    tool(
        "find_train search_train train_times next_train train_search train_lookup train_connection "
        "rail_search get_train trains_between rail_lookup timetable",
        "Find the next train. / Looks up trains between two cities. / Train times. / Says when a "
        "train leaves. / Gives the rail connection of two places. / Searches the railway "
        "timetable. / Next departure by rail.",
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
        "{to}. / train {from} to {to} / when is the next train from {from} to {to} / What trains "
        "run from {from} to {to}? / I am taking the train to {to}; I start in {from}. / By rail "
        "from {from} to {to}, please. / Could you find a train to {to} from {from}? / When can I "
        "leave {from} by train for {to}? / Show train times from {from} to {to}. / From {from}, "
        "when does a train leave for {to}? / I need to catch a train to {to} in {from}. / Does a "
        "train run between {from} and {to}? / Give me the railway connection from {from} to {to}. "
        "/ Which platform does the train from {from} to {to} use?",
        {"time": TIMES, "platform": range(1, 20)},
        "The next train to {to} leaves at {time} from platform {platform}.",
    ),
    tool(
        "book_hotel reserve_hotel hotel_booking reserve_room hotel_reserve get_hotel book_room "
        "hotel_stay find_hotel stay_in get_room hotel_room",
        "Book a hotel. / Reserves a hotel room in a city. / Hotel by city and nights. / Gets you a "
        "bed for the night. / Finds a place to sleep in a town. / Reserves a stay of some nights. "
        "/ Room booking for travellers.",
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
        "nights and need a hotel. / hotel {city} {nights} nights / book hotel in {city} for "
        "{nights} nights / Could you book me a room in {city}? It is for {nights} nights. / For "
        "{nights} nights I need a place to sleep in {city}. / We travel to {city} and need a hotel "
        "for {nights} nights. / A hotel room for {nights} nights in {city}, please. / Where can I "
        "sleep in {city} for {nights} nights? Book it. / Please arrange {nights} nights at a hotel "
        "in {city}. / In {city}, get us a hotel room for {nights} nights. / My trip to {city} "
        "takes {nights} nights; reserve a hotel. / Would you find us a hotel in {city}, {nights} "
        "nights? / I want to stay in {city} for {nights} nights. / Make a hotel reservation: "
        "{city}, {nights} nights.",
        {"price": range(40, 900)},
        "Your hotel in {city} is booked for {nights} nights at {price} euros.",
    ),
    tool(
        "get_time time_in local_time current_time city_time clock_time check_time time_lookup "
        "world_clock hour_in time_of what_time",
        "Get the time in a city. / Tells what time it is in a place. / Local time by city. / Says "
        "how late it is somewhere. / Shows the clock of a town. / Looks up the hour in a place. / "
        "Clock time around the world.",
        {"city|location|place|town|where|city_name": CITIES},
        "What time is it in {city}? / Tell me the time in {city}. / time in {city} / How late is "
        "it in {city}? / What does the clock say in {city}? / I want to know the local time in "
        "{city}. / What is the time in {city}? / Is it late in {city}? / Check the time in {city}. "
        "/ Show me the clock in {city}. / Please tell me how late it is in {city}. / {city}: what "
        "time is it? / What time do they have in {city} now? / time {city} / what's the time in "
        "{city} / Is it still morning in {city}? / In {city}, how late is it? / Could you tell me "
        "the local time in {city}? / My friend lives in {city}. What time is it there? / Which "
        "hour is it in {city}? / Is it night or day in {city}? / I want to phone someone in "
        "{city}; how late is it there? / Look up the current time in {city}. / Give me the local "
        "time of {city}. / What hour is it in {city} right now? / Show the time for {city}.",
        {"time": TIMES},
        "It is {time} in {city}.",
    ),
    tool(
        "order_taxi call_taxi book_taxi get_taxi taxi_booking request_taxi taxi_order cab "
        "send_taxi ride_to cab_order hail_cab",
        "Order a taxi. / Sends a taxi at a time. / Taxi by place and time. / Gets you a cab. / "
        "Books a ride with a driver. / Has a car pick you up. / Cab to a place at some hour.",
        {
            "to|destination|goal|place|drop_off|to_city": CITIES,
            "time|at|pickup|when|pickup_time|hour": TIMES,
        },
        "Order a taxi to {to} at {time}. / I need a taxi at {time} to {to}. / Taxi to {to}, "
        "{time}, please. / Get me a cab to {to} at {time}. / A car should take me to {to} at "
        "{time}. / Book a taxi for {time} to {to}. / Send a taxi at {time}; I am going to {to}. / "
        "Book me a cab to {to} for {time}. / At {time} I need a ride to {to}. / I have to be "
        "driven to {to} at {time}. / Please get a taxi for {time}, destination {to}. / Can a taxi "
        "pick me up at {time} for {to}? / Order a car to {to}, {time}. / taxi to {to} {time} / cab "
        "at {time} to {to} please / Could a cab bring me to {to} at {time}? / I want a taxi that "
        "goes to {to} at {time}. / My taxi to {to} should come at {time}. / At {time}, send a cab; "
        "we drive to {to}. / Pick me up at {time} by taxi and take me to {to}. / Would you call a "
        "taxi to {to} for {time}? / We need a cab for {to}, leaving at {time}. / Reserve a taxi "
        "for {time}. The ride goes to {to}. / Have a taxi wait at {time}; I must get to {to}. / Is "
        "there a taxi to {to} at {time}? Order it. / For {time}, get us a taxi to {to}.",
        {"minutes": range(2, 60)},
        "Your taxi to {to} comes at {time}; the ride takes {minutes} minutes.",
    ),
    tool(
        "add_to_list shopping_list list_add add_item append_item put_on_list shopping_add "
        "list_item buy_list to_buy grocery_list buy_later",
        "Add an item to the shopping list. / Notes things to buy. / Shopping list entry. / Writes "
        "down what to buy. / Puts goods on the list for the shop. / Remembers an article to buy. / "
        "List for the next shopping trip.",
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
        "{count} {item}. / shopping list {count} {item} / add {count} {item} to the shopping list "
        "/ We are out of {item}; put {count} on the shopping list. / Could you put {count} {item} "
        "on my shopping list? / On the shopping list, write {count} {item}. / Next time at the "
        "shop I need {count} {item}. Write it down. / List {count} {item} for shopping. / {item} "
        "are missing on the shopping list; add {count}. / My shopping list should have {count} "
        "{item}. / When we go shopping, we need {count} {item}. / Also put {item} on the list, "
        "{count} of them. / One more thing to buy: {count} {item} / Please note that we must buy "
        "{count} {item}.",
        DONE,
        "I put {count} {item} on the list.",
    ),
    tool(
        "track_order order_status find_order check_order order_track parcel_status order_lookup "
        "where_is_order follow_order parcel_tracking shipment delivery_status",
        "Check an order. / Says where an order is. / Order status by number. / Follows a parcel on "
        "its way. / Tells if a delivery has been sent. / Looks up a purchase by number. / State of "
        "a shipment.",
        {"order|number|id|order_number|order_id|reference": tuple(range(1000, 9999, 7))},
        "Where is my order {order}? / Track order {order}. / What about order number {order}? / "
        "Has order {order} been sent? / Check the order {order}, please. / order {order} status / "
        "Tell me about order {order}. / Look up order {order}. / When does order {order} come? / I "
        "am waiting for order {order}. / What is the status of order {order}? / My order number is "
        "{order}. Where is it? / Please follow up on order {order}. / where's order {order} / "
        "track {order} please / Did order {order} arrive yet? / Could you find out where order "
        "{order} is? / Is my parcel with the number {order} on its way? / How far along is order "
        "{order}? / When will the delivery {order} be here? / I ordered something; the number is "
        "{order}. Is it sent? / Any news of my order {order}? / Order {order} has not come. What "
        "happened? / The parcel {order} is late; check it. / For order {order}, tell me the "
        "delivery status. / What has become of order {order}?",
        {"state": ("on the way", "delivered", "delayed", "packed", "cancelled")},
        "Order {order} is {state}.",
    ),
    tool(
        "calculate calculator do_math evaluate multiply times product compute calc multiplication "
        "multiply_numbers find_product",
        "Multiply two numbers. / Gives the product of two numbers. / Multiplication. / Does times "
        "sums. / Multiplies one number by another. / Computes how much a times b is. / Calculator "
        "for products.",
        {"a|first|x|left|number|one": PRICE, "b|second|y|right|factor|two": PRICE},
        "Use the calculator: {a} times {b} / Multiply {a} by {b} with the tool. / What is {a} "
        "times {b}? / {a} times {b}, please use the calculator. / How much is {a} times {b}? / I "
        "need the product of {a} and {b}. / Please multiply {a} and {b}. / Use a tool to find {a} "
        "times {b}. / Find the product of {a} and {b}. / Calculate {a} times {b}. / What do I get "
        "for {a} times {b}? / Work out {a} times {b} with the tool. / {a} times {b} is how much? / "
        "{a} times {b} / multiply {a} with {b} / Could you multiply {a} by {b}? / What is {a} "
        "multiplied by {b}? / {a} multiplied by {b}, please. / Tell me the product of {a} and {b}. "
        "/ What does {a} times {b} make? / I want to know {a} times {b}. / Let the calculator "
        "multiply {a} by {b}. / If I multiply {a} by {b}, what comes out? / Compute {a} times {b}. "
        "/ Do the multiplication {a} times {b}. / Take {a} and multiply it by {b}.",
        {"result": range(500, 9999)},
        "{a} times {b} is {result}.",
    ),
    tool(
        "find_book search_book library_search book_lookup library_books search_library books_by "
        "author_search list_books author_books book_finder catalogue",
        "Search the library. / Finds books of an author. / Library search by author. / Lists what "
        "a writer has written. / Looks up an author in the library. / Shows the books of somebody. "
        "/ Catalogue of books by writer.",
        {"author|writer|by|name|author_name|who": NAMES},
        "Which books by {author} do you have? / Find books by {author}. / Search the library for "
        "{author}. / I want to read something by {author}. / Look for the author {author}. / Are "
        "there any books by {author}? / What did {author} write? / List the books of {author}. / "
        "Do you have anything by {author}? / Show me the books that {author} wrote. / I am looking "
        "for books by {author}. / Search for the writer {author}. / Does the library have "
        "{author}? / books by {author} / any books from {author} / Has {author} written a book? / "
        "Could you check the library for books by {author}? / I would love to read {author}. / "
        "Which titles by {author} are in the library? / In the library, what is there by {author}? "
        "/ What has {author} published? / My favourite writer is {author}. What can I borrow? / "
        "Can I borrow a book by {author}? / {author} is an author; find the books. / Show all "
        "novels by {author}. / Get me a list of what {author} wrote.",
        {"books": COUNT},
        "There are {books} books by {author}.",
    ),
    *MORE_TOOLS,
)
