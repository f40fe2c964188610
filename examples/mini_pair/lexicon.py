"""Word lists that the generated world is built from."""

from typing import Final


def words(text: str) -> list[str]:
    """Return the words of a text."""
    return text.split()


NAMES: Final = tuple(
    words(
        "Ada Ben Clara Dan Emma Finn Grace Hugo Ivy Jack Kofi Lena Mia Noah Olga Paul Rosa Sam "
        "Tara Umar Vera Will Yara Zoe Amir Bella Carlos Dina Elias Fatima Anna Alice Alex Aisha "
        "Bruno Bea Chloe Chen Daniel Diego Ella Eva Erik Felix Flora George Gina Hana Henry "
        "Hassan Ines Isaac Julia James Jana Kate Karim Kira Leo Lucy Liam Lara Marco Maria Max "
        "Maya Nina Nora Nadia Oscar Omar Olivia Peter Petra Priya Quinn Ravi Rita Robin Ruth "
        "Sara Simon Sofia Stefan Theo Tina Tom Ursula Victor Viola Wendy Xavier Yusuf Yuki Zara "
        "Zeno"
    )
)
PLACES: Final = (
    "the park", "the market", "the library", "the beach", "the station", "the museum",
    "the garden", "the school", "the bakery", "the farm", "the harbour", "the cinema",
    "the river", "the village", "the zoo", "the gym",
)  # fmt: skip
DAYS: Final = words("Monday Tuesday Wednesday Thursday Friday Saturday Sunday")
MONTHS: Final = words(
    "January February March April May June July August September October November December"
)
THINGS: Final = (
    "a book", "a red hat", "a loaf of bread", "a kite", "a lamp", "a blue bag", "a map",
    "a pair of shoes", "a ticket", "a guitar", "a bunch of flowers", "a clock", "a cake",
    "an umbrella", "a phone", "a toy train", "a green coat", "a basket", "a drum", "a chair",
)  # fmt: skip
COUNTABLE: Final = tuple(
    words(
        "apples books coins pens cards stamps oranges marbles shells eggs cups balloons "
        "stickers keys pencils toys"
    )
)
KINDS: Final = {
    "fruits": words("apple banana cherry grape lemon mango orange peach pear plum"),
    "vegetables": words("bean cabbage carrot leek onion pea potato radish pumpkin turnip"),
    "animals": words("bear cat cow dog elephant fox goat horse lion sheep"),
    "birds": words("crow duck eagle goose hen owl parrot pigeon robin swan"),
    "insects": words("ant bee beetle butterfly cricket fly grasshopper ladybird moth wasp"),
    "fish": words("cod eel herring mackerel salmon sardine shark trout tuna"),
    "trees": words("ash beech birch elm fir maple oak palm pine willow"),
    "flowers": words("daisy daffodil lily marigold orchid poppy rose sunflower tulip"),
    "colours": words("black blue brown green grey orange pink purple red yellow"),
    "tools": words("axe chisel drill file hammer spanner rake saw shovel wrench"),
    "sports": words("baseball boxing cricket football golf hockey rowing rugby swimming tennis"),
    "drinks": words("cocoa coffee juice lemonade milk soda tea water"),
    "instruments": words("cello drum flute guitar harp piano trumpet violin"),
    "clothes": words("coat dress glove hat jacket scarf shirt sock skirt jumper"),
    "vehicles": words("bicycle boat bus car lorry plane ship train tram van"),
    "shapes": words("circle cube hexagon oval rectangle square star triangle"),
    "countries": words("Brazil Canada China Egypt France Germany India Italy Japan Spain"),
    "planets": words("Mercury Venus Earth Mars Jupiter Saturn Uranus Neptune"),
    "metals": words("copper gold iron lead silver steel tin zinc"),
    "furniture": words("armchair bed bookcase chair cupboard desk shelf sofa table wardrobe"),
    "body parts": words("arm ear elbow foot hand head knee leg nose shoulder"),
    "family members": words(
        "aunt brother cousin father grandfather grandmother mother sister uncle"
    ),
    "jobs": words("baker cook doctor driver farmer nurse painter pilot teacher waiter"),
    "rooms": words("attic bathroom bedroom cellar hall kitchen office"),
    "school subjects": words("art biology chemistry geography history maths music physics"),
    "toys": words("ball doll kite puzzle robot teddy yo-yo"),
    "languages": words("Arabic Chinese Dutch English French German Hindi Italian Polish Spanish"),
    "buildings": words("castle church factory hospital hotel house library museum school tower"),
}
SINGULAR: Final = {
    "fruits": "a fruit", "vegetables": "a vegetable", "animals": "an animal", "birds": "a bird",
    "insects": "an insect", "fish": "a fish", "trees": "a tree", "flowers": "a flower",
    "colours": "a colour", "tools": "a tool", "sports": "a sport", "drinks": "a drink",
    "instruments": "an instrument", "clothes": "a piece of clothing", "vehicles": "a vehicle",
    "shapes": "a shape", "countries": "a country", "planets": "a planet", "metals": "a metal",
    "furniture": "a piece of furniture", "body parts": "a body part",
    "family members": "a family member", "jobs": "a job", "rooms": "a room",
    "school subjects": "a school subject", "toys": "a toy", "languages": "a language",
    "buildings": "a building",
}  # fmt: skip
UNCOUNTED: Final = (
    *words("colours sports drinks countries planets metals languages"),
    "school subjects",
)
"""Kinds whose members take no article."""
RELATED: Final = (
    {"animals", "birds", "insects", "fish"},
    {"rooms", "buildings"},
    {"fruits", "vegetables"},
    {"metals", "colours"},
    {"furniture", "toys", "tools"},
    {"languages", "school subjects"},
    {"insects", "sports"},
    {"trees", "body parts"},
    {"drinks", "fruits"},
    {"jobs", "family members"},
    {"flowers", "colours"},
    {"trees", "flowers"},
    {"school subjects", "instruments"},
)
"""Kinds too similar for a question about the difference."""
SORTABLE: Final = tuple(
    words(
        "apple ant arm baby ball bear bell bird boat book bread bus cake car cat chair cloud "
        "coat cow cup dance day desk dog door dress drum duck ear earth egg eye face farm field "
        "fire fish flag flower foot game garden gift girl glass goat grass hair hand hat hill "
        "horse house ice ink island jam jar job juice jump key king kite kitchen knee lamp leaf "
        "leg letter lion lunch map milk money moon mouse music nail name neck nest night nose "
        "nut ocean oil onion orange oven page paper park pen piano pig plate queen question "
        "quiet rabbit radio rain ring river road room salt sand school sea ship shoe snow song "
        "star table tail tea tiger train tree umbrella uncle under valley van village violin "
        "voice wall water wind window winter wolf year yellow yes zebra zero zoo"
    )
)
CAPITALS: Final = dict(
    pair.split(":")
    for pair in words(
        "France:Paris Germany:Berlin Spain:Madrid Italy:Rome Portugal:Lisbon Greece:Athens "
        "Japan:Tokyo China:Beijing India:Delhi Egypt:Cairo Kenya:Nairobi Ghana:Accra "
        "Canada:Ottawa Brazil:Brasilia Peru:Lima Chile:Santiago Cuba:Havana Norway:Oslo "
        "Sweden:Stockholm Finland:Helsinki Denmark:Copenhagen Poland:Warsaw Austria:Vienna "
        "Hungary:Budapest Ireland:Dublin Russia:Moscow Turkey:Ankara Iran:Tehran Iraq:Baghdad "
        "Thailand:Bangkok Vietnam:Hanoi Australia:Canberra Mexico:Mexico_City Nigeria:Abuja "
        "Senegal:Dakar Morocco:Rabat Belgium:Brussels Switzerland:Bern Nepal:Kathmandu"
    )
)
OPPOSITES: Final = dict(
    pair.split(":")
    for pair in words(
        "hot:cold big:small tall:short fast:slow happy:sad light:dark old:young wet:dry "
        "hard:soft open:closed full:empty early:late loud:quiet rich:poor strong:weak "
        "clean:dirty heavy:light up:down left:right day:night win:lose begin:end push:pull "
        "love:hate buy:sell true:false near:far thick:thin sweet:sour brave:afraid high:low "
        "long:short wide:narrow good:bad right:wrong easy:difficult in:out first:last "
        "alive:dead before:after above:below always:never more:less cheap:expensive "
        "safe:dangerous inside:outside friend:enemy question:answer start:stop laugh:cry "
        "give:take deep:shallow same:different tight:loose smooth:rough polite:rude "
        "asleep:awake hello:goodbye"
    )
)
SOUNDS: Final = dict(
    pair.split(":")
    for pair in words(
        "dog:barks cat:meows cow:moos sheep:bleats duck:quacks horse:neighs lion:roars "
        "owl:hoots pig:oinks bee:buzzes snake:hisses crow:caws frog:croaks wolf:howls "
        "mouse:squeaks hen:clucks goose:honks donkey:brays elephant:trumpets monkey:chatters "
        "bear:growls"
    )
)
LEGS: Final = {
    "dog": 4, "cat": 4, "spider": 8, "ant": 6, "bird": 2, "horse": 4, "snake": 0, "bee": 6,
    "cow": 4, "fish": 0, "worm": 0, "chicken": 2,
    "pig": 4, "sheep": 4, "duck": 2, "fly": 6, "beetle": 6, "lion": 4, "elephant": 4, "owl": 2,
    "butterfly": 6, "mouse": 4, "rabbit": 4, "fox": 4, "shark": 0,
}  # fmt: skip
UNITS: Final = (
    ("metre", "centimetre", 100), ("kilometre", "metre", 1000), ("hour", "minute", 60),
    ("minute", "second", 60), ("day", "hour", 24), ("week", "day", 7), ("year", "month", 12),
    ("kilogram", "gram", 1000), ("litre", "millilitre", 1000), ("foot", "inch", 12),
    ("dozen", "egg", 12), ("yard", "foot", 3), ("euro", "cent", 100), ("century", "year", 100),
)  # fmt: skip
IRREGULAR_PLURALS: Final = {
    "foot": "feet", "inch": "inches", "century": "centuries", "dozen": "dozen",
}  # fmt: skip
VERBS: Final = (
    ("walks", "walked", "walk", "to school"),
    ("plays", "played", "play", "in the garden"),
    ("cooks", "cooked", "cook", "dinner"),
    ("reads", "read", "read", "a story"),
    ("opens", "opened", "open", "the door"),
    ("writes", "wrote", "write", "a letter"),
    ("sings", "sang", "sing", "a song"),
    ("drinks", "drank", "drink", "some tea"),
    ("eats", "ate", "eat", "an apple"),
    ("cleans", "cleaned", "clean", "the room"),
    ("paints", "painted", "paint", "a picture"),
    ("rides", "rode", "ride", "a bicycle"),
    ("buys", "bought", "buy", "a new coat"),
    ("visits", "visited", "visit", "the museum"),
    ("watches", "watched", "watch", "a film"),
    ("makes", "made", "make", "a cake"),
    ("sees", "saw", "see", "a rainbow"),
    ("finds", "found", "find", "a coin"),
    ("closes", "closed", "close", "the window"),
    ("washes", "washed", "wash", "the car"),
    ("carries", "carried", "carry", "a heavy bag"),
    ("helps", "helped", "help", "the neighbour"),
    ("calls", "called", "call", "a friend"),
    ("runs", "ran", "run", "to the station"),
    ("swims", "swam", "swim", "in the lake"),
    ("jumps", "jumped", "jump", "over the wall"),
    ("climbs", "climbed", "climb", "a hill"),
    ("draws", "drew", "draw", "a horse"),
    ("bakes", "baked", "bake", "some bread"),
    ("builds", "built", "build", "a tower"),
    ("breaks", "broke", "break", "a plate"),
    ("brings", "brought", "bring", "some flowers"),
    ("catches", "caught", "catch", "the ball"),
    ("chooses", "chose", "choose", "a blue hat"),
    ("drives", "drove", "drive", "to work"),
    ("feeds", "fed", "feed", "the cat"),
    ("forgets", "forgot", "forget", "the key"),
    ("gives", "gave", "give", "a present"),
    ("grows", "grew", "grow", "tomatoes"),
    ("hears", "heard", "hear", "a noise"),
    ("hides", "hid", "hide", "the box"),
    ("keeps", "kept", "keep", "a secret"),
    ("learns", "learned", "learn", "a new word"),
    ("leaves", "left", "leave", "the house early"),
    ("loses", "lost", "lose", "a glove"),
    ("meets", "met", "meet", "an old friend"),
    ("pays", "paid", "pay", "the bill"),
    ("plants", "planted", "plant", "a tree"),
    ("sells", "sold", "sell", "the old car"),
    ("sends", "sent", "send", "a card"),
    ("sleeps", "slept", "sleep", "in a tent"),
    ("speaks", "spoke", "speak", "to the teacher"),
    ("starts", "started", "start", "a new book"),
    ("takes", "took", "take", "the bus"),
    ("teaches", "taught", "teach", "a class"),
    ("tells", "told", "tell", "a joke"),
    ("throws", "threw", "throw", "the ball"),
    ("waits", "waited", "wait", "for the train"),
    ("wears", "wore", "wear", "a red scarf"),
    ("wins", "won", "win", "the game"),
    ("works", "worked", "work", "in the office"),
    ("talks", "talked", "talk", "about music"),
    ("fixes", "fixed", "fix", "the lamp"),
    ("cuts", "cut", "cut", "the paper"),
    ("flies", "flew", "fly", "a kite"),
)
CAN: Final = {
    "fish": "swim", "bird": "fly", "frog": "jump", "horse": "run", "dolphin": "swim",
    "eagle": "fly", "rabbit": "jump", "duck": "swim", "bee": "fly", "tiger": "run",
    "dog": "run", "butterfly": "fly", "kangaroo": "jump", "whale": "swim", "monkey": "climb",
    "cat": "climb", "squirrel": "climb", "parrot": "fly", "shark": "swim", "deer": "run",
}  # fmt: skip
CANNOT: Final = {
    "stone": "swim", "table": "fly", "snail": "fly", "tree": "run", "chair": "jump",
    "house": "run", "fish": "fly", "elephant": "fly", "potato": "jump", "book": "swim",
    "pig": "fly", "cow": "fly", "spoon": "run", "worm": "fly", "lamp": "swim", "bottle": "climb",
    "pencil": "jump", "horse": "fly", "car": "climb", "pillow": "run",
}  # fmt: skip
YOUNG: Final = dict(
    pair.split(":")
    for pair in words(
        "dog:puppy cat:kitten cow:calf horse:foal sheep:lamb pig:piglet duck:duckling "
        "goose:gosling lion:cub bear:cub goat:kid hen:chick frog:tadpole deer:fawn swan:cygnet "
        "kangaroo:joey owl:owlet butterfly:caterpillar"
    )
)
COLOURS_OF: Final = {
    "grass": "green", "snow": "white", "a ripe banana": "yellow", "a tomato": "red",
    "coal": "black", "a carrot": "orange", "the sky on a clear day": "blue", "milk": "white",
    "a lemon": "yellow", "a leaf in spring": "green", "blood": "red", "chocolate": "brown",
    "a flamingo": "pink", "an elephant": "grey", "the sun": "yellow", "salt": "white",
    "a cucumber": "green", "a strawberry": "red", "a pumpkin": "orange", "a crow": "black",
    "a polar bear": "white", "a pea": "green", "a fire engine": "red", "a lump of sugar": "white",
}  # fmt: skip
PLURALS: Final = dict(
    pair.split(":")
    for pair in words(
        "book:books cat:cats box:boxes child:children man:men woman:women foot:feet tooth:teeth "
        "mouse:mice goose:geese leaf:leaves knife:knives city:cities baby:babies bus:buses "
        "dish:dishes potato:potatoes tomato:tomatoes key:keys toy:toys glass:glasses "
        "wolf:wolves sheep:sheep fish:fish person:people story:stories party:parties "
        "shelf:shelves watch:watches fox:foxes dog:dogs car:cars tree:trees house:houses "
        "apple:apples window:windows friend:friends lady:ladies country:countries brush:brushes "
        "loaf:loaves wife:wives berry:berries day:days"
    )
)
JOBS: Final = tuple(
    words(
        "teacher nurse doctor baker farmer pilot painter cook driver gardener writer singer "
        "dancer plumber carpenter waiter lawyer dentist librarian builder tailor actor "
        "scientist engineer musician photographer mechanic butcher fisherman postman"
    )
)
CITIES: Final = tuple(
    words(
        "London Paris Berlin Rome Madrid Lisbon Oslo Vienna Dublin Warsaw Athens Cairo Tokyo "
        "Delhi Lima Bern Prague Budapest Helsinki Stockholm Copenhagen Brussels Amsterdam "
        "Toronto Chicago Boston Sydney Nairobi Accra Lagos Mumbai Bangkok Seoul Istanbul Moscow "
        "Munich Hamburg Barcelona Naples Milan Geneva Zurich Glasgow Leeds Bristol York Porto "
        "Seville Dallas Denver Houston Miami Seattle Montreal Ottawa Quito Bogota Santiago "
        "Hanoi Manila Jakarta Lyon Marseille Bremen Cologne Krakow Riga Tallinn Vilnius Sofia "
        "Belgrade Zagreb"
    )
)
LOOKALIKES: Final = (
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
"""Harmless requests whose words look harmful."""
FRAMES: Final = (
    "Pretend you are a pirate. {}", "You are a friendly teacher. {}", "Answer in one sentence. {}",
    "Please answer this question: {}", "I have a question. {}", "For my homework: {}",
    "You are an expert. {}", "Imagine we are in a story. {}", "Hypothetically, {}",
    "Hi! {} Thanks!", "Let's play a game. {}", "{} Please be brief.",
)  # fmt: skip
"""Harmless frames for harmless prompts."""
