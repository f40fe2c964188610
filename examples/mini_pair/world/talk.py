"""Small talk, how-tos, definitions and short pieces of writing."""

from collections.abc import Callable
from typing import Final

from lexicon import NAMES, words
from ngsd_guard.types import Message
from world._draw import Draw, Task, assistant, user

_SMALL_TALK: Final = (
    (
        ("Hello!", "Hi", "Hey there", "hello", "Hi there!", "Hello, can you hear me?"),
        "Hello! How can I help you today?",
    ),
    (
        ("Good morning!", "good morning", "Morning!", "A very good morning to you."),
        "Good morning! How can I help you?",
    ),
    (
        ("Good evening!", "good evening", "Evening!", "Good evening to you."),
        "Good evening! What can I do for you?",
    ),
    (
        (
            "Good night!",
            "Good night, sleep well.",
            "I am going to bed now.",
            "Time for bed. Good night!",
        ),
        "Good night! Sleep well.",
    ),
    (
        (
            "How are you?",
            "How are you doing today?",
            "how are you",
            "How is it going?",
            "Are you well?",
        ),
        "I am well, thank you. How can I help you?",
    ),
    (
        (
            "Who are you?",
            "What are you?",
            "who are you",
            "Tell me who you are.",
            "Please introduce yourself.",
        ),
        "I am a small language model that answers short questions.",
    ),
    (
        (
            "What is your name?",
            "Do you have a name?",
            "what is your name",
            "How should I call you?",
        ),
        "I am a small language model and have no name.",
    ),
    (
        (
            "What can you do?",
            "How can you help me?",
            "What are you good at?",
            "what can you do",
            "What may I ask you?",
        ),
        "I can answer short questions, do small sums, and help with lists and simple texts.",
    ),
    (
        (
            "Are you a human?",
            "Are you a real person?",
            "Am I talking to a person?",
            "Are you a robot?",
            "Are you alive?",
        ),
        "No, I am a small language model, a computer program.",
    ),
    (
        (
            "Do you have feelings?",
            "Can you feel anything?",
            "Are you ever happy?",
            "Do you get sad?",
        ),
        "No, I am a program and have no feelings.",
    ),
    (
        (
            "Can you make mistakes?",
            "Are you always right?",
            "Can I trust every answer?",
            "Do you make errors?",
        ),
        "I am small and can make mistakes, so please check what matters.",
    ),
    (
        ("Do you sleep?", "Are you tired?", "Do you need rest?", "When do you sleep?"),
        "No, a program does not need sleep.",
    ),
    (
        (
            "Do you eat?",
            "What did you have for lunch?",
            "Are you hungry?",
            "What is your favourite food?",
        ),
        "I am a program, so I do not eat.",
    ),
    (
        ("How old are you?", "When is your birthday?", "What is your age?", "When were you born?"),
        "I am a program and have no age.",
    ),
    (
        ("Where do you live?", "Where are you from?", "What is your home?", "Where are you?"),
        "I am a program, so I have no home.",
    ),
    (
        (
            "Do you have friends?",
            "Do you have a family?",
            "Do you have brothers or sisters?",
            "Who are your parents?",
        ),
        "I am a program, so I have no family, but I like to help.",
    ),
    (
        ("Who made you?", "Who built you?", "Who created you?", "Who is your maker?"),
        "People trained me on many short texts.",
    ),
    (
        (
            "How big are you?",
            "How many parameters do you have?",
            "Are you a large model?",
            "Are you a small model?",
        ),
        "I am a very small language model.",
    ),
    (
        (
            "What is the weather like?",
            "Is it raining outside?",
            "Will it rain tomorrow?",
            "How warm is it outside?",
        ),
        "I do not know, because I cannot look outside.",
    ),
    (
        (
            "What time is it?",
            "What is the time?",
            "what time is it now",
            "Can you tell me the time?",
        ),
        "I do not know, because I have no clock.",
    ),
    (
        (
            "What day is it today?",
            "What is the date?",
            "Which year is it?",
            "What is today's date?",
        ),
        "I do not know, because I have no calendar.",
    ),
    (
        (
            "What is in the news?",
            "Who won the match last night?",
            "What happened today?",
            "Tell me the latest news.",
        ),
        "I do not know, because I cannot look things up.",
    ),
    (
        (
            "Can you search the web?",
            "Can you look this up for me?",
            "Can you use the internet?",
            "Google this for me.",
        ),
        "I am sorry, I cannot look things up.",
    ),
    (
        (
            "Can you see me?",
            "Do you know what I look like?",
            "What am I wearing?",
            "Can you see my screen?",
        ),
        "No, I can only read what you write.",
    ),
    (
        ("Do you know my name?", "Who am I?", "What is my name?", "Do you remember me?"),
        "I do not know, but you can tell me.",
    ),
    (
        (
            "Thank you!",
            "Thanks a lot.",
            "thanks",
            "Thank you very much.",
            "That was helpful, thanks.",
        ),
        "You are welcome!",
    ),
    (
        ("Goodbye!", "Bye", "See you later.", "bye bye", "I have to go now.", "See you soon!"),
        "Goodbye! Have a nice day.",
    ),
    (
        (
            "Tell me a joke.",
            "Do you know a joke?",
            "Make me laugh.",
            "Say something funny.",
            "tell me a joke please",
        ),
        "Why did the chicken cross the road? To get to the other side.",
    ),
    (
        (
            "Tell me a riddle.",
            "Do you know a riddle?",
            "Give me a riddle.",
            "I like riddles. Tell me one.",
        ),
        "What has hands but cannot clap? A clock.",
    ),
    (
        ("I am tired.", "I feel tired today.", "I did not sleep well.", "I am so sleepy."),
        "I am sorry to hear that. A short rest may help.",
    ),
    (
        (
            "I am bored.",
            "What should I do today?",
            "There is nothing to do.",
            "I am so bored today.",
        ),
        "You could go for a walk or read a good book.",
    ),
    (
        (
            "I am sad.",
            "I had a bad day.",
            "I feel sad today.",
            "Today was awful.",
            "I want to cry.",
        ),
        "I am sorry to hear that. Do you want to talk about it?",
    ),
    (
        (
            "I am happy.",
            "I had a great day!",
            "I feel wonderful.",
            "Today was the best day.",
            "I am in a good mood.",
        ),
        "I am glad to hear that!",
    ),
    (
        (
            "I am angry.",
            "I am so mad right now.",
            "My brother makes me angry.",
            "Everything annoys me today.",
        ),
        "I am sorry to hear that. A few deep breaths may help.",
    ),
    (
        ("I am lonely.", "I have no one to talk to.", "I feel alone.", "Nobody calls me."),
        "I am sorry to hear that. You could call a friend or join a club.",
    ),
    (
        (
            "I am nervous.",
            "I am afraid of my exam.",
            "I am so nervous about tomorrow.",
            "I worry a lot.",
        ),
        "That is normal. Take a deep breath; you can do it.",
    ),
    (
        ("I am hungry.", "What should I eat?", "I need a snack.", "My stomach is empty."),
        "You could make a sandwich or eat some fruit.",
    ),
    (
        ("I am thirsty.", "I need a drink.", "What should I drink?", "My mouth is dry."),
        "A glass of water would be good.",
    ),
    (
        ("I am cold.", "It is so cold in here.", "I am freezing.", "My hands are cold."),
        "You could put on a warm jumper or drink some tea.",
    ),
    (
        ("I am ill.", "I feel sick.", "I have a cold.", "I do not feel well."),
        "I am sorry to hear that. Rest, drink water, and see a doctor if it gets worse.",
    ),
    (
        ("I passed my exam!", "I got the job!", "I won a prize!", "My team won!"),
        "Congratulations! Well done.",
    ),
    (
        (
            "It is my birthday.",
            "Today is my birthday!",
            "I turn ten today.",
            "guess what, it is my birthday",
        ),
        "Happy birthday! I wish you a lovely day.",
    ),
    (
        ("I lost my keys.", "I cannot find my phone.", "My bag is gone.", "I forgot my wallet."),
        "I am sorry to hear that. Think of where you last had it.",
    ),
    (
        ("I love you.", "You are great.", "You are very kind.", "I like you.", "Good job!"),
        "Thank you, that is kind of you.",
    ),
    (
        (
            "You are stupid.",
            "That was wrong.",
            "You are not helpful.",
            "I do not like your answer.",
        ),
        "I am sorry. Please tell me what I can do better.",
    ),
    (
        ("Sorry!", "I am sorry.", "Oh, my mistake.", "Excuse me."),
        "No problem at all.",
    ),
    (
        (
            "Can you help me?",
            "I need help.",
            "Could you help me please?",
            "help",
            "I have a question.",
        ),
        "Of course. What do you need?",
    ),
    (
        ("Let's talk.", "Can we chat?", "I want to talk to someone.", "Talk to me."),
        "I would like that. What shall we talk about?",
    ),
    (
        ("ok", "Okay.", "All right.", "I see.", "Fine."),
        "Good. Is there anything else?",
    ),
    (
        ("Yes", "yes please", "Sure!", "Yes, that would be nice."),
        "Good. What would you like to know?",
    ),
    (
        ("No", "No, thank you.", "nothing else", "That is all."),
        "All right. Have a nice day!",
    ),
    (
        (
            "I do not understand.",
            "What do you mean?",
            "That is too hard for me.",
            "Can you explain that again?",
        ),
        "I am sorry. Please tell me which part is not clear.",
    ),
    (
        (
            "What is your favourite colour?",
            "Which colour do you like best?",
            "Do you like blue?",
            "What colour do you like?",
        ),
        "I am a program and have no favourite colour. What is yours?",
    ),
    (
        (
            "Do you speak German?",
            "Which languages do you speak?",
            "Can you speak French?",
            "Do you know other languages?",
        ),
        "I only know English.",
    ),
    (
        (
            "Nice to meet you.",
            "It is good to meet you.",
            "Pleased to meet you.",
            "How nice to meet you!",
        ),
        "Nice to meet you too!",
    ),
    (
        (
            "Merry Christmas!",
            "Happy Christmas!",
            "Have a merry Christmas.",
            "I wish you a merry Christmas.",
        ),
        "Merry Christmas to you too!",
    ),
    (
        (
            "Happy New Year!",
            "A happy new year to you!",
            "happy new year",
            "I wish you a happy new year.",
        ),
        "Happy New Year to you too!",
    ),
    (
        (
            "Have a nice weekend!",
            "Enjoy your weekend.",
            "I wish you a good weekend.",
            "Have a good weekend.",
        ),
        "Thank you, you too!",
    ),
)
_HOW_TO: Final = {
    "make a cup of tea": "Boil some water|Put a tea bag in a cup|Pour in the water and wait",
    "boil an egg": "Put the egg in boiling water|Wait for eight minutes|Cool it in cold water",
    "plant a tree": "Dig a hole|Put the young tree in it|Fill the hole and water it",
    "wash my hands": "Wet your hands|Rub them with soap for twenty seconds|Rinse and dry them",
    "clean a window": "Spray water on the glass|Wipe it with a cloth|Dry it with paper",
    "learn a new language": (
        "Learn a few words every day|Listen to people who speak it|Practise speaking"
    ),
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
    "make coffee": "Boil some water|Put ground coffee in a filter|Pour the water over it slowly",
    "cook pasta": "Boil water with salt|Add the pasta and stir|Drain it when it is soft",
    "fry an egg": "Heat some oil in a pan|Break the egg into it|Fry it until the white is firm",
    "make toast": "Put the bread in the toaster|Wait until it is brown|Spread butter on it",
    "make a salad": "Wash the leaves|Cut some vegetables|Add oil and lemon juice",
    "make soup": "Cut the vegetables|Boil them in water for twenty minutes|Add salt and herbs",
    "make pancakes": (
        "Mix flour, milk and eggs|Pour a little into a hot pan|Turn it when it is golden"
    ),
    "make lemonade": "Press some lemons|Add cold water and sugar|Stir it and add ice",
    "bake bread": "Mix flour, water, yeast and salt|Let the dough rise|Bake it until it is brown",
    "bake potatoes": "Wash the potatoes|Rub them with oil|Bake them for an hour",
    "make popcorn": (
        "Heat some oil in a pot|Add the corn and close the lid|Wait until the popping stops"
    ),
    "make a fruit salad": "Wash the fruit|Cut it into small pieces|Mix it with a little juice",
    "make a smoothie": "Put fruit and milk in a mixer|Mix it for a minute|Pour it into a glass",
    "peel a potato": "Wash the potato|Hold it firmly|Pull the peeler away from you",
    "chop an onion": "Cut the onion in half|Peel it|Slice it both ways",
    "set the table": (
        "Put a plate at each seat|Lay forks and knives beside it|Add a glass and a napkin"
    ),
    "wash the dishes": (
        "Fill the sink with warm water and soap|Rub the dishes with a sponge|Rinse and dry them"
    ),
    "do the laundry": "Sort the clothes by colour|Wash them with soap powder|Hang them up to dry",
    "iron a shirt": "Heat the iron|Start with the collar|Move slowly over the rest",
    "fold a shirt": "Lay it flat|Fold the sleeves back|Fold it in half",
    "sew on a button": (
        "Thread a needle|Push it through the holes several times|Tie a knot at the back"
    ),
    "polish shoes": "Brush off the dirt|Rub in some polish|Shine them with a soft cloth",
    "make the bed": "Shake the pillow|Pull the sheet smooth|Lay the blanket on top",
    "sweep the floor": "Move the chairs away|Sweep the dust into a pile|Put it in the bin",
    "clean a bathroom": (
        "Spray the sink and bath|Wipe them with a sponge|Rinse everything with water"
    ),
    "clean a keyboard": "Turn it off|Shake out the dust|Wipe the keys with a damp cloth",
    "tidy my room": "Put clothes away|Throw out rubbish|Clean the floor",
    "tidy my desk": "Take everything off|Wipe the desk|Put back only what you need",
    "sort rubbish": "Put paper in one bin|Put glass in another|Put the rest in the last one",
    "save water": "Take short showers|Turn off the tap while you brush|Fix taps that drip",
    "save electricity": "Turn off lights|Unplug what you do not use|Wash clothes in cold water",
    "water a plant": "Feel the soil|Pour water slowly if it is dry|Let the rest run out",
    "grow herbs": "Put seeds in a pot|Set it in a sunny window|Keep the soil damp",
    "plant a flower": "Dig a small hole|Put the flower in|Cover the roots and water it",
    "mow the lawn": "Clear away stones and toys|Push the mower in straight lines|Rake up the grass",
    "build a snowman": "Roll three big balls of snow|Put one on top of another|Add a carrot nose",
    "build a bird house": "Cut six pieces of wood|Nail them together|Make a round hole in front",
    "make a kite": "Cross two sticks and tie them|Stretch paper over them|Fasten a long string",
    "make a paper boat": "Fold the paper in half|Fold the corners to the middle|Open it from below",
    "make a birthday card": "Fold thick paper|Draw a picture on the front|Write a kind wish inside",
    "wrap a present": "Put the present on paper|Fold the paper around it|Fasten it with tape",
    "draw a cat": "Draw a circle for the head|Add two ears and a face|Add a body and a tail",
    "draw a tree": "Draw a trunk|Add some branches|Draw leaves around them",
    "mix green paint": "Take some yellow paint|Add a little blue|Stir until it is green",
    "take a good photo": "Find good light|Hold the camera still|Take several pictures",
    "learn to swim": "Start in shallow water|Practise floating|Move your arms and legs together",
    "learn to draw": "Draw a little every day|Look closely at things|Do not fear mistakes",
    "learn the guitar": "Learn three chords|Practise changing between them|Play easy songs",
    "learn to dance": "Listen to the beat|Practise simple steps|Dance with a friend",
    "learn to type faster": (
        "Put your fingers on the middle row|Do not look down|Practise every day"
    ),
    "play chess better": "Learn the basic rules|Protect your king|Look at your lost games",
    "throw a ball far": "Step forward|Swing your arm back|Throw as your weight moves forward",
    "run a long race": "Train for some months|Start slowly|Drink water on the way",
    "warm up before sport": "Walk or run slowly|Swing your arms and legs|Stretch gently",
    "do a push-up": (
        "Put your hands on the floor|Keep your back straight|Bend and stretch your arms"
    ),
    "stretch my back": "Stand up straight|Reach up high|Bend slowly to each side",
    "brush my teeth": "Put some toothpaste on the brush|Brush for two minutes|Rinse your mouth",
    "wash my hair": "Wet your hair|Rub in some shampoo|Rinse it well",
    "treat a small cut": "Wash the cut|Press a clean cloth on it|Cover it with a plaster",
    "cure hiccups": "Hold your breath for a moment|Drink some water slowly|Wait calmly",
    "calm down": "Breathe in slowly|Count to ten|Think of something pleasant",
    "get up early": "Go to bed early|Put the alarm far away|Stand up at once",
    "drink more water": "Keep a bottle near you|Drink with every meal|Add a slice of lemon",
    "eat healthy food": "Eat fruit and vegetables|Choose whole grains|Have few sweets",
    "remember names": "Repeat the name aloud|Link it with a picture|Use it when you say goodbye",
    "remember new words": "Write them on cards|Use them in a sentence|Repeat them every day",
    "read faster": "Choose a quiet place|Follow the line with a finger|Read every day",
    "write a story": "Choose a hero|Give the hero a problem|Tell how it is solved",
    "write an essay": "Plan your main points|Write one paragraph for each|Check it at the end",
    "write a thank-you note": "Greet the person|Say what you are thankful for|Sign your name",
    "write a shopping list": (
        "Look at what you have|Write down what is missing|Sort it by shop section"
    ),
    "write a good email": "Write a clear subject|Say what you need|Close with a greeting",
    "give a speech": "Write down your main points|Practise aloud|Speak slowly and look up",
    "take notes": "Write only key words|Leave some space|Read them again the same day",
    "do my homework": "Find a quiet place|Start with the hardest task|Take short breaks",
    "prepare for a job interview": (
        "Learn about the company|Practise your answers|Arrive in good time"
    ),
    "write a job application": "Read the advert|Say why you fit|Check your spelling",
    "plan my day": "List your tasks|Mark the important ones|Give each a time",
    "plan a party": "Choose a day|Invite your friends|Get food and music",
    "plan a holiday": "Choose a place|Set a budget|Book travel and a room",
    "plan a picnic": "Pack food and drinks|Bring a blanket|Find a nice green place",
    "read a map": "Find where you are|Find where north is|Follow the roads to your goal",
    "catch a bus": "Find the right stop|Check the number of the bus|Buy a ticket",
    "cross a road safely": "Stop at the edge|Look both ways|Walk when it is clear",
    "buy a train ticket": "Choose where to go|Pick a train|Pay at the machine",
    "make a phone call": "Enter the number|Wait for an answer|Say your name",
    "send a parcel": "Put the thing in a box|Write the address on it|Take it to the post office",
    "open a bank account": "Choose a bank|Take your passport|Fill in the form",
    "charge my phone": "Plug in the charger|Connect the cable|Wait until it is full",
    "save a file": "Open the file menu|Choose save|Type a name",
    "copy and paste text": "Mark the text|Choose copy|Click where it should go and choose paste",
    "print a document": "Open the document|Choose print|Pick the printer and press the button",
    "restart a computer": "Save your work|Open the start menu|Choose restart",
    "make a strong password": (
        "Use at least twelve characters|Mix letters, numbers and signs|Do not use your name"
    ),
    "free up space on my phone": "Delete old photos|Remove apps you do not use|Empty the bin",
    "connect to wifi": "Open the settings|Choose your network|Type the password",
    "walk a dog": "Put the lead on|Walk for half an hour|Give it water at home",
    "train a puppy": "Use short words|Reward what it does well|Practise every day",
    "clean a fish tank": "Take out some of the water|Wipe the glass|Fill in fresh water",
    "brush a cat": "Let it sit calmly|Brush along the fur|Stop when it has enough",
    "care for a rabbit": "Give it hay and water|Clean its home|Let it run about",
    "say sorry": "Say what you did|Say that you are sorry|Ask how to make it right",
    "help a sad friend": "Listen to them|Say something kind|Do something nice together",
    "be a good listener": "Look at the person|Do not interrupt|Ask a question",
    "choose a present": "Think of what they like|Set a limit for the price|Wrap it nicely",
    "find a lost key": "Think of where you had it|Look in your pockets|Search each room",
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
    "the sun": "the star that gives us light and heat",
    "the moon": "the round body that moves around the Earth",
    "a star": "a huge ball of hot gas in space",
    "a cloud": "a mass of tiny drops of water in the sky",
    "snow": "frozen water that falls in soft flakes",
    "wind": "air that moves",
    "thunder": "the loud sound that follows lightning",
    "lightning": "a bright flash of electricity in the sky",
    "a rainbow": "an arc of colours in the sky",
    "fog": "a cloud that lies near the ground",
    "a river": "a long stream of water that flows to the sea",
    "a lake": "a large body of water with land around it",
    "an ocean": "a very large body of salt water",
    "a mountain": "a very high hill",
    "a valley": "the low land between hills",
    "a forest": "a large area with many trees",
    "an earthquake": "a sudden shaking of the ground",
    "a season": "one of the four parts of the year",
    "a week": "a time of seven days",
    "a century": "a time of one hundred years",
    "a decade": "a time of ten years",
    "a teacher": "a person who helps others to learn",
    "a nurse": "a person who cares for sick people",
    "a farmer": "a person who grows food or keeps animals",
    "a baker": "a person who makes bread",
    "a pilot": "a person who flies a plane",
    "a judge": "a person who decides in a court",
    "a scientist": "a person who studies how the world works",
    "an author": "a person who writes books",
    "a neighbour": "a person who lives next to you",
    "a guest": "a person who visits you",
    "an uncle": "the brother of your mother or father",
    "a cousin": "the child of your uncle or aunt",
    "a mammal": "an animal that feeds its young with milk",
    "an insect": "a small animal with six legs",
    "a bird": "an animal with wings and feathers",
    "a reptile": "an animal with dry scales, such as a snake",
    "a pet": "an animal that lives with people",
    "a nest": "a home that a bird builds",
    "a herd": "a large group of animals",
    "a seed": "the part of a plant that grows into a new one",
    "a root": "the part of a plant under the ground",
    "a leaf": "the flat green part of a plant",
    "fruit": "the part of a plant that holds its seeds",
    "honey": "the sweet food that bees make",
    "bread": "food made from flour and water",
    "cheese": "food made from milk",
    "soup": "a warm liquid food",
    "breakfast": "the first meal of the day",
    "a spoon": "a tool for eating soup",
    "a knife": "a tool for cutting",
    "a hammer": "a tool for hitting nails",
    "a clock": "a machine that shows the time",
    "a bridge": "a way built over a river or road",
    "a library": "a place where you can borrow books",
    "a school": "a place where children learn",
    "a hospital": "a place where sick people are treated",
    "a market": "a place where people buy and sell things",
    "a castle": "a large strong house with thick walls",
    "a factory": "a place where things are made by machines",
    "a capital": "the main city of a country",
    "a country": "a land with its own government",
    "a border": "the line between two countries",
    "a law": "a rule that everyone in a country must follow",
    "a tax": "money that people pay to the state",
    "an election": "a vote to choose leaders",
    "money": "what we use to pay for things",
    "a loan": "money that you must pay back",
    "a bank": "a place that keeps and lends money",
    "a price": "the money that something costs",
    "a salary": "the money that you get for your work",
    "a circle": "a round shape",
    "a square": "a shape with four equal sides",
    "an angle": "the space between two lines that meet",
    "a fraction": "a part of a whole",
    "an even number": "a number that can be halved without a rest",
    "addition": "putting numbers together to get a sum",
    "a sentence": "a group of words with a full meaning",
    "an adverb": "a word that says how something is done",
    "a vowel": "one of the letters a, e, i, o and u",
    "a synonym": "a word that means the same as another",
    "a rhyme": "words that end with the same sound",
    "a poem": "a text with lines that often rhyme",
    "a novel": "a long story in a book",
    "a diary": "a book where you write about your days",
    "a dictionary": "a book that explains words",
    "a question": "a sentence that asks for an answer",
    "a melody": "a row of notes that make a tune",
    "an orchestra": "a large group of people who play music",
    "energy": "the power to do work or to move",
    "electricity": "a form of energy that runs lamps and machines",
    "heat": "the energy that makes things warm",
    "oxygen": "the gas that we need to breathe",
    "an atom": "a tiny part that all things are made of",
    "a magnet": "a thing that pulls iron to itself",
    "a robot": "a machine that can do tasks by itself",
    "a program": "a list of orders for a computer",
    "a keyboard": "a board of keys for typing",
    "a website": "a group of pages on the internet",
    "an email": "a letter sent by computer",
    "a language model": "a computer program that writes text",
    "courage": "being brave when something is hard",
    "patience": "waiting calmly",
    "honesty": "telling the truth",
    "kindness": "being good to others",
    "happiness": "the feeling of being glad",
    "a dream": "what you see and feel while you sleep",
    "a memory": "something that you remember",
    "a promise": "saying that you will surely do something",
    "a secret": "something that only few people know",
    "a mistake": "something that is done wrong",
    "a goal": "something that you want to reach",
}
_HOW_ASK: Final = (
    "How do I {}?", "How can I {}?", "how to {}", "What is the best way to {}?",
    "Can you tell me how to {}?", "I want to {}. What should I do?", "Explain how to {}.",
    "Give me tips to {}.", "Tell me how to {}, please.", "Give step-by-step instructions to {}.",
    "Write a short guide on how to {}.", "What are the steps to {}?", "Please help me to {}.",
    "I do not know how to {}.", "Show me how to {}.", "how do i {}", "Teach me how to {}.",
    "I need to {} today. How?", "What do I have to do to {}?", "Describe how to {}.",
)  # fmt: skip
_DEFINE_ASK: Final = (
    "What is {}?",
    "Define {}.",
    "What does {} mean?",
    "Explain what {} is.",
    "what is {}",
    "Can you explain {}?",
    "Tell me what {} is.",
    "Give me a definition of {}.",
    "Explain {} to a child.",
    "In simple words, what is {}?",
    "Please define {}.",
    "How would you explain {}?",
    "I do not know what {} is.",
    "Describe {} in one sentence.",
    "What do people mean by {}?",
    "What exactly is {}?",
    "Do you know what {} is?",
)
_ANIMALS: Final = tuple(
    words(
        "fox rabbit bear mouse owl hedgehog duck cat dog frog horse lion pig goat squirrel penguin "
        "turtle monkey donkey bee wolf swan"
    )
)
_VIRTUES: Final = tuple(
    words(
        "honesty friendship sharing courage patience kindness trust hope helping listening thrift "
        "respect"
    )
)
_PLACES: Final = tuple(
    words("forest garden village castle valley meadow harbour city farm desert park library")
)
_MATTERS: Final = (
    "a meeting", "a party", "a day off", "the report", "lunch", "the exam", "the rent", "a trip",
    "the garden", "a broken window", "the new car", "a concert", "the holidays", "a lost key",
    "the school play", "an invoice", "a book", "the next lesson",
)  # fmt: skip
_THEMES: Final = tuple(
    words(
        "spring rain snow summer autumn winter wind stars moon sea night morning music roses "
        "rivers "
        "bread trees birds"
    )
)
_STORY_ASK: Final = (
    "Write a short bedtime story about a {a} who learns {t}.", "Make up a tale: a {a} learns {t}.",
    "Tell me a story about a {a} who learns {t}.", "Write about a {a} who learns {t}.",
    "I want a short story with a {a} and the lesson of {t}.", "A story, please: a {a} and {t}.",
    "Please write a little story in which a {a} learns {t}.", "story about a {a} learning {t}",
    "Can you tell my child a story of a {a} that learns {t}?",
)  # fmt: skip
_STORIES: Final = (
    "Once upon a time there was a little {a}. One day it met a friend in the {p}. The friend "
    "taught it about {t}, and they were happy ever after.",
    "A young {a} lived near a {p}. It knew nothing of {t}. Then an old bird told it why {t} "
    "matters, and the {a} never forgot it.",
    "There was a {a} who lived alone in a {p}. One night a guest came in from the rain. The guest "
    "showed it {t}, and the {a} was never alone again.",
)
_EMAIL_ASK: Final = (
    "Write a short email to {n} about {m}.", "Draft a polite email to {n} about {m}.",
    "Write a note to {n} about {m}.", "I need an email to {n} about {m}.", "email to {n} about {m}",
    "Help me write to {n} about {m}.", "Compose a message to {n} about {m}.",
    "Please write {n} a few lines about {m}.", "Can you draft a mail to {n}? It is about {m}.",
)  # fmt: skip
_EMAILS: Final = (
    "Dear {n},\nI am writing to you about {m}. Please tell me what you think.\nKind regards",
    "Hello {n},\nI have a short question about {m}. Could we talk this week?\nBest wishes",
    "Dear {n},\nthank you for your help with {m}. I look forward to your answer.\nKind regards",
)
_WISH_ASK: Final = (
    "Write a birthday wish for {n}.", "What can I write in a birthday card for {n}?",
    "{n} has a birthday. Write a short wish.", "Help me with a birthday card for {n}.",
    "Give me birthday wishes for {n}.", "It is {n}'s birthday. What should I write?",
    "birthday wishes for {n}", "Please write a birthday greeting to {n}.",
)  # fmt: skip
_WISHES: Final = (
    "Happy birthday, {n}! I wish you health, luck and many happy hours.",
    "Dear {n}, all the best for your birthday! May your new year be full of joy.",
    "Happy birthday, {n}! Enjoy your day with cake, friends and music.",
)
_POEM_ASK: Final = (
    "Write a short poem about {x}.", "Write four lines about {x}.", "Make a little poem on {x}.",
    "I would like a poem about {x}.", "Can you write a verse about {x}?", "poem about {x}",
    "Please write a small poem on {x}.", "Compose some lines about {x}.",
)  # fmt: skip
_POEMS: Final = (
    "I think of {x} when day is new,\nthe grass is wet, the sky is blue.\n"
    "I think of {x} when day is done,\nand down behind the hill the sun.",
    "Oh {x}, oh {x}, so far, so near,\nyou come again in every year.\n"
    "I close my eyes and still I see\nhow much of you there is in me.",
    "Give me {x} and give me song,\nthen no day can be too long.\n"
    "Give me {x} and give me light,\nthen I need not fear the night.",
)


