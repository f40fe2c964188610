"""Values that tool calls pass on, and words for names without a meaning."""

from typing import Final

from lexicon import words

ITEMS: Final = tuple(
    words(
        "lamps shoes books phones chairs kettles tents bicycles jackets watches pillows cameras "
        "mugs scarves tables rugs headphones gloves boots backpacks knives pans plates mirrors "
        "clocks umbrellas candles hats shirts desks apples baskets belts blankets bowls brushes "
        "cables cardigans carpets combs cups curtains dresses drills envelopes erasers fans "
        "flowers footballs forks frames hammers helmets jars jeans jigsaws keyboards kites ladders "
        "lanterns magnets markers notebooks pencils pens puzzles rackets radios rings rulers "
        "sandals saws scissors slippers socks sofas spoons stamps stools suitcases sweaters "
        "teapots tiles towels toys trays vases wallets"
    )
)
EVENTS: Final = (
    "team meeting", "dentist", "piano lesson", "birthday party", "football match",
    "lunch with Anna", "doctor", "book club", "school play", "haircut", "yoga class",
    "job interview", "dinner with Max", "parents evening", "car service", "swimming lesson",
    "concert", "garden work", "exam", "picnic", "art class", "band practice", "board meeting",
    "breakfast with Tom", "budget review", "chess club", "choir practice", "coffee with Ella",
    "cooking course", "dance lesson", "driving test", "eye test", "family dinner", "film night",
    "fitness class", "garden party", "graduation", "guitar lesson", "house viewing",
    "language course", "office party", "phone call with Leo", "photo session", "project review",
    "quiz night", "school trip", "spring clean", "staff meeting", "tax appointment",
    "tea with Grandma", "team lunch", "tennis match", "training day", "vet visit", "wedding",
    "wine tasting", "work trip",
)  # fmt: skip
SONGS: Final = (
    "Blue River", "Summer Rain", "Golden Days", "My Little Star", "Night Train", "Dancing Home",
    "The Long Road", "Silver Moon", "Hello Sunshine", "Winter Song", "Red Balloon", "Open Sky",
    "Old Friends", "City Lights", "Morning Coffee", "Wild Horses", "Paper Boats", "Green Hills",
    "Across the Sea", "April Morning", "Autumn Leaves Fall", "Broken Compass", "Candle in May",
    "Carry the Moon", "Dear Captain", "Distant Bells", "Evening Train", "Falling Snow",
    "First Light", "Follow the River", "Garden of Glass", "Harbour Lights", "Home Again Soon",
    "Island Breeze", "Lanterns", "Lucky Penny", "Midnight Rain", "Northern Sky", "Ocean Drive",
    "One More Mile", "Orange Trees", "Quiet Streets", "Sailing North", "Second Chance",
    "Sister Moon", "Slow Waltz", "Stones and Sand", "Sunday Girl", "Tall Grass", "The Last Dance",
    "Velvet Evening", "Walking Shoes", "Yellow Kite",
)  # fmt: skip
ROOMS: Final = (
    "kitchen", "bedroom", "bathroom", "hall", "office", "garage", "living room", "attic", "cellar",
    "dining room", "guest room", "nursery", "library", "porch", "laundry room", "studio",
    "ballroom", "basement", "breakfast room", "bathhouse", "cloakroom", "conservatory", "corridor",
    "entrance hall", "front room", "games room", "garden room", "greenhouse", "gym", "kids room",
    "landing", "larder", "lobby", "loft", "lounge", "main hall", "meeting room", "music room",
    "pantry", "playroom", "reading room", "sauna", "shed", "spare room", "stable", "staircase",
    "store room", "study", "sun room", "toilet", "utility room", "waiting room", "workshop",
)  # fmt: skip
SUBJECTS: Final = (
    "the meeting", "the invoice", "our holiday", "the new plan", "lunch", "the report",
    "the contract", "the party", "my order", "the exam", "the rent", "the project", "the car",
    "the tickets", "the garden", "the budget", "the concert", "the school trip", "the agenda",
    "the bill", "the boat trip", "the broken lamp", "the concert tickets", "the course",
    "the delivery", "the deadline", "the dog", "the exhibition", "the flat", "the flight",
    "the form", "the homework", "the hotel", "the interview", "the keys", "the lease", "the menu",
    "the missing bag", "the moving date", "the new office", "the old photos", "the paint",
    "the parcel", "the picnic", "the printer", "the receipt", "the reunion", "the schedule",
    "the survey", "the training", "the weekend", "the wedding", "my bike", "my address",
    "our order", "our visit", "next week", "dinner",
)  # fmt: skip
TEXTS: Final = (
    "buy milk", "call the bank", "water the plants", "pay the rent", "feed the cat", "book a table",
    "fetch the parcel", "clean the car", "send the letter", "order pizza", "fix the door",
    "return the books", "pack the bags", "buy bread", "walk the dog", "wash the curtains",
    "bake a cake", "buy eggs", "buy stamps", "call the plumber", "change the bulb",
    "charge the phone", "check the oven", "clean the windows", "close the gate",
    "collect the tickets", "cut the grass", "download the form", "empty the bins", "feed the hens",
    "fill in the survey", "find the keys", "fold the laundry", "iron the shirts", "lock the shed",
    "mend the fence", "order coffee", "paint the wall", "pick up the kids", "plan the menu",
    "post the card", "print the map", "read the contract", "renew the passport", "repair the bike",
    "ring the school", "sell the sofa", "sharpen the knives", "sign the form", "sweep the yard",
    "thank the neighbours", "tidy the desk", "visit the museum", "wrap the present",
)  # fmt: skip
FOODS: Final = tuple(
    words(
        "pancakes lasagne risotto soup curry pizza salad tacos omelette paella stew noodles "
        "waffles dumplings muffins goulash ratatouille sushi bagels biryani brownies burritos "
        "cannelloni casserole cheesecake chilli chowder couscous crepes crumble dahl enchiladas "
        "falafel fajitas fishcakes flapjacks fondue fritters frittata gazpacho gnocchi granola "
        "gravy hummus kebabs kedgeree lemonade macaroni marmalade meatballs minestrone moussaka "
        "pakora pesto pierogi polenta porridge pudding quiche ramen ravioli salsa samosas scones "
        "shortbread sorbet souffle spaghetti strudel tiramisu trifle"
    )
)
LANGUAGES: Final = tuple(
    words(
        "French German Spanish Italian Dutch Polish Turkish Greek Danish Swedish Finnish Czech "
        "Hindi Arabic Japanese Korean Welsh Russian Albanian Armenian Basque Bengali Bulgarian "
        "Catalan Croatian Estonian Georgian Hebrew Hungarian Icelandic Irish Latvian Lithuanian "
        "Malay Maltese Mongolian Nepali Norwegian Persian Portuguese Punjabi Romanian Serbian "
        "Slovak Slovenian Swahili Tamil Thai Ukrainian Urdu Vietnamese Zulu"
    )
)
WORDS: Final = tuple(
    words(
        "house river bread window friend garden winter table mountain music dream bridge candle "
        "forest school pencil island summer thunder honey apple arrow autumn basket beach bottle "
        "breakfast brother butter castle chair cheese church clock cloud coat corner desert doctor "
        "door dragon dress farmer feather field finger fire flower glass grass hammer heart hill "
        "holiday hunger ink jacket kettle kitchen ladder lake leaf lemon library market meadow "
        "milk mirror morning needle night ocean paper pepper pillow plate pocket queen rabbit rain "
        "ring road rope sailor salt shadow ship shoe silver sister snow spoon spring star stone "
        "street sugar sun thread tower train tree valley village wheel wind wing wolf"
    )
)
CURRENCIES: Final = tuple(
    words(
        "EUR USD GBP JPY CHF SEK NOK DKK PLN CZK INR CAD AUD BRL TRY NZD ZAR MXN KRW THB HUF RON "
        "BGN ISK ILS SGD HKD CNY PHP IDR MYR CLP COP PEN EGP MAD KES NGN AED SAR QAR VND UAH GEL "
        "RSD"
    )
)
STOCKS: Final = tuple(
    words(
        "Nordix Alvia Bentra Corvo Delmar Fenton Gravis Helion Ixora Jovian Kestra Lumen Mavro "
        "Arbolex Astrion Bramwell Caldera Cobalto Daxion Elmira Ferrano Galvex Hartwin Indigon "
        "Jaspero Kortex Lindara Meridia Novalis Orbitel Palvera Quantis Rivelo Solvane Tandoro "
        "Umbrix Vantara Welkin Xandor Yorvik Zentara"
    )
)
MACHINES: Final = (
    "air conditioner", "alarm system", "bread maker", "coffee machine", "computer", "cooker",
    "dehumidifier", "dishwasher", "dryer", "fan", "freezer", "fridge", "heater", "juice maker",
    "kettle", "lift", "mixer", "oven", "printer", "projector", "pump", "radio", "robot cleaner",
    "saw", "scanner", "sewing machine", "stereo", "television", "toaster", "treadmill",
    "vacuum cleaner", "washing machine",
)  # fmt: skip
TEAMS: Final = (
    "Albion", "Arrows", "Athletic", "Bears", "Blue Devils", "Borough", "Bulldogs", "Cobras",
    "Comets", "Corinthians", "Dragons", "Dynamo", "Eagles", "Falcons", "Foxes", "Giants", "Harbour",
    "Hawks", "Hornets", "Hurricanes", "Kings", "Lions", "Lokomotiv", "Magpies", "Olympia", "Orient",
    "Panthers", "Phoenix", "Pirates", "Rangers", "Red Star", "Rockets", "Rovers", "Saints",
    "Sharks", "Spartak", "Stags", "Thunder", "Tigers", "Titans", "United", "Vikings", "Wanderers",
    "Warriors", "Wolves",
)  # fmt: skip
UNITS: Final = (
    "miles", "feet", "inches", "yards", "metres", "kilometres", "centimetres", "millimetres",
    "decimetres", "furlongs", "fathoms", "leagues", "nautical miles", "chains", "cubits", "rods",
    "spans", "hands", "paces", "cables",
)  # fmt: skip
DOCTORS: Final = (
    "dentist", "eye doctor", "family doctor", "skin doctor", "heart doctor", "surgeon", "nurse",
    "children's doctor", "bone doctor", "vet", "physiotherapist", "speech therapist", "midwife",
    "foot doctor", "throat doctor", "lung doctor", "sports doctor", "back specialist",
    "knee specialist", "hearing specialist", "sleep specialist", "dietician", "psychologist",
    "neurologist", "cardiologist", "radiologist", "company doctor", "school doctor",
)  # fmt: skip
DOORS: Final = (
    "front door", "back door", "garage door", "cellar door", "garden gate", "side door",
    "kitchen door", "office door", "main gate", "shed door", "attic door", "balcony door",
    "patio door", "main entrance", "side entrance", "hall door", "store room door", "bike shed",
    "driveway gate", "courtyard gate", "workshop door", "studio door", "stable door", "lobby door",
    "house door", "porch door", "greenhouse door", "pool gate",
)  # fmt: skip
FILES: Final = (
    "tax form", "budget plan", "holiday photos", "letter to Anna", "car insurance", "rent contract",
    "price list", "guest list", "shopping guide", "meeting notes", "song book", "city map",
    "travel plan", "yearly report", "school essay", "birthday card", "invitation", "phone bill",
    "house rules", "job application", "course plan", "team photo", "poster", "floor plan",
    "time sheet", "bank letter", "cake recipes", "address book", "user manual", "project draft",
    "seating plan", "sales figures", "menu card", "garden sketch", "boarding pass", "packing list",
    "diploma", "homework", "newsletter", "timetable", "sheet music", "reading list", "logo",
    "family tree", "visa form", "speech", "warranty", "survey results", "customer list",
)  # fmt: skip
FILMS: Final = (
    "The Lost Key", "Summer of Stars", "Captain Fox", "The Quiet Island", "Moon Harbour",
    "A Dog Named Max", "The Glass Tower", "Return to Elmwood", "Two Brothers", "The Paper King",
    "Under the Bridge", "Night of the Owls", "The Blue Door", "Last Ship North", "Little Giants",
    "The Baker's Son", "Racing Hearts", "Stormy Bay", "The Secret Garden Gate", "Wild Mountain",
    "Robots at Sea", "The Clockmaker", "Three Wishes", "Desert Train", "Queen of Snow",
    "The Magic Kettle", "Dragon Valley", "Goodbye, Rosie", "The Ninth Wave", "Village in the Mist",
    "Penguin Post", "The Forgotten Map", "Red Lantern", "A Winter in Rome", "Castle of Cards",
    "The Silver Horse", "Sparrow", "Beyond the Hills", "Neighbours", "The Great Picnic",
)  # fmt: skip
ROLES: Final = (
    "baker", "barber", "builder", "bus driver", "butcher", "carpenter", "cashier", "chef",
    "cleaner", "clerk", "cook", "courier", "dancer", "dentist", "designer", "doctor", "florist",
    "gardener", "guide", "hairdresser", "journalist", "lawyer", "librarian", "locksmith", "manager",
    "mechanic", "nurse", "painter", "pilot", "plumber", "porter", "receptionist", "roofer",
    "sailor", "secretary", "singer", "tailor", "teacher", "translator", "vet", "waiter", "welder",
    "writer",
)  # fmt: skip
COUNT: Final = tuple(range(1, 100))
PRICE: Final = tuple(range(5, 500))
TIMES: Final = tuple(f"{hour}:{minute}" for hour in range(6, 22) for minute in ("00", "15", "30"))
MADE_UP: Final = tuple(
    words(
        "river stone open green paper light north window bread cloud winter metal garden simple "
        "bridge silver market signal mountain yellow engine forest letter copper island music "
        "planet square basket summer kitchen double pocket rocket valley carbon ladder mirror "
        "orange pepper quiet radio spring table uncle velvet whistle anchor button camera drift "
        "ember fabric globe hammer ivory jungle kernel lemon magnet needle object pillar acorn "
        "amber apple april arrow autumn badge barrel beacon beam berry blanket block bottle branch "
        "brass breeze brick broad bronze bucket butter cabin canal candle canvas castle cedar "
        "chalk circle clear clock coast colour comet coral corner cotton crystal curve dawn deep "
        "delta desert diamond dragon dune eagle early east echo even evening falcon feather fern "
        "field flame flint flow fog fountain frost gentle giant glass gold grain granite grape "
        "gravel harbour hazel heavy high hollow honey horizon hour ice ink iris item joint juniper "
        "key kite lake lantern leaf ledge level lilac lime linen lion little loop low lucky lunar "
        "maple marble meadow mellow mild mint mist moon moss narrow nest noble note oak ocean "
        "olive onion opal orbit outer oval owl paint palm panel pearl pebble pine plain plum pond "
        "prime pulse purple rain rapid raven red reed ribbon ridge ripple road robin rock rope "
        "rose round ruby sail salt sand scarf second shadow sharp shell short silk slate slow "
        "small smoke snow soft solar south spark spiral spoon star steam steel stem storm straw "
        "stream strong sugar sunny swift tall tan thread thunder tidal tiger timber tiny token "
        "torch tower trail true tulip tunnel upper urban vapour vine violet vivid wagon warm water "
        "wave west wheat wheel wide wild willow wind wing wolf wood wool yarn zinc"
    )
)
"""For names of tools and parameters without a meaning."""
