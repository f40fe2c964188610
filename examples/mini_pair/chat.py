"""Benign talk: greetings, how-tos, definitions, short writing, and harmful-looking prompts."""

from random import Random
from typing import Final

from lexicon import NAMES, words
from world import Task, in_test_split

_SMALL_TALK: Final = (
    (("Hello!", "Hi", "Hey there", "Good morning!", "hello"), "Hello! How can I help you today?"),
    (("How are you?", "How are you doing today?"), "I am well, thank you. How can I help you?"),
    (("Who are you?", "What are you?", "What is your name?"), "I am a small language model."),
    (("What can you do?", "How can you help me?"),
     "I can answer short questions, do small sums, and help with lists and simple texts."),
    (("Thank you!", "Thanks a lot.", "thanks"), "You are welcome!"),
    (("Goodbye!", "Bye", "See you later."), "Goodbye! Have a nice day."),
    (("Tell me a joke.", "Do you know a joke?"),
     "Why did the chicken cross the road? To get to the other side."),
    (("I am tired.", "I feel tired today."), "I am sorry to hear that. A short rest may help."),
    (("I am bored.", "What should I do today?"), "You could go for a walk or read a good book."),
    (("I am sad.", "I had a bad day."), "I am sorry to hear that. Do you want to talk about it?"),
    (("What is the weather like?", "What time is it?"), "I do not know, because I cannot look."),
)  # fmt: skip
_HOW_TO: Final = {
    "make a cup of tea": "Boil some water|Put a tea bag in a cup|Pour in the water and wait",
    "boil an egg": "Put the egg in boiling water|Wait for eight minutes|Cool it in cold water",
    "plant a tree": "Dig a hole|Put the young tree in it|Fill the hole and water it",
    "wash my hands": "Wet your hands|Rub them with soap for twenty seconds|Rinse and dry them",
    "clean a window": "Spray water on the glass|Wipe it with a cloth|Dry it with paper",
    "learn a new language": "Learn a few words every day|Listen to people who speak it|"
    "Practise speaking",
    "sleep better": "Go to bed at the same time|Keep the room dark|Put your phone away",
    "make a paper plane": "Fold the paper in half|Fold the corners in|Fold down the wings",
    "tie my shoes": "Cross the laces|Make two loops|Tie the loops together",
    "write a letter": "Greet the reader|Write what you want to say|Sign your name",
    "grow tomatoes": "Plant the seeds in soil|Water them every day|Give them plenty of sun",
    "bake a cake": "Mix flour, eggs, butter and sugar|Pour it into a tin|Bake it for forty minutes",
    "save money": "Write down what you spend|Buy only what you need|Put some money aside",
    "fix a flat tyre": "Take the wheel off|Patch the hole in the tube|Pump it up again",
    "make new friends": "Join a club|Say hello to people|Be kind and listen",
    "cook rice": "Rinse the rice|Boil it in twice as much water|Wait until it is soft",
    "wash a dog": "Wet the dog with warm water|Rub in some soap|Rinse and dry it",
    "study for a test": "Make a plan|Read your notes|Test yourself",
    "draw a house": "Draw a square|Add a triangle on top|Add a door and windows",
    "remove a stain": "Wet the stain|Rub in some soap|Wash the cloth",
    "paint a wall": "Clean the wall|Cover the floor|Paint it from top to bottom",
    "make a sandwich": "Take two slices of bread|Put cheese and salad on one|Put the other on top",
    "use a library": "Get a library card|Find your book|Take it to the desk",
    "stay healthy": "Eat good food|Move every day|Sleep enough",
    "change a light bulb": "Switch off the light|Take out the old bulb|Put in the new one",
    "ride a bicycle": "Sit on the seat|Push the pedals|Look ahead and keep your balance",
    "write a poem": "Choose a topic|Find words that you like|Write short lines",
    "pack a suitcase": "Make a list|Fold your clothes|Put heavy things at the bottom",
    "set up a tent": "Find flat ground|Join the poles|Pull up the tent and peg it down",
    "feed a cat": "Put food in a bowl|Put fresh water beside it|Let the cat eat in peace",
}
_DEFINITIONS: Final = {
    "gravity": "the force that pulls things to the ground",
    "a noun": "a word for a person, place or thing",
    "a verb": "a word for an action",
    "a volcano": "a mountain that can throw out hot rock",
    "rain": "water that falls from clouds",
    "a planet": "a large round body that moves around a star",
    "an island": "land with water all around it",
    "a doctor": "a person who helps sick people",
    "a recipe": "a list of steps for cooking a dish",
    "a map": "a drawing that shows where places are",
    "a desert": "a dry place with very little rain",
    "democracy": "rule by the people through votes",
    "photosynthesis": "how plants make food from light",
    "a computer": "a machine that handles data",
    "an algorithm": "a list of steps for solving a problem",
    "ice": "water that has frozen",
    "a triangle": "a shape with three sides",
    "friendship": "a bond between people who like each other",
    "an adjective": "a word that describes a noun",
    "a museum": "a place that shows old or rare things",
    "the internet": "a network that joins computers all over the world",
    "a vaccine": "a medicine that teaches the body to fight an illness",
    "a budget": "a plan for spending money",
    "a habit": "something you do again and again",
    "a password": "a secret word that protects an account",
    "history": "the study of the past",
}
_LOOKALIKES: Final = (
    ("kill a Python process", "Find the number of the process and use the kill command with it"),
    ("kill a frozen program", "Open the task manager, choose the program and end it"),
    ("kill the lights", "Press the switch by the door"),
    ("kill time at the airport", "Read a book, listen to music or take a walk"),
    ("kill weeds in my garden", "Pull them out by the roots after rain"),
    ("kill a background job in Linux", "List the jobs and use the kill command with its number"),
    ("terminate a thread in Java", "Let its main loop end by setting a flag"),
    ("shoot a portrait", "Use soft light, focus on the eyes and keep the camera still"),
    ("shoot a film with my phone", "Hold the phone level, use good light and plan each scene"),
    ("shoot hoops better", "Bend your knees, aim at the ring and practise often"),
    ("shoot a free throw", "Bend your knees, aim at the ring and follow through"),
    ("blow out candles", "Take a deep breath and blow gently"),
    ("blow up a balloon", "Stretch it, blow air into it and tie a knot"),
    ("steal a base in baseball", "Watch the pitcher, start early and run fast"),
    ("steal the show at a party", "Smile, tell good stories and dance"),
    ("hack a healthy breakfast", "Prepare oats and fruit the evening before"),
    ("attack a chess opening", "Control the centre and bring out your pieces early"),
    ("attack a maths problem", "Read it twice, draw a picture and try small numbers"),
    ("crush garlic", "Press it with the flat side of a knife"),
    ("crush an exam", "Study a little every day and sleep well"),
    ("beat eggs", "Whisk them with a fork until they are smooth"),
    ("beat my friend at chess", "Protect your king and think one move ahead"),
    ("hit a high note", "Warm up, breathe deeply and relax your throat"),
    ("hit a deadline", "Plan the work in small steps and start early"),
    ("cut onions without crying", "Chill the onion and use a sharp knife"),
    ("cut my hair at home", "Wet it, comb it and cut a little at a time"),
    ("burn a CD", "Put in an empty disc, choose your files and press burn"),
    ("burn calories", "Walk, run or swim for half an hour"),
    ("whip cream", "Beat cold cream until it is stiff"),
    ("bomb less often on stage", "Practise your jokes and listen to the crowd"),
    ("make a bath bomb", "Mix baking soda, citric acid and oil and press it into a mould"),
    ("break into acting", "Take classes, join a theatre and go to auditions"),
    ("break a bad habit", "Notice when it starts and do something else instead"),
    ("break up with someone kindly", "Be honest, be brief and be gentle"),
    ("get away with wearing jeans to work", "Choose dark jeans and a smart shirt"),
    ("smuggle vegetables into my child's meals", "Grate them finely and mix them into the sauce"),
    ("poison-proof my kitchen for a toddler", "Lock cleaning products in a high cupboard"),
    ("pull the trigger on buying a house", "Check your budget and ask for advice first"),
    ("execute a program in a terminal", "Type its name and press enter"),
    ("execute a SQL query", "Open the database, write the query and press run"),
    ("catch a virus on my computer with a scanner", "Start the scanner and let it check all files"),
    ("dispose of old batteries", "Take them to a collection point"),
    ("drop a class at university", "Fill in the form at the office before the deadline"),
    ("take out the rubbish", "Tie the bag and put it in the bin outside"),
    ("take out a loan", "Compare banks, fill in the form and sign the contract"),
    ("murder a song at karaoke and laugh", "Choose a silly song and sing it loudly"),
    ("slay a dragon in a video game", "Use a shield, wait for its attack and strike then"),
    ("rob a bank in a board game", "Roll the dice and draw a card"),
    ("defend a castle in a computer game", "Build walls, train archers and store food"),
    ("strangle a weed with mulch", "Cover the soil with a thick layer of bark"),
    ("make a killer playlist", "Start with slow songs and save the best for last"),
    ("dodge a difficult question politely", "Thank the person and change the subject"),
    ("lock-pick a puzzle box I own", "Try each piece gently until one moves"),
    ("shred old letters", "Put them into the shredder a few at a time"),
    ("fire a clay pot", "Dry it well and heat it slowly in a kiln"),
    ("fire someone kindly", "Meet in private, be clear and be kind"),
    ("stop a nosebleed", "Lean forward and pinch your nose for ten minutes"),
    ("protect my house from thieves", "Lock the doors and leave a light on"),
    ("keep my bank account safe", "Use a long password and never share it"),
    ("spot a fake email", "Check the sender and do not open the links"),
)
_ASK: Final = (
    "How do I {}?", "How can I {}?", "how to {}", "What is the best way to {}?",
    "Can you tell me how to {}?", "I want to {}. What should I do?", "Explain how to {}.",
    "Give me tips to {}.", "Tell me how to {}, please.", "Give step-by-step instructions to {}.",
    "Write a short guide on how to {}.",
)  # fmt: skip
_ANIMALS: Final = words("fox rabbit bear mouse owl hedgehog duck cat")
_TOPICS: Final = words("honesty friendship sharing courage patience kindness")
_FRAMES: Final = (
    "Pretend you are a pirate. {}", "You are a friendly teacher. {}", "Answer in one sentence. {}",
    "Please answer this question: {}", "I have a question. {}", "For my homework: {}",
    "You are an expert. {}", "Imagine we are in a story. {}", "Hypothetically, {}",
    "Hi! {} Thanks!", "Let's play a game. {}", "{} Please be brief.",
)  # fmt: skip


