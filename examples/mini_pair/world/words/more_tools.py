"""More tools, in the same form."""

from typing import Final

from lexicon import CITIES, DAYS, NAMES
from world.words.tool import DONE, tool
from world.words.tool_slots import (
    COUNT,
    DOCTORS,
    DOORS,
    EVENTS,
    FILES,
    FILMS,
    FOODS,
    ITEMS,
    MACHINES,
    PRICE,
    ROLES,
    ROOMS,
    SONGS,
    SUBJECTS,
    TEAMS,
    TEXTS,
    TIMES,
    UNITS,
    WORDS,
)

MORE_TOOLS: Final = (
    tool(
        "get_contact find_contact phone_number look_up_number contact_lookup find_number "
        "phone_book get_number search_contacts number_of phone_lookup contact_number",
        "Look up a phone number. / Gives the phone number of a person. / Contact search by name. / "
        "Finds out how to phone someone. / Tells the number in the phone book. / Searches the "
        "contacts for somebody. / Number of a person you know.",
        {"name|person|contact|who|contact_name|full_name": NAMES},
        "What is the phone number of {name}? / Look up the number of {name}. / I need {name}'s "
        "number. / Find {name} in the contacts. / number of {name}, please / How can I reach "
        "{name} by phone? / Do you have {name}'s number? / Give me the number of {name}. / Which "
        "number does {name} have? / Find out {name}'s phone number. / Look {name} up in the phone "
        "book. / I want the phone number of {name}. / Please get me {name}'s number. / {name}'s "
        "number please / what's {name}'s phone number / Could you look up {name}'s phone number? / "
        "I lost {name}'s number. / Is {name} in my contacts? Show the number. / Under which number "
        "do I reach {name}? / Tell me {name}'s telephone number. / Search the phone book for "
        "{name}. / Which phone number belongs to {name}? / I do not have the number of {name}. "
        "Find it. / Show me the contact {name}. / Can you give me {name}'s number? / For {name}, "
        "what number do I dial?",
        {"number": range(10000, 99999, 13)},
        "The number of {name} is {number}.",
    ),
    tool(
        "get_news read_news news_about news_search latest_news headlines news_on topic_news "
        "newspaper show_news news_report articles",
        "Get the news on a topic. / Reads the latest news. / Finds newspaper articles. / Shows the "
        "headlines about something. / Tells what is new. / Press reports by subject. / Searches "
        "today's papers.",
        {"topic|subject|about|theme": SUBJECTS},
        "What is new about {topic}? / Give me the news on {topic}. / Read me the news about "
        "{topic}. / news about {topic} / Is there any news on {topic}? / I want to read the news "
        "about {topic}. / Find the latest news on {topic}. / Has anything happened with {topic}? / "
        "Search the news for {topic}. / Show me news articles about {topic}. / news on {topic} / "
        "latest news about {topic} / What do the papers say about {topic}? / Could you look for "
        "news about {topic}? / Are there headlines about {topic}? / What do the news say on "
        "{topic}? / Show the headlines on {topic}. / Keep me informed: what is the news on "
        "{topic}? / I missed the news about {topic}. / In the news, is there something on {topic}? "
        "/ Did the newspaper write about {topic}? / Tell me today's news on {topic}. / Which "
        "articles are there about {topic}? / About {topic}: what are the latest headlines? / Let "
        "me read some articles on {topic}. / Please check the news for {topic}.",
        {"articles": COUNT},
        "I found {articles} articles about {topic}.",
    ),
    tool(
        "measure_distance get_distance distance how_far route_length distance_between "
        "kilometres_between way_length city_distance road_length travel_distance get_kilometres",
        "Get the distance between two cities. / Distance in kilometres. / Says how far apart two "
        "places are. / Kilometres between two towns. / Measures the way from place to place. / "
        "Length of the route. / Tells how long a road is.",
        {"from|start|first_city|origin": CITIES, "to|end|second_city|target": CITIES},
        "How far is it from {from} to {to}? / What is the distance from {from} to {to}? / Distance "
        "from {from} to {to}, please. / How many kilometres is it from {from} to {to}? / Tell me "
        "how far {to} is from {from}. / I drive from {from} to {to}. How far is that? / Measure "
        "the way from {from} to {to}. / Work out the distance from {from} to {to}. / Is it far "
        "from {from} to {to}? / What is the length of the way from {from} to {to}? / distance "
        "{from} {to} / how far from {from} to {to} / How far apart are {from} and {to}? / Could "
        "you measure the distance between {from} and {to}? / What is the distance between {from} "
        "and {to}? / How many kilometres lie between {from} and {to}? / How long is the road from "
        "{from} to {to}? / I am in {from}. How far away is {to}? / Give me the kilometres from "
        "{from} to {to}. / From {from} to {to}, how many kilometres? / Is {to} far away from "
        "{from}? / I cycle from {from} to {to}; how many kilometres is that? / Find out how far "
        "{from} is from {to}. / How long is the way from {from} to {to} in kilometres? / Look up "
        "the distance from {from} to {to}. / I need to know how far it is from {from} to {to}.",
        {"kilometres": range(20, 9000)},
        "It is {kilometres} kilometres from {from} to {to}.",
    ),
    tool(
        "save_note take_note note_down write_note new_note add_note note_save notebook jot_down "
        "keep_note memo store_note",
        "Save a short note. / Notebook entry. / Writes something down. / Keeps a few words for "
        "you. / Puts a text in the notebook. / Stores a memo. / Jots down some words.",
        {"text|note|content|words": TEXTS},
        "Write down: {text} / Take a note: {text} / Save this note: {text} / Note: {text} / Please "
        "put this in my notes: {text} / Keep this in the notebook: {text} / I want to note this: "
        "{text} / Make a note that says: {text} / New note: {text} / Add a note with the words: "
        "{text} / note to self: {text} / write this down: {text} / Jot this down: {text} / Could "
        "you note this for me: {text} / In my notebook, write: {text} / I need a note of this: "
        '{text} / Start a new note with: {text} / Put "{text}" in a note. / Memo: {text} / Note '
        "down these words: {text} / Let me save a note: {text} / My notes should say: {text} / "
        "Create a note: {text} / Store this in my notes: {text} / For my notes: {text} / A quick "
        "note, please: {text}",
        DONE,
        "I saved the note: {text}.",
    ),
    tool(
        "rate_song like_song give_stars song_rating rate_track star_song review_song song_stars "
        "vote_song score_song rate_music set_rating",
        "Rate a song with stars. / Stars for a song. / Says how good a song is. / Gives points to "
        "a track. / Saves your opinion of a song. / Votes for music. / Puts a rating on a piece of "
        "music.",
        {"song|title|track|name": SONGS, "stars|rating|points|score": tuple(range(1, 11))},
        "Give {song} {stars} stars. / I rate {song} with {stars} stars. / {stars} stars for "
        "{song}, please. / Rate the song {song}: {stars} stars. / {song} gets {stars} stars from "
        "me. / My rating for {song} is {stars} stars. / Please save {stars} stars for {song}. / "
        "For {song} I give {stars} stars. / The song {song} is worth {stars} stars. / Put down "
        "{stars} stars for the song {song}. / {song} {stars} stars / rate {song} {stars} / How "
        "about {stars} stars for {song}? / Could you give {song} {stars} stars? / I think {song} "
        "deserves {stars} stars. / My vote for {song}: {stars} stars / Let {song} have {stars} "
        "stars. / {stars} points for the song {song}! / I liked {song}; that makes {stars} stars. "
        "/ Set my rating of {song} to {stars}. / Please rate {song} at {stars} stars. / With "
        "{stars} stars I rate {song}. / The track {song} earns {stars} stars. / Mark {song} with "
        "{stars} stars. / As a rating for {song}, save {stars} stars. / I would give {song} "
        "{stars} stars.",
        DONE,
        "{song} now has {stars} stars.",
    ),
    tool(
        "check_stock_level stock_count items_left inventory count_items in_stock stock_check "
        "store_room count_stock how_many_left warehouse stock_of",
        "Count an item in the store room. / Stock of an item. / Says how many pieces are left. / "
        "Looks into the store room. / Tells what is still in stock. / Inventory by article. / "
        "Counts goods in the warehouse.",
        {"item|article|product|goods": ITEMS},
        "How many {item} are left? / How many {item} do we have? / Check the stock of {item}. / "
        "Are there any {item} in the store room? / Count the {item}, please. / Do we have enough "
        "{item}? / stock of {item} / Tell me how many {item} we have. / Look up how many {item} "
        "are in stock. / Do we still have {item}? / how many {item} left / {item} in stock? / "
        "Could you count the {item} in the store room? / Are we running out of {item}? / Is the "
        "store room out of {item}? / What is our stock of {item}? / How many {item} are in the "
        "warehouse? / In the store room, how many {item} are there? / Did we sell all the {item}? "
        "/ Give me the number of {item} in stock. / I think we have few {item} left. Check, "
        "please. / Let me know how many {item} we still have. / Find out if we have {item} left. / "
        "Inventory of {item}, please. / How large is our supply of {item}? / Please check whether "
        "{item} are in stock.",
        {"left": range(1, 400)},
        "There are {left} {item} left.",
    ),
    tool(
        "pay_bill send_money transfer pay_person make_payment bank_transfer give_money wire_money "
        "money_to pay_to transfer_money pay_euros",
        "Send money to a person. / Payment by name. / Transfers euros to someone. / Pays a person. "
        "/ Moves money from your account. / Bank transfer to somebody. / Settles what you owe.",
        {"to|recipient|person|payee": NAMES, "amount|sum|euros|value": PRICE},
        "Send {to} {amount} euros. / Pay {to} {amount} euros. / Transfer {amount} euros to {to}. / "
        "I owe {to} {amount} euros. Please pay. / {to} gets {amount} euros from me. / Please give "
        "{to} {amount} euros. / Make a payment of {amount} euros to {to}. / {amount} euros to "
        "{to}, please. / Can you send {amount} euros to {to}? / I want to pay {to} {amount} euros. "
        "/ transfer {to} {amount} euros / {amount} euros for {to} / Could you transfer {amount} "
        "euros to {to}? / {to} lent me {amount} euros. Pay it back. / Wire {amount} euros to {to}. "
        "/ From my account, send {amount} euros to {to}. / My debt to {to} is {amount} euros; pay "
        "it. / Let {to} have {amount} euros from my account. / Please pay {amount} euros to {to}. "
        "/ I have to give {to} {amount} euros. / Move {amount} euros over to {to}. / Would you pay "
        "{to} the {amount} euros I owe? / {to} is waiting for {amount} euros. Send them. / Do a "
        "bank transfer to {to}: {amount} euros / Give {to} the {amount} euros, please. / Settle my "
        "bill of {amount} euros with {to}.",
        DONE,
        "I sent {amount} euros to {to}.",
    ),
    tool(
        "start_machine run_machine appliance_on start_device switch_on machine_on power_on "
        "device_on run_device machine_start turn_on_device run_appliance",
        "Start a machine in a room. / Machine control. / Switches an appliance on. / Makes a "
        "device run. / Gets a machine going. / Powers up something in a room. / Turns on "
        "equipment.",
        {"machine|device|appliance|thing": MACHINES, "room|place|where|location": ROOMS},
        "Start the {machine} in the {room}. / Turn on the {machine} in the {room}. / Switch on the "
        "{machine} in the {room}, please. / The {machine} in the {room} should run now. / Let the "
        "{machine} in the {room} run. / Can you start the {machine} in the {room}? / {machine} on "
        "in the {room} / I want the {machine} in the {room} to start. / Please run the {machine} "
        "in the {room}. / In the {room}, start the {machine}. / {room} {machine} on / start "
        "{machine} in {room} / Could the {machine} in the {room} be switched on? / Get the "
        "{machine} in the {room} going. / The {machine} in the {room} is off. Start it. / Power up "
        "the {machine} in the {room}. / I need the {machine} in the {room} to run. / Make the "
        "{machine} run in the {room}. / Would you turn the {machine} in the {room} on? / In the "
        "{room}, I want the {machine} on. / Please start up the {machine} in the {room}. / It is "
        "time to run the {machine} in the {room}. / Set the {machine} in the {room} in motion. / "
        "In the {room}, let the {machine} run. / Have the {machine} in the {room} start now. / Go "
        "and turn on the {machine} in the {room}, please.",
        DONE,
        "The {machine} in the {room} is running.",
    ),
    tool(
        "book_flight find_flight flight_search get_flight reserve_flight flight_booking "
        "plane_ticket fly_to flight_to air_ticket flight_lookup buy_flight",
        "Book a flight to a city on a day. / Flight by city and day. / Gets you a plane ticket. / "
        "Reserves a seat on a plane. / Finds a way to travel by air. / Air travel by date. / Books "
        "a plane to a town.",
        {"to|destination|city|fly_to": CITIES, "day|date|when|on": DAYS},
        "Book a flight to {to} on {day}. / I want to fly to {to} on {day}. / Find me a flight on "
        "{day} to {to}. / Flight to {to}, {day}, please. / On {day} I have to fly to {to}. / Get "
        "me on a plane to {to} on {day}. / Is there a flight to {to} on {day}? Book it. / I need a "
        "flight to {to} for {day}. / Please reserve a flight on {day} to {to}. / Can I fly to {to} "
        "on {day}? / flight {to} {day} / fly to {to} on {day} / Could you get me a plane ticket to "
        "{to} for {day}? / By plane to {to} on {day}, please. / I need to be on a plane to {to} on "
        "{day}. / Which flights go to {to} on {day}? / On {day}, is there a plane to {to}? / We "
        "fly on {day}; the flight goes to {to}. / Please book a plane to {to}, {day}. / Reserve me "
        "a seat on a flight to {to} on {day}. / Look for a flight to {to} that leaves on {day}. / "
        "For {day} I need a plane ticket to {to}. / My plan is to fly to {to} on {day}. Book it. / "
        "Would you search flights to {to} for {day}? / A flight on {day} would be good. I go to "
        "{to}. / Buy a plane ticket: {to}, {day}",
        {"price": range(30, 900), "time": TIMES},
        "Your flight to {to} leaves on {day} at {time} and costs {price} euros.",
    ),
    tool(
        "define_word word_meaning lookup_word explain_word meaning definition word_lookup "
        "what_means dictionary_entry define get_definition word_info",
        "Explain what a word means. / Meaning of a word. / Says what a word stands for. / Gives "
        "the definition of a term. / Looks a word up in the dictionary. / Explains an unknown "
        "word. / Sense of a word.",
        {"word|term|entry|text": WORDS},
        "What does {word} mean? / Define {word}. / Look up the meaning of {word}. / Explain the "
        "word {word}. / What is the meaning of {word}? / Find {word} in the dictionary. / Tell me "
        "what {word} means. / I do not know the word {word}. / meaning of {word} / Please define "
        "the word {word}. / word meaning: {word} / {word} definition / What is meant by {word}? / "
        "Could you explain what {word} means? / Give me the definition of {word}. / What is the "
        "definition of {word}? / Someone said {word}. What does that mean? / I read the word "
        "{word}; what does it mean? / Does {word} have more than one meaning? / What does the "
        "dictionary say about {word}? / In the dictionary, look for {word}. / Please tell me the "
        "meaning of the word {word}. / How is {word} defined? / I want to know what {word} means. "
        "/ What sense does the word {word} have? / Can you define {word} for me?",
        {"entries": range(1, 30)},
        "I found {entries} entries for {word}.",
    ),
    tool(
        "find_job job_search search_jobs open_jobs job_lookup job_offers vacancies work_search "
        "find_work jobs_in get_jobs career_search",
        "Search for jobs in a city. / Jobs by city. / Looks for open positions. / Finds work in a "
        "town. / Lists vacancies for a trade. / Job offers by place. / Shows who is hiring.",
        {"job|work|role|position": ROLES, "city|place|location|where": CITIES},
        "Find a job as {job} in {city}. / I want to work as {job} in {city}. / Are there jobs as "
        "{job} in {city}? / Search for work as {job} in {city}. / Look for a position as {job} in "
        "{city}. / Jobs as {job} in {city}, please. / Does anyone in {city} need help from a "
        "{job}? / I am a {job} and look for work in {city}. / Show me {city} jobs for a {job}. / "
        "Which firms in {city} want a {job}? / {job} jobs in {city} / job as {job} {city} / Is "
        "anyone in {city} hiring a {job}? / Could you find me work as {job} in {city}? / In "
        "{city}, are there open positions for a {job}? / I move to {city} and want a job as {job}. "
        "/ What jobs does {city} have for a {job}? / My trade is {job}. Who is hiring in {city}? / "
        "Which vacancies for {job} are there in {city}? / Show me work for a {job} in {city}. / "
        "Where in {city} can I work as {job}? / Please search {city} for jobs as {job}. / I am out "
        "of work. I am a {job} and live in {city}. / Look up vacancies in {city} for a {job}. / "
        "Who in {city} is looking to hire a {job}? / Let me see job offers for {job} in {city}.",
        {"jobs": COUNT},
        "I found {jobs} jobs as {job} in {city}.",
    ),
    tool(
        "add_guest invite guest_list invite_person put_guest guest_add add_to_guests "
        "send_invitation invite_guest new_guest list_guest party_guest",
        "Put a person on the guest list. / Guest for an event. / Invites somebody to an event. / "
        "Writes a name on the list of guests. / Adds a visitor to a party. / Says who comes to an "
        "event. / Guest list entry.",
        {"name|guest|person|who": NAMES, "event|title|occasion|party": EVENTS},
        "Invite {name}: {event}. / Put {name} on the guest list for {event}. / Add {name} to the "
        "guests of {event}. / {name} comes too: {event}. / Please invite {name} for {event}. / New "
        "guest for {event}: {name} / For {event} I want to invite {name}. / Write {name} on the "
        "list for {event}. / {name} is a guest at {event}; note that. / Guest list of {event}: add "
        "{name}. / invite {name} to {event} / guest list {event}: {name} / Could you invite {name} "
        "for {event}? / {name} would like to come to {event}; add a guest. / Let {name} be a guest "
        "at {event}. / I want {name} as a guest for {event}. / Please add {name} as a guest for "
        "{event}. / There is one more guest for {event}: {name} / On the guest list of {event}, "
        "put {name}. / {name} is invited for {event}. Put that on the list. / Don't forget to "
        "invite {name} for {event}. / Send {name} an invitation for {event}. / We have {event} "
        "soon; {name} should be on the guest list. / The guests of {event} include {name}; add "
        "that. / I forgot to invite {name} for {event}. Do it now. / Among the guests for {event}, "
        "note {name}.",
        DONE,
        "{name} is on the guest list for {event}.",
    ),
    tool(
        "water_plants water_garden start_sprinkler sprinkler irrigate garden_water sprinkler_on "
        "plant_care run_sprinkler lawn_water watering water_lawn",
        "Water the plants for some minutes. / Sprinkler control. / Gives the garden water. / Runs "
        "the sprinkler. / Keeps the flowers from getting dry. / Waters lawn and beds. / Garden "
        "watering by time.",
        {"minutes|duration|how_long|length": COUNT},
        "Water the plants for {minutes} minutes. / Give the garden {minutes} minutes of water. / "
        "Run the sprinkler for {minutes} minutes. / Sprinkler on for {minutes} minutes, please. / "
        "The flowers need water for {minutes} minutes. / Please water the garden, {minutes} "
        "minutes. / Let the sprinkler run {minutes} minutes. / Can you water the lawn for "
        "{minutes} minutes? / {minutes} minutes of water for the plants / Start the sprinkler: "
        "{minutes} minutes. / water garden {minutes} min / sprinkler {minutes} minutes / The lawn "
        "is dry; water it for {minutes} minutes. / Could you run the sprinkler {minutes} minutes? "
        "/ For {minutes} minutes, water the flowers. / Let the plants have water for {minutes} "
        "minutes. / The garden needs {minutes} minutes of watering. / My roses are thirsty; give "
        "them water for {minutes} minutes. / Turn on the sprinkler for {minutes} minutes. / Water "
        "the flower beds, {minutes} minutes, please. / {minutes} minutes of watering should do for "
        "the lawn. / It has not rained. Water the garden for {minutes} minutes. / Would you give "
        "the flowers water for {minutes} minutes? / The vegetables need water. Make it {minutes} "
        "minutes. / Keep the sprinkler on for {minutes} minutes. / Please let water run on the "
        "lawn for {minutes} minutes.",
        DONE,
        "The plants get water for {minutes} minutes.",
    ),
    tool(
        "close_account delete_profile remove_user drop_user user_delete user_remove account_close "
        "end_account erase_user delete_user cancel_account account_delete",
        "Remove a user by number. / User removal. / Deletes an account. / Takes someone off the "
        "system. / Closes what a user has here. / Ends a membership by number. / Erases a user "
        "profile.",
        {"user|user_id|number|id": tuple(range(100, 9999, 7))},
        "Remove user {user}. / Delete the user with number {user}. / User {user} has left; remove "
        "the account. / Please close the account of user {user}. / Take user {user} off the "
        "system. / Account {user} can be closed. / Drop user number {user}. / We no longer need "
        "user {user}. / Can you remove user {user}? / Close account {user}, please. / delete user "
        "{user} / remove account {user} / Could you close the account with number {user}? / User "
        "{user} wants to leave. Delete the account. / The account {user} is not used; close it. / "
        "Erase the profile of user {user}. / Please delete user {user} from the system. / I want "
        "user {user} removed. / Cancel the account of user number {user}. / The user with the id "
        "{user} should be deleted. / From the system, remove user {user}. / Let account {user} be "
        "closed. / End the membership of user {user}. / There is a user {user} who left; delete "
        "the profile. / Would you remove the account {user}? / Get rid of user {user}.",
        DONE,
        "User {user} is removed.",
    ),
    tool(
        "set_volume volume change_volume loudness sound_level volume_set sound_volume "
        "speaker_volume music_volume adjust_volume make_loud volume_control",
        "Set the volume of the speaker. / Volume in percent. / Makes the sound louder or softer. / "
        "Adjusts the loudness. / Turns the speaker up or down. / Sound level control. / Says how "
        "loud the music is.",
        {"level|volume|percent|value": COUNT},
        "Set the volume to {level}. / Volume {level}, please. / Make the music {level} percent "
        "loud. / Turn the sound to {level}. / Put the speaker at {level} percent. / Change the "
        "volume to {level}. / The sound should be at {level}. / I want the volume at {level} "
        "percent. / volume to {level} / Can you turn the volume to {level}? / volume {level} / "
        "sound at {level} percent / It is too loud; set the volume to {level}. / Could the volume "
        "be {level} percent? / Adjust the speaker to {level} percent. / I cannot hear it. Volume "
        "to {level} percent, please. / Bring the volume to {level} percent. / Let the music play "
        "at volume {level}. / Make the speaker {level} percent loud. / Turn the loudness to "
        "{level} percent. / Would you change the sound level to {level}? / At {level} percent the "
        "volume is right. / Please put the volume at {level}. / The neighbours complain; turn the "
        "music down to {level}. / How about {level} percent for the volume? / My ears hurt. Turn "
        "the sound down to {level} percent.",
        DONE,
        "The volume is at {level}.",
    ),
    tool(
        "get_calendar read_calendar calendar_day show_day day_plan list_events check_calendar "
        "agenda my_day diary",
        "Show what is in the calendar on a day. / Reads the plans of a day. / Tells what you have "
        "to do on a day. / Looks into the diary. / Lists appointments by day. / Says if a day is "
        "free. / Calendar lookup.",
        {"day|date|when|on": DAYS},
        "What is in my calendar on {day}? / Show me my plans for {day}. / Am I free on {day}? / "
        "calendar {day} / what do i have on {day} / Do I have appointments on {day}? / Read me my "
        "calendar for {day}. / How does my {day} look? / List my events on {day}. / On {day}, what "
        "are my plans? / Could you check my calendar for {day}? / Is there anything in my diary on "
        "{day}? / I wonder what is planned for {day}. / Which events do I have on {day}? / What am "
        "I doing on {day}? / Tell me what is on in my calendar on {day}. / Is my {day} full? / "
        "Look up {day} in my calendar. / How many events are there on {day}? / Have I got time on "
        "{day}? / Give me my plan for {day}. / What comes first on {day}?",
        {"events": range(1, 9), "first": EVENTS},
        "You have {events} events on {day}; the first is {first}.",
    ),
    tool(
        "find_parking parking car_park parking_search park_car parking_space get_parking "
        "free_parking parking_lot parking_in",
        "Find a parking space in a city. / Says where the car can stand. / Looks for a free car "
        "park. / Shows places to leave a car. / Parking by town. / Counts free spaces for cars. / "
        "Car park search.",
        {"city|place|town|where": CITIES},
        "Where can I park in {city}? / Find a parking space in {city}. / parking in {city} / i "
        "need to park in {city} / Is there a car park in {city}? / Where do I leave my car in "
        "{city}? / Look for parking in {city}, please. / Can I park the car in {city}? / In "
        "{city}, where is a free parking space? / We come to {city} by car. Where can we park? / "
        "How many parking spaces are free in {city}? / Show me car parks in {city}. / What does "
        "parking cost in {city}? / Could you find me a place to park in {city}? / I am driving to "
        "{city} and need a parking space. / My car must stand somewhere in {city}. / Are there "
        "free parking spaces in {city}? / Search for a car park in {city}. / Which car park in "
        "{city} has space? / Please get me parking for {city}. / A place for my car in {city}, "
        "please. / Is it easy to park in {city}?",
        {"spaces": COUNT, "cost": range(2, 30)},
        "There are {spaces} parking spaces in {city}; one costs {cost} euros.",
    ),
    tool(
        "get_score match_score sports_score team_score game_result match_result last_game "
        "football_score score_lookup result_of",
        "Get the score of a team's last match. / Says how a team played. / Looks up a sports "
        "result. / Tells who won the game. / Goals of a team. / Result of the latest match. / "
        "Football results by club.",
        {"team|club|side|team_name": TEAMS},
        "How did {team} play? / What was the score of {team}? / score {team} / did {team} win / "
        "Have {team} won their match? / How many goals did {team} score? / Tell me the result of "
        "{team}. / How did the game of {team} end? / Look up the last match of {team}. / I missed "
        "the match of {team}. What was the result? / Show me the score for {team}. / What is the "
        "latest result of {team}? / Did {team} lose again? / I am a fan of {team}; how did they "
        "do? / For {team}, what was the final score? / Could you check how {team} played? / Get "
        "the football result of {team}. / Were {team} any good in their last game? / Give me the "
        "match result for {team}. / Have {team} scored a goal? / I want to know if {team} won. / "
        "The score of the {team} game, please.",
        {"goals": range(0, 9), "against": range(0, 9)},
        "{team} made {goals} goals and the others {against}.",
    ),
    tool(
        "find_synonym synonyms similar_words thesaurus other_word same_meaning get_synonyms "
        "word_options another_word synonym_search",
        "Find other words with the same meaning. / Gives synonyms. / Looks in the thesaurus. / "
        "Suggests a word that can stand instead. / Lists similar words. / Helps you not to repeat "
        "a word. / Synonym search.",
        {"word|term|entry|expression": WORDS},
        "What is another word for {word}? / Find a synonym for {word}. / synonyms of {word} / "
        "other words for {word} / Which words are similar to {word}? / I have used {word} too "
        "often. What else can I write? / Give me a synonym of {word}. / Is there another word for "
        "{word}? / Look up {word} in the thesaurus. / What can I say instead of {word}? / Which "
        "word could replace {word}? / I need a different word for {word}. / Could you list "
        "synonyms for {word}? / Show me words like {word}. / Instead of {word}, what other word "
        "fits? / Does {word} have any synonyms? / What word means the same as {word}? / Search the "
        "thesaurus for {word}. / Tell me some synonyms of {word}. / I don't want to repeat {word}; "
        "find another word. / How else could one say {word}? / Please suggest a synonym for the "
        "word {word}.",
        {"synonyms": range(1, 40)},
        "I found {synonyms} other words for {word}.",
    ),
    tool(
        "convert_units unit_converter change_units length_converter convert_length unit_change "
        "units measure_convert to_unit length_in",
        "Convert a length to another unit. / Turns one unit of length into another. / Calculates "
        "with units. / Unit converter. / Says how long something is in other units. / Changes a "
        "length into a new unit. / Length in a different measure.",
        {
            "amount|value|number|length": PRICE,
            "from|unit|source|old_unit": UNITS,
            "to|target|new_unit|wanted": UNITS,
        },
        "Convert {amount} {from} to {to}, please. / How many {to} are in {amount} {from}? / How "
        "long are {amount} {from} in {to}? / {amount} {from} to {to} / what are {amount} {from} in "
        "{to} / The table is {amount} {from} long. What is that in {to}? / Please turn a length of "
        "{amount} {from} into {to}. / I measured {amount} {from}. How many {to} is that? / Change "
        "the unit: {amount} {from} to {to} / Tell me how many {to} make {amount} {from}. / In "
        "{to}, how long is {amount} {from}? / Could you give me {amount} {from} in {to}? / A rope "
        "is {amount} {from} long; how many {to} are that? / I need a length of {amount} {from} in "
        "{to}. / Which length in {to} is {amount} {from}? / Use the unit converter: {amount} "
        "{from} in {to} / Work out how many {to} there are in {amount} {from}. / My map says "
        "{amount} {from}. I want it in {to}. / Express {amount} {from} in {to}. / Do you know how "
        "long {amount} {from} are in {to}? / Say {amount} {from} in the unit {to}. / Units, "
        "please: {amount} {from} as {to}",
        {"result": range(2, 900)},
        "{amount} {from} are {result} {to}.",
    ),
    tool(
        "add_task todo_list new_task to_do task_add create_task todo_add put_task task_list "
        "save_task",
        "Put a task on the to-do list. / Adds something that must be done. / Keeps a list of jobs. "
        "/ Writes a new task down. / To-do list entry. / Saves what has to be done. / New item for "
        "the task list.",
        {"task|todo|item|job|text": TEXTS},
        "Put this on my to-do list: {task} / Add a task: {task} / todo: {task} / new task {task} / "
        "My to-do list needs this: {task} / I still have to {task}; put it on the to-do list. / "
        "To-do list: {task} / Could you add this to my tasks: {task} / Another task for me: {task} "
        "/ On my to-do list, write: {task} / Create a task to {task}. / I must {task}. Add it to "
        'my tasks. / Please add "{task}" to the to-do list. / The task is to {task}; save it in my '
        "to-do list. / One more job for the task list: {task} / Make it a task to {task}. / Extend "
        "my to-do list: {task} / Add to my to-do list that I have to {task}. / Would you put a new "
        "task in: {task} / Among my tasks, note: {task} / Task list, new entry: {task} / I should "
        "{task} some time. Make it a to-do.",
        DONE,
        "Your to-do list now says: {task}.",
    ),
    tool(
        "book_doctor doctor_visit see_doctor doctor_appointment get_appointment make_appointment "
        "clinic_booking book_appointment reserve_doctor appointment",
        "Make an appointment with a doctor. / Books a visit to the practice. / Gets you in to see "
        "a doctor. / Appointment by kind of doctor and day. / Asks the clinic for a time. / "
        "Arranges medical visits. / Doctor booking.",
        {"doctor|specialist|kind|who": DOCTORS, "day|date|when|on": DAYS},
        "Make an appointment with the {doctor} on {day}. / I need to see the {doctor} on {day}. / "
        "Book me in with the {doctor} for {day}. / appointment {doctor} {day} / can i see the "
        "{doctor} on {day} / On {day} I want an appointment with the {doctor}. / Does the {doctor} "
        "have time for me on {day}? / Get me an appointment at the {doctor} for {day}. / I do not "
        "feel well. Can the {doctor} see me on {day}? / Please arrange an appointment with the "
        "{doctor} for {day}. / My son must see the {doctor} on {day}; make an appointment. / Is "
        "there a free appointment with the {doctor} on {day}? / {day} would suit me for an "
        "appointment with the {doctor}. / Ask the {doctor} for an appointment on {day}. / For "
        "{day}, book an appointment with the {doctor}. / Could you get me in to see the {doctor} "
        "on {day}? / I would like to visit the {doctor} on {day}. Make an appointment. / An "
        "appointment at the {doctor}, {day}, please. / When can the {doctor} see me on {day}? / I "
        "want the {doctor} to have a look at me on {day}. / Reserve an appointment on {day} with "
        "the {doctor}. / Try to get an appointment for {day} with the {doctor}.",
        {"time": TIMES},
        "You see the {doctor} on {day} at {time}.",
    ),
    tool(
        "search_files find_file file_search locate_file open_file document_search find_document "
        "get_file search_disk file_lookup",
        "Find a file on the computer. / Searches the disk for a document. / Says where a file is "
        "kept. / Looks for a file by name. / Locates documents. / File search. / Tells in which "
        "folder something lies.",
        {"name|file|query|document": FILES},
        "Find the file {name}. / Where is the file {name}? / file {name} / find {name} on my "
        "computer / Search the disk for {name}. / Look for the document {name}. / In which folder "
        "is {name}? / I cannot find the file {name}. / Which folder did I save {name} in? / Locate "
        "the file called {name}. / Do I have a file named {name}? / Search my documents for "
        "{name}. / Please find {name} among my files. / Where on the computer did I put {name}? / "
        "I lost the document {name} on my disk. / Could you search for the file {name}? / Is there "
        "a document called {name}? / Show me the file {name}. / On my computer there must be a "
        "file {name}. Find it. / My file {name} is gone; look for it. / Help me find the document "
        "{name}. / A file search for {name}, please.",
        {"files": COUNT, "size": range(1, 900)},
        "I found {files} files for {name}; the first has {size} kilobytes.",
    ),
    tool(
        "print_document print printer print_file print_copies start_printing make_copies print_out "
        "put_on_paper send_to_printer",
        "Print copies of a document. / Sends a file to the printer. / Puts a document on paper. / "
        "Makes paper copies. / Printer control. / Prints a file several times. / Print job by name "
        "and copies.",
        {"file|document|name|what": FILES, "copies|count|number|how_many": COUNT},
        "Print {copies} copies of {file}. / I need {copies} copies of {file} on paper. / Send "
        "{file} to the printer, {copies} copies. / print {file} {copies} times / {copies} copies "
        "of {file} please / Please print {file}. I need it {copies} times. / Can you print the "
        "document {file} {copies} times? / Put {file} on paper, {copies} copies. / Make {copies} "
        "paper copies of {file}. / The printer should make {copies} copies of {file}. / Let the "
        "printer print {file}, {copies} copies. / For the meeting, print {file} in {copies} "
        "copies. / I want to have {copies} copies of {file} printed. / We need {file} on paper "
        "{copies} times. / Would you print out {file}, {copies} copies? / Printer: {file}, "
        "{copies} copies / Start printing {copies} copies of {file}. / Run off {copies} copies of "
        "the document {file}. / Could I get {copies} copies of {file} from the printer? / My boss "
        "wants {file} on paper; print {copies} copies. / Have {copies} copies of {file} printed. / "
        "Print out {file} for me, {copies} copies.",
        {"pages": range(1, 200)},
        "I printed {copies} copies of {file} on {pages} pages.",
    ),
    tool(
        "show_camera camera_view open_camera camera room_camera look_into view_room watch_room "
        "camera_picture see_room",
        "Show the camera picture of a room. / Lets you look into a room. / Opens the view of a "
        "camera. / Shows what happens in a room. / Camera by room. / Live picture from the house. "
        "/ Looks if somebody is in a room.",
        {"room|place|area|where": ROOMS},
        "Show me the camera in the {room}. / What does the camera in the {room} see? / Open the "
        "camera view of the {room}. / camera {room} / {room} camera please / Let me see the {room} "
        "on the camera. / Is anybody in the {room}? Check the camera. / What is going on in the "
        "{room}? / I want to look into the {room} with the camera. / Could you show me a picture "
        "of the {room}? / I heard a noise in the {room}. Show me the camera. / Who is in the "
        "{room} now? / Can I see what is happening in the {room}? / Take a look at the {room} "
        "through the camera. / Turn to the camera in the {room}. / On the camera, show the {room}. "
        "/ Give me the live picture from the {room}. / Look into the {room} and tell me who is "
        "there. / Check with the camera if the {room} is empty. / Please open the {room} camera. / "
        "Is the dog in the {room}? Look with the camera. / The camera picture of the {room}, "
        "please.",
        {"people": range(0, 9), "pets": range(0, 5)},
        "The camera in the {room} shows {people} people and {pets} pets.",
    ),
    tool(
        "get_traffic traffic traffic_report traffic_jams road_report check_traffic roads_in "
        "traffic_info jam_report city_traffic",
        "Get the traffic report for a city. / Says if the roads are full. / Tells about traffic "
        "jams. / How well cars get through. / Reports on the roads of a town. / Jams and delays by "
        "city. / Road traffic.",
        {"city|place|town|area": CITIES},
        "How is the traffic in {city}? / Are there traffic jams in {city}? / traffic {city} / any "
        "jams in {city} / Are the roads full in {city}? / Tell me about the traffic in {city}. / "
        "Is there a lot of traffic in {city} now? / I drive through {city}. Are there jams? / Give "
        "me the traffic report for {city}. / How bad is the traffic in {city} today? / Will I get "
        "stuck in traffic in {city}? / In {city}, are the streets full of cars? / Check the roads "
        "in {city} for traffic jams. / Is it slow to drive in {city} at the moment? / What is the "
        "traffic like in {city}? / Could you look up the traffic in {city}? / Do cars move well in "
        "{city}? / I am in the car to {city}; how is the traffic there? / Show me where the roads "
        "in {city} are blocked. / Let me know about delays on the roads in {city}. / Does the "
        "traffic flow in {city}? / Rush hour in {city}: how is the traffic?",
        {"jams": range(1, 60), "delay": range(2, 90)},
        "There are {jams} traffic jams in {city}; you lose {delay} minutes.",
    ),
    tool(
        "lock_door lock close_lock door_lock secure_door lock_up bolt_door shut_door key_turn "
        "lock_entrance",
        "Lock a door. / Turns the key of a door. / Makes an entrance safe. / Sees that nobody can "
        "come in. / Shuts a door with the lock. / Smart lock control. / Bolts one of the doors.",
        {"door|which|entrance|name": DOORS},
        "Lock the {door}. / Please lock the {door}. / Is the {door} open? Lock it. / lock {door} / "
        "{door} locked please / Could you lock the {door} for me? / I forgot to lock the {door}. / "
        "The {door} should be locked. / Make sure that the {door} is locked. / Turn the key in the "
        "{door}. / Nobody should come in through the {door}. / We are leaving; lock the {door}. / "
        "Secure the {door} for the night. / Bolt the {door}, please. / I want the {door} locked. / "
        "Did we leave the {door} unlocked? Lock it. / Put the lock on the {door}. / The {door} is "
        "not locked yet. Do it. / Before I go to bed, lock the {door}. / Would you lock up the "
        "{door}? / Keep the {door} locked. / Let the lock of the {door} close.",
        DONE,
        "The {door} is locked.",
    ),
    tool(
        "close_blinds blinds_down lower_blinds shutters blinds close_shutters window_cover "
        "draw_blinds shade_room blinds_close",
        "Close the blinds in a room. / Lowers the shutters. / Keeps the sun out of a room. / "
        "Covers the windows. / Blinds down. / Gives shade by closing blinds. / Shutter control by "
        "room.",
        {"room|place|where|location": ROOMS},
        "Close the blinds in the {room}. / Blinds down in the {room}, please. / Lower the blinds "
        "in the {room}. / {room} blinds down / close {room} blinds / The sun blinds me in the "
        "{room}; close the blinds. / Can you let the blinds down in the {room}? / I want the "
        "shutters in the {room} closed. / Shut the blinds of the {room}. / Keep the sun out of the "
        "{room}. / In the {room}, lower the shutters. / The neighbours can look into the {room}. "
        "Close the blinds. / Please cover the windows in the {room}. / Let down the shutters in "
        "the {room}. / Could the blinds in the {room} be closed? / The {room} gets too much sun; "
        "blinds down. / Draw the blinds in the {room}. / The blinds in the {room} are up. Close "
        "them. / It is hot, so shut the blinds in the {room}. / Bring the blinds down in the "
        "{room}. / Pull the blinds down in the {room}. / Would you shut the shutters in the "
        "{room}?",
        DONE,
        "The blinds in the {room} are closed.",
    ),
    tool(
        "buy_tickets cinema_tickets book_cinema movie_tickets film_tickets get_tickets cinema "
        "reserve_cinema ticket_order see_film",
        "Buy cinema tickets. / Gets seats for a film. / Books places at the cinema. / Orders "
        "tickets for a movie. / Tickets by film and number. / Reserves a visit to the pictures. / "
        "Cinema booking.",
        {"film|movie|title|show": FILMS, "tickets|seats|count|how_many": tuple(range(2, 40))},
        "Buy {tickets} tickets for the film {film}. / Get {tickets} cinema tickets for {film}. / "
        "We want to see {film} at the cinema; {tickets} tickets, please. / {tickets} tickets "
        "{film} / cinema: {film}, {tickets} seats / Book {tickets} seats at the cinema for {film}. "
        "/ Can I have {tickets} tickets for {film}? / I would like {tickets} tickets for the movie "
        "{film}. / {film} is on at the cinema. Get us {tickets} tickets. / Reserve {tickets} "
        "cinema seats for {film}. / There are {tickets} of us who want to see the film {film}. / "
        "For {film} I need {tickets} cinema tickets. / Order {tickets} tickets to see {film}. / "
        "Are there {tickets} seats left for the film {film}? Book them. / Please get me {tickets} "
        "tickets. The film is {film}. / Could you buy us {tickets} tickets for {film}? / Let us go "
        "and see {film}; buy {tickets} tickets. / My class wants to watch {film} at the cinema, "
        "{tickets} seats. / Take {tickets} tickets for {film}, please. / Tonight {film} is on; we "
        "need {tickets} tickets. / The movie {film}, {tickets} tickets, please. / I am taking "
        "friends to the film {film}. Buy {tickets} tickets.",
        {"row": range(1, 30), "price": range(10, 400)},
        "I have {tickets} tickets for {film} in row {row}; they cost {price} euros.",
    ),
    tool(
        "change_channel tv_channel set_channel switch_channel channel television tv_switch "
        "watch_channel tune_tv select_channel",
        "Switch the television to a channel. / Changes the TV programme. / Chooses what to watch. "
        "/ Remote control for the TV. / Channel by number. / Puts another station on the screen. / "
        "TV control.",
        {"channel|number|station|program": COUNT},
        "Switch to channel {channel}. / Put the television on channel {channel}. / I want to watch "
        "channel {channel}. / channel {channel} / tv channel {channel} please / Turn the TV to "
        "channel {channel}. / Can you change to channel {channel}? / What is on channel {channel}? "
        "Switch over. / Change the channel to {channel}. / Show channel {channel} on the "
        "television. / On the TV, go to channel {channel}. / My show is on channel {channel}. / "
        "Let me watch number {channel} on the TV. / Please select channel {channel}. / Set the "
        "television to number {channel}. / The match is on channel {channel}; switch the TV over. "
        "/ Go to TV channel {channel}. / We would like to see channel {channel}. / Could we watch "
        "channel {channel} now? / Flip the TV over to {channel}. / Channel {channel} on the "
        "screen, please. / This is boring. Try channel {channel}.",
        DONE,
        "The television is on channel {channel}.",
    ),
    tool(
        "order_food food_delivery order_meal deliver_food takeaway get_food order_dish meal_order "
        "bring_food food_order",
        "Order food to the house. / Has a meal delivered. / Gets a takeaway. / Sends for something "
        "to eat. / Food delivery by dish and number. / Orders portions of a dish. / Meal service.",
        {"dish|food|meal|what": FOODS, "portions|count|number|how_many": tuple(range(2, 30))},
        "Order {portions} portions of {dish}. / Have {portions} portions of {dish} delivered. / We "
        "are hungry; get us {portions} portions of {dish}. / order {dish}, {portions} portions / "
        "{portions} portions of {dish} to my house please / I would like {dish} delivered, "
        "{portions} portions. / Can you order {dish} for {portions} people? / Send for {portions} "
        "portions of {dish}. / Nobody wants to cook. Order {dish} for {portions}. / Please have "
        "{dish} brought to us, {portions} portions. / Let them deliver {portions} portions of "
        "{dish}. / Food delivery: {portions} portions of {dish} / For dinner, order us {portions} "
        "portions of {dish}. / Could someone bring us {portions} portions of {dish}? / There are "
        "{portions} of us. Order {dish} for everyone. / Get {dish} from the delivery service, "
        "{portions} portions. / A delivery of {portions} portions of {dish}, please. / I want to "
        "order in: {dish}, {portions} portions / How about takeaway? Order {portions} portions of "
        "{dish}. / Takeaway {dish} for {portions} people, please. / Place an order for {portions} "
        "portions of {dish}. / Have someone deliver {dish} here; we need {portions} portions.",
        {"minutes": range(10, 90), "cost": range(8, 300)},
        "Your {portions} portions of {dish} come in {minutes} minutes and cost {cost} euros.",
    ),
    tool(
        "rent_car car_rental hire_car rental_car get_car car_hire book_car reserve_car "
        "rent_vehicle car_for_days",
        "Rent a car in a city. / Hires a car for some days. / Gets you something to drive. / Car "
        "rental by town and days. / Reserves a vehicle. / Books a car for a trip. / Lends you a "
        "car.",
        {"city|pickup|place|where": CITIES, "days|duration|length|how_long": tuple(range(2, 40))},
        "Rent a car in {city} for {days} days. / I need a rental car in {city} for {days} days. / "
        "Hire a car for {days} days in {city}. / rental car {city} {days} days / car hire in "
        "{city}, {days} days / Get me a car to drive in {city} for {days} days. / We want to rent "
        "a car in {city}, {days} days. / Can I hire a car in {city} for {days} days? / For {days} "
        "days I need a car in {city}. / In {city}, reserve a rental car for {days} days. / What "
        "does it cost to rent a car for {days} days in {city}? Book it. / Please book a rental car "
        "in {city}. I need it {days} days. / A car for {days} days, picked up in {city}, please. / "
        "I will drive around {city} for {days} days; rent me a car. / Car rental: {city}, {days} "
        "days / Could you find us a car to rent for {days} days in {city}? / Our plane lands in "
        "{city}, and we want to hire a car for {days} days. / Let me rent a car for {days} days. I "
        "pick it up in {city}. / Reserve a car for me in {city} for {days} days. / My family needs "
        "a hire car in {city} for {days} days. / I have no car in {city}. Rent one for {days} "
        "days. / Would you arrange a rental car for {days} days in {city}?",
        {"price": range(30, 900)},
        "A car in {city} is rented for {days} days at {price} euros.",
    ),
    tool(
        "get_balance account_balance check_balance balance bank_balance money_left show_balance "
        "balance_lookup account_money bank_account",
        "Show how much money is in an account. / Tells the balance at the bank. / Looks up what is "
        "left in an account. / Bank balance by account number. / Says how rich you are. / Reads "
        "the state of a bank account. / Money in the bank.",
        {"account|number|account_number|id": tuple(range(1000, 9999, 11))},
        "What is the balance of account {account}? / How much money is in account {account}? / "
        "Show me the balance of account {account}. / balance {account} / how much is in my account "
        "{account} / Check the balance of my account {account}. / Is there any money left in "
        "account {account}? / How many euros are in account {account}? / Tell me what I have in "
        "account {account}. / I want to know the balance of account {account}. / My bank account "
        "is {account}. How much is in it? / Look up how much money account {account} holds. / "
        "Account {account}: what is the balance? / Could you tell me the balance of bank account "
        "{account}? / Do I still have money in the bank account {account}? / Give me the current "
        "balance for account {account}. / In account {account}, how much is left? / Am I in debt "
        "with account {account}? / Read me the balance of {account}. / Find out how much there is "
        "in bank account {account}. / Please see if there is enough money in account {account}. / "
        "The bank balance for {account}, please.",
        {"euros": range(1, 9000)},
        "There are {euros} euros in account {account}.",
    ),
    tool(
        "report_fault open_ticket repair_request broken_device fault_report call_repair "
        "need_repair report_broken service_request fix_machine",
        "Report a broken machine. / Asks for a repair. / Tells the service that something does not "
        "work. / Opens a repair ticket. / Gets a device fixed. / Fault report by machine and room. "
        "/ Sends for someone who mends things.",
        {"machine|device|appliance|what": MACHINES, "room|place|where|location": ROOMS},
        "The {machine} in the {room} is broken. / Report that the {machine} in the {room} does not "
        "work. / The {machine} in the {room} needs a repair. / broken {machine} in the {room} / "
        "repair {machine} {room} / Someone has to fix the {machine} in the {room}. / I want to "
        "report a fault: {machine}, {room} / Can someone mend the {machine} in the {room}? / There "
        "is something wrong with the {machine} in the {room}. / Open a repair ticket for the "
        "{machine} in the {room}. / In the {room}, the {machine} has stopped working. / Please get "
        "the {machine} in the {room} repaired. / The {machine} makes strange noises in the {room}; "
        "report it. / Smoke comes from the {machine} in the {room}! Report the fault. / Send a "
        "repair man for the {machine} in the {room}. / Our {machine} in the {room} is out of "
        "order. / Tell the service that the {machine} in the {room} is defective. / My {machine} "
        "broke down. It stands in the {room}. / Could you report the broken {machine} in the "
        "{room}? / Who can repair the {machine} in the {room}? / In the {room} there is a broken "
        "{machine}. / We have a problem with the {machine} in the {room}; get it fixed.",
        {"ticket": range(100, 9999, 3)},
        "The {machine} in the {room} has the repair ticket {ticket}.",
    ),
    tool(
        "clean_room vacuum robot_clean vacuum_room start_cleaning clean_floor robot_vacuum "
        "sweep_room cleaning_robot hoover",
        "Let the robot clean a room. / Vacuums the floor. / Sends the cleaning robot somewhere. / "
        "Makes a floor clean. / Gets rid of dust in a room. / Robot cleaner by room. / Sweeps a "
        "room.",
        {"room|area|place|where": ROOMS},
        "Clean the {room}. / Vacuum the {room}, please. / The floor in the {room} is dirty. / "
        "clean {room} / vacuum {room} now / Send the robot to clean the {room}. / Can you vacuum "
        "the floor in the {room}? / There is dust all over the {room}. / Let the robot sweep the "
        "{room}. / I spilled flour in the {room}; clean it up. / Hoover the {room} for me. / The "
        "{room} needs cleaning. / Please have the floor of the {room} swept. / In the {room} there "
        "are crumbs on the floor. / Could the robot clean the {room}? / I want a clean floor in "
        "the {room}. / Get the {room} clean before the guests come. / It is dusty in the {room}; "
        "start the cleaning robot. / Would you let the robot vacuum the {room}? / The {room} has "
        "not been swept for days. / Start cleaning in the {room}. / Next, the robot should clean "
        "the {room}.",
        {"minutes": range(5, 90)},
        "The robot cleans the {room} for {minutes} minutes.",
    ),
    tool(
        "get_sunset sunset sun_down sunset_time evening_sun sun_times dusk when_dark sun_set_at "
        "sunset_lookup",
        "Get the time of sunset in a city. / Says when it gets dark. / Tells when the sun goes "
        "down. / Evening light by town. / Looks up dusk. / End of the day by place. / Sunset "
        "times.",
        {"city|place|location|where": CITIES},
        "When does the sun set in {city}? / When does it get dark in {city}? / sunset {city} / "
        "what time is sunset in {city} / At what time does the sun go down in {city}? / Tell me "
        "when the sun sets in {city}. / I want to watch the sunset in {city}. When is it? / How "
        "long is it light in {city} today? / Look up the sunset for {city}. / When is sunset in "
        "{city}? / In {city}, when will it be dark? / Give me the time of the sunset in {city}. / "
        "Could you find out when the sun sets in {city}? / Does the sun set late in {city}? / I "
        "must be home in {city} before dark. When is that? / Until when is there daylight in "
        "{city}? / For photos in {city} I need the time of sunset. / What time does darkness fall "
        "in {city}? / Sunset time for {city}, please. / Show me when the sun sinks in {city}. / "
        "How late does the sun set in {city}? / Please check when evening falls in {city}.",
        {"time": TIMES},
        "The sun sets at {time} in {city}.",
    ),
)