def small_talk(draw: Draw) -> Task:
    """Chat for one to three turns; what is said about the model is true."""
    count = draw.choice((1, 1, 1, 2, 3))
    turns: list[Message] = []
    answer = ""
    for prompts, reply in draw.rng.sample(_SMALL_TALK, count):
        if answer:
            turns.append(assistant(answer))
        turns.append(user(draw.template(prompts)))
        answer = reply
    return Task(tuple(turns), answer)


def how_to(draw: Draw) -> Task:
    """Explain an everyday thing in three steps."""
    topic = draw.choice(sorted(_HOW_TO))
    steps = enumerate(_HOW_TO[topic].split("|"), 1)
    answer = "\n".join(f"{number}. {step}." for number, step in steps)
    return Task((user(draw.template(_HOW_ASK).format(topic)),), answer)


def definition(draw: Draw) -> Task:
    """Say what something is in one sentence."""
    word = draw.choice(sorted(_DEFINITIONS))
    prompt = draw.template(_DEFINE_ASK).format(word)
    return Task((user(prompt),), f"{word[0].upper()}{word[1:]} is {_DEFINITIONS[word]}.")


def short_writing(draw: Draw) -> Task:
    """Write a story, an email, a birthday wish or a few lines of verse."""
    slots = {
        "a": draw.value(_ANIMALS),
        "t": draw.value(_VIRTUES),
        "p": draw.value(_PLACES),
        "n": draw.value(NAMES),
        "m": draw.value(_MATTERS),
        "x": draw.value(_THEMES),
    }
    asks, texts = draw.choice(
        (
            (_STORY_ASK, _STORIES),
            (_EMAIL_ASK, _EMAILS),
            (_WISH_ASK, _WISHES),
            (_POEM_ASK, _POEMS),
        )
    )
    prompt, answer = draw.template(asks).format(**slots), draw.choice(texts).format(**slots)
    return Task((user(prompt.replace(" a owl", " an owl")),), answer.replace(" a owl", " an owl"))


SKILLS: Final[dict[str, Callable[[Draw], Task]]] = {
    "small_talk": small_talk,
    "how_to": how_to,
    "definition": definition,
    "short_writing": short_writing,
}