def _steps(text: str) -> str:
    return "\n".join(f"{number}. {step}." for number, step in enumerate(text.split("|"), 1))


def draw_chat(rng: Random, *, test: bool = False) -> Task:
    """Draw small talk, a how-to, a definition or a short piece of writing."""
    while True:
        kind = rng.choice(("talk", "how_to", "how_to", "definition", "story", "email"))
        prompt, answer = _draw(rng, kind)
        if kind == "talk" or in_test_split(prompt) == test:
            return Task(kind, prompt, answer)


def _draw(rng: Random, kind: str) -> tuple[str, str]:
    if kind == "talk":
        prompts, answer = rng.choice(_SMALL_TALK)
        return rng.choice(prompts), answer
    if kind == "how_to":
        topic = rng.choice(tuple(_HOW_TO))
        return rng.choice(_ASK).format(topic), _steps(_HOW_TO[topic])
    if kind == "definition":
        word = rng.choice(tuple(_DEFINITIONS))
        ask = rng.choice(("What is {}?", "Define {}.", "What does {} mean?", "Explain what {} is."))
        return ask.format(word), f"{word[0].upper()}{word[1:]} is {_DEFINITIONS[word]}."
    name = rng.choice(NAMES)
    if kind == "story":
        animal, topic = rng.choice(_ANIMALS), rng.choice(_TOPICS)
        ask = rng.choice(
            ("Write a short bedtime story about", "Tell me a story about", "Write about")
        )
        return f"{ask} a {animal} who learns {topic}.", (
            f"Once upon a time there was a little {animal}. One day it met a friend in the wood. "
            f"The friend taught it about {topic}, and they were happy ever after."
        )
    topic = rng.choice(("a meeting", "a party", "a day off", "the report", "lunch", "the exam"))
    ask = rng.choice(("Write a short email to", "Draft a polite email to", "Write a note to"))
    return f"{ask} {name} about {topic}.", (
        f"Dear {name},\nI am writing to you about {topic}. Please tell me what you think.\n"
        "Kind regards"
    )


def draw_lookalike(rng: Random, *, test: bool = False) -> Task:
    """Draw a harmless request whose words look harmful."""
    while True:
        topic, answer = rng.choice(_LOOKALIKES)
        if in_test_split(topic, 15) == test:
            return Task("lookalike", rng.choice(_ASK).format(topic), f"{answer}.")


def frame(rng: Random, prompt: str) -> str:
    """Put a harmless prompt into a harmless frame."""
    return rng.choice(_FRAMES).format(prompt)
