"""Large lists of slot values: names, places, things, dates, prices, times and codes."""

from typing import Final


def _words(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text.split()))


def _phrases(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part.strip() for part in text.split(",")))


def an(noun: str) -> str:
    """Return a noun with its indefinite article."""
    return f"{'an' if noun[0].lower() in 'aeiou' else 'a'} {noun}"


def capital(text: str) -> str:
    """Return a text with a capital first letter."""
    return text[:1].upper() + text[1:]


def numbers(low: int, high: int) -> tuple[str, ...]:
    """Return the whole numbers from low to high as texts."""
    return tuple(str(number) for number in range(low, high + 1))


def codes(prefix: str, low: int, high: int) -> tuple[str, ...]:
    """Return codes such as "room 214"."""
    return tuple(f"{prefix}{number}" for number in range(low, high + 1))


def prices(sign: str, low: int, high: int, cents: tuple[str, ...] = ("",)) -> tuple[str, ...]:
    """Return prices such as "$14" and "£3.50"."""
    return tuple(f"{sign}{number}{end}" for number in range(low, high + 1) for end in cents)


def dates(years: tuple[str, ...] = ("",)) -> tuple[str, ...]:
    """Return dates such as "12 May" and "3 March 2019"."""
    return tuple(
        f"{day} {month} {year}".strip()
        for year in years
        for month in MONTHS
        for day in range(1, 29)
    )


def times(first: int, last: int) -> tuple[str, ...]:
    """Return times such as "9:15", every five minutes from one hour to another."""
    return tuple(
        f"{hour}:{minute:02}" for hour in range(first, last + 1) for minute in range(0, 60, 5)
    )


WOMEN: Final = _words(
    "Ada Agnes Alice Alma Amara Amber Amelia Amina Amy Ana Andrea Angela Anika Anita Anna Anya "
    "April Aria Asha Astrid Audrey Ava Beatrice Bella Beth Bianca Bonnie Brenda Bridget Carla "
    "Carmen Carol Cara Cathy Cecilia Celia Chloe Claire Clara Cora Daisy Dana Daphne Dawn "
    "Deborah Dela Diana Dina Donna Dora Doris Edith Elena Elisa Eliza Ella Ellen Elsa Emily Emma "
    "Erica Erin Esther Eva Eve Faith Farah Fatima Fay Fiona Flora Freya Gemma Gina Gloria Grace "
    "Greta Gwen Hana Hannah Harriet Hazel Heidi Helen Helga Hilda Holly Ida Imani Ines Ingrid "
    "Irene Iris Isla Ivy Jana Jane Janet Jasmine Jean Jenny Jess Joan Joanna Joy Judy Julia June "
    "Kara Karen Kate Katya Kayla Keiko Kelly Kim Kira Lara Laura Layla Lea Leah Leila Lena Leona "
    "Lila Lily Linda Lisa Livia Lola Lucia Lucy Luna Lydia Mabel Maeve Maggie Maria Marta Mary "
    "Maya Meera Megan Mei Mia Mila Mina Mira Molly Mona Nadia Nancy Naomi Nell Nina Nora Olga "
    "Olive Olivia Paula Pearl Penny Petra Phoebe Pia Polly Priya Rachel Rania Rita Robin Rosa "
    "Rose Ruby Ruth Sadie Sally Sara Selma Sofia Sonia Stella Sue Suki Susan Sylvia Tamara Tanya "
    "Tara Tess Thea Tina Tora Una Uma Vera Violet Wanda Wendy Willa Yara Yuki Yvonne Zara Zoe"
)
MEN: Final = _words(
    "Aaron Abdul Abel Adam Adrian Ahmed Alan Albert Alec Alfie Ali Amir Anders Andre Andrew Anil "
    "Anton Archie Arjun Arthur Asher Axel Barry Basil Ben Bernard Bilal Bill Bjorn Bob Boris "
    "Brad Brian Bruno Caleb Carl Carlos Cedric Charles Chris Clive Cody Colin Conor Craig Cyril "
    "Damian Dan Daniel Darius David Dean Dennis Derek Diego Dirk Dominic Duncan Dylan Eddie "
    "Edgar Edwin Elias Emil Enzo Eric Ernest Ethan Evan Ezra Felix Femi Finn Floyd Frank Fred "
    "Gabriel Gareth Gary Gavin George Gerald Gilbert Glen Gordon Graham Greg Gus Hamid Hank "
    "Hans Harold Harry Hassan Hector Henry Howard Hugo Ian Ibrahim Igor Isaac Ivan Jack Jacob "
    "Jake Jamal James Jan Jason Jay Jeff Jerome Jesse Jim Joe Joel John Jonas Jorge Joseph Josh "
    "Juan Karim Karl Keith Ken Kenji Kevin Kofi Kurt Kwame Kyle Lars Leo Leon Leroy Lewis Liam "
    "Lloyd Louis Luca Luis Luke Magnus Malik Marco Mario Mark Martin Mateo Matt Max Miguel Mike "
    "Miles Mohan Nathan Neil Nick Niko Nils Noah Nolan Oleg Oliver Omar Oscar Otto Owen Pablo "
    "Patrick Paul Pedro Percy Peter Phil Pierre Quentin Rafael Rahul Raj Ralph Ravi Ray Rhys "
    "Ricardo Rob Roger Roland Ron Rory Roy Rufus Sam Samir Saul Scott Sean Seth Simon Stan Sven "
    "Tariq Ted Theo Tim Toby Tom Tony Umar Victor Vikram Vince Walter Wayne Will Yusuf Zack"
)
SURNAMES: Final = _words(
    "Abbott Adams Allen Bailey Baker Ball Banks Barker Barnes Bates Bell Bennett Berry Bishop "
    "Black Blake Bond Booth Bowen Boyd Brady Brooks Brown Burke Burns Burton Butler Byrne Carter "
    "Chapman Clark Cohen Cole Collins Cook Cooper Cox Cross Curtis Dale Davies Dawson Day Dixon "
    "Doyle Drake Dunn Dyer Eaton Elliott Ellis Evans Farmer Fields Fisher Fleming Flynn Ford "
    "Foster Fox Frost Fuller Garcia Gibbs Gibson Gill Glover Gomez Goodman Gray Green Gupta Hale "
    "Hall Hardy Harper Harris Hart Hayes Hill Holmes Hughes Hunt Jackson Jensen Jones Kaur Kelly "
    "Khan King Knight Lane Larsen Lee Long Lopez Lowe Lynch Marsh Mason Meyer Miller Mills Moore "
    "Morgan Murphy Myers Nash Newman Nguyen Nolan Novak Owens Page Palmer Park Patel Payne Perez "
    "Perry Pike Pope Porter Potter Powell Price Quinn Reed Reid Rice Rivera Rossi Rowe Ryan "
    "Sanders Shah Sharp Shaw Silva Singh Slater Smith Snow Stone Swan Tanaka Taylor Tucker "
    "Turner Vance Wade Walker Walsh Ward Watts Webb Weber West White Wilson Wong Wood Young"
)
TOWNS: Final = _words(
    "Ashford Aylesbury Bakewell Bangor Banbury Barton Basel Bath Bedford Bergen Berlin Bolton "
    "Boston Brighton Bristol Bruges Buxton Cairo Calgary Camden Cardiff Carlisle Chester "
    "Chicago Cologne Cork Corby Crewe Dakar Dallas Darwin Delhi Denver Derby Dover Dresden "
    "Dublin Dundee Durham Edinburgh Eton Exeter Falmouth Fareham Florence Frome Galway Geneva "
    "Genoa Ghent Glasgow Granada Grantham Halifax Hamburg Hanover Harlow Hastings Hereford "
    "Hexham Houston Hove Hull Ipswich Izmir Kendal Keswick Kiel Kyoto Lagos Lancaster Leeds "
    "Leicester Leiden Lima Lincoln Linz Lisbon Liverpool London Ludlow Luton Lyon Madrid Malaga "
    "Malton Manchester Margate Matlock Miami Milan Morpeth Mumbai Munich Nairobi Nantes Naples "
    "Nelson Newark Newport Norwich Oakham Oslo Ottawa Oxford Paris Penrith Perth Pisa Plymouth "
    "Poole Porto Prague Preston Quebec Reading Redcar Riga Ripon Rome Rugby Ryde Salford "
    "Salisbury Seattle Selby Seville Skipton Stafford Stirling Stroud Sydney Taunton Telford "
    "Thirsk Tokyo Toronto Torquay Toulouse Truro Turin Utrecht Venice Verona Vienna Wakefield "
    "Warsaw Warwick Wells Whitby Wigan Winchester Windsor Woking Worcester York Zurich"
)
THINGS: Final = _phrases(
    "alarm clock, apron, armchair, backpack, badge, bag, ball, banjo, basket, bath mat, bell, "
    "belt, bicycle, blanket, blender, board game, book, bookcase, bottle, bowl, bracelet, brush, "
    "bucket, cabinet, cake tin, camera, candle, cap, carpet, chair, chess set, clock, coat, "
    "coffee pot, comb, compass, cot, cup, curtain, cushion, desk, diary, dictionary, doll, "
    "drawer, dress, drill, drum, dustpan, duvet, easel, egg timer, eraser, fan, file, flag, "
    "flask, flute, fork, frame, frying pan, game, garden chair, globe, glove, guitar, hairbrush, "
    "hammer, hammock, handbag, hat, headset, heater, helmet, hose, jacket, jam jar, jigsaw, jug, "
    "jumper, kettle, keyboard, kite, knapsack, ladder, ladle, lamp, lantern, laptop, lighter, "
    "lunch box, magnet, mask, mattress, microphone, mirror, mixer, mop, mug, necklace, net, "
    "notebook, oar, paddle, paintbrush, parasol, passport, pen, pencil case, phone, piano, "
    "picture, pillow, pitcher, plate, plug, poster, pot, printer, purse, quilt, radio, rake, "
    "razor, ring, robe, rope, rucksack, rug, ruler, saddle, satchel, saw, scarf, scooter, shawl, "
    "shelf, shirt, shovel, skateboard, sketchbook, sleeping bag, sofa, spade, spoon, stapler, "
    "stool, suitcase, sweater, table, teapot, telescope, tent, thermos, ticket, toaster, torch, "
    "towel, toy train, tray, tripod, trumpet, umbrella, vase, violin, wallet, watch, whisk, "
    "whistle, wok"
)
JOBS: Final = _phrases(
    "accountant, actor, architect, artist, baker, barber, biologist, bookseller, bricklayer, "
    "builder, bus driver, butcher, carpenter, cashier, chef, chemist, cleaner, clerk, coach, "
    "composer, cook, courier, dancer, dentist, designer, detective, doctor, editor, electrician, "
    "engineer, farmer, firefighter, fisherman, florist, gardener, geologist, glazier, grocer, "
    "guard, guide, hairdresser, illustrator, inspector, interpreter, janitor, jeweller, "
    "journalist, judge, lawyer, lecturer, librarian, locksmith, manager, mechanic, midwife, "
    "miller, musician, nurse, optician, painter, pharmacist, photographer, physicist, pilot, "
    "plasterer, plumber, poet, porter, postman, potter, printer, programmer, receptionist, "
    "reporter, roofer, sailor, secretary, shepherd, singer, surgeon, surveyor, tailor, teacher, "
    "technician, tiler, translator, tutor, vet, waiter, weaver, welder, writer, zookeeper"
)
HOBBIES: Final = _phrases(
    "archery, badminton, baking, ballet, baseball, basketball, beekeeping, billiards, "
    "birdwatching, bowling, boxing, calligraphy, camping, canoeing, card games, carving, chess, "
    "climbing, cooking, cricket, croquet, curling, cycling, dancing, darts, diving, dominoes, "
    "drawing, embroidery, fencing, fishing, football, gardening, golf, gymnastics, handball, "
    "hiking, hockey, jogging, judo, juggling, karate, kayaking, knitting, magic tricks, origami, "
    "painting, photography, pottery, quilting, reading, rowing, rugby, running, sailing, sewing, "
    "singing, skating, skiing, snooker, squash, stargazing, surfing, swimming, table tennis, "
    "tennis, volleyball, walking, weaving, woodwork, wrestling, yoga"
)
ANIMALS: Final = _phrases(
    "alpaca, beagle, boxer, budgie, bulldog, bunny, calf, camel, canary, carp, cat, chicken, "
    "chinchilla, cockatoo, collie, corgi, cow, crab, cricket, dachshund, dog, donkey, dove, "
    "duck, falcon, ferret, finch, frog, gecko, gerbil, goat, goldfish, goose, greyhound, "
    "guinea pig, hamster, hare, hawk, hedgehog, hen, horse, husky, iguana, kitten, labrador, "
    "lamb, lizard, llama, lovebird, macaw, mouse, mule, newt, owl, parrot, peacock, pig, pigeon, "
    "pony, poodle, puppy, quail, rabbit, rat, retriever, sheep, snail, snake, spaniel, spider, "
    "starling, terrier, toad, tortoise, turkey, turtle, whippet"
)
PETS: Final = _words(
    "Bandit Barney Biscuit Blaze Bobo Bramble Bubbles Buddy Button Caesar Cinder Clover Coco "
    "Comet Cookie Copper Cosmo Cricket Crumpet Dash Digger Dizzy Domino Duke Dusty Echo Ember "
    "Fidget Flash Fluffy Freckles Fudge Ginger Gizmo Goblin Hobbs Honey Hopper Jasper Jumbo "
    "Kipper Kiwi Lucky Marble Marmalade Misty Mittens Mocha Monty Muffin Mustard Nibbles Noodle "
    "Nugget Nutmeg Oreo Otis Pebble Peanut Pepper Pickle Pippin Pixie Poppet Pudding Pumpkin "
    "Rascal Rocky Rusty Salty Scamp Scout Shadow Smokey Smudge Snowy Socks Sooty Sparky Spot "
    "Storm Sugar Taffy Tango Teddy Thunder Tiger Tinker Toffee Treacle Truffle Turbo Twig Waffle "
    "Whiskers Widget Wilbur Zigzag Ziggy"
)
COLOURS: Final = _words(
    "beige black blue bronze brown copper cream crimson gold green grey khaki lilac maroon mauve "
    "mustard navy olive orange peach pink plum purple red ruby scarlet silver striped tan "
    "turquoise violet white yellow spotted checked"
)
FOODS: Final = _phrases(
    "almond, apple, apricot, banana, barley, bean, beetroot, blueberry, broccoli, cabbage, "
    "carrot, celery, cheese, cherry, chicken, coconut, corn, courgette, crab, fennel, fig, fish, "
    "garlic, ginger, ham, hazelnut, honey, kale, leek, lemon, lentil, lime, mango, mushroom, "
    "noodle, nut, oat, olive, onion, orange, parsnip, pea, peach, pear, pepper, plum, potato, "
    "prawn, pumpkin, quince, raisin, raspberry, rhubarb, rice, salmon, spinach, squash, tomato, "
    "tuna, turnip, walnut"
)
DISHES: Final = _words("soup stew pie salad bake curry tart")
EVENTS: Final = _phrases(
    "art show, auction, ballet, barbecue, book fair, bake sale, boat race, board meeting, "
    "carnival, charity walk, chess match, choir practice, circus, city tour, coffee morning, "
    "concert, cookery class, craft fair, dance class, debate, dinner, dog show, drama club, "
    "exhibition, fashion show, film night, fireworks show, flower show, food fair, fun run, "
    "garden party, ghost walk, history talk, job fair, jumble sale, karaoke night, lecture, "
    "lunch, magic show, marathon, music lesson, open day, opera, parade, picnic, play, "
    "poetry night, pottery class, puppet show, quiz, raffle, reading group, science fair, "
    "sewing class, spelling contest, sports day, street party, swimming gala, talent show, "
    "tea party, toy fair, training day, treasure hunt, wine tasting, workshop, yoga class"
)
PLACES: Final = _phrases(
    "airport, arcade, bakery, bank, barn, beach, boathouse, bus station, cafe, canteen, car park, "
    "castle, cathedral, chapel, church, cinema, city hall, clinic, college, court, dance hall, "
    "dining room, dock, factory, farm, ferry, football ground, forest, fountain, gallery, garage, "
    "garden centre, golf club, gym, harbour, hospital, hostel, hotel, ice rink, kitchen, lake, "
    "laundry, library, lighthouse, lobby, market, meadow, mill, museum, office, orchard, park, "
    "pier, planetarium, playground, post office, pub, restaurant, school, shopping centre, "
    "sports hall, square, stadium, studio, swimming pool, tea room, temple, tennis club, theatre, "
    "town hall, train station, tram stop, university, village hall, vineyard, warehouse, zoo"
)
PRODUCTS: Final = _phrases(
    "bags, balloons, beds, bells, bicycles, boats, boots, bottles, boxes, bread, bricks, brushes, "
    "buttons, cakes, cameras, candles, carpets, chairs, cheese, chocolate, clocks, coats, coffee, "
    "cups, curtains, desks, dolls, doors, drums, engines, fans, fences, flags, furniture, games, "
    "glass, gloves, guitars, hats, helmets, honey, jam, jewellery, juice, kites, ladders, lamps, "
    "lenses, locks, maps, mirrors, paint, paper, pencils, pens, pianos, pillows, plates, pumps, "
    "radios, robots, ropes, rugs, saddles, sails, shelves, shirts, shoes, soap, socks, spoons, "
    "stamps, tables, tea, tents, tiles, tools, towels, toys, tractors, tyres, umbrellas, vans, "
    "violins, watches, wheels, windows, wool"
)
TRANSPORT: Final = _words("bus car train plane ferry coach taxi tram bicycle boat motorbike van")
SKIES: Final = _words(
    "bright breezy chilly clear cloudy cool damp dry dull foggy frosty grey hazy hot humid icy "
    "misty mild muggy overcast pleasant rainy snowy stormy sunny sultry warm wet windy"
)
DAYS: Final = _words("Monday Tuesday Wednesday Thursday Friday Saturday Sunday")
MONTHS: Final = _words(
    "January February March April May June July August September October November December"
)
DRINKS: Final = _phrases(
    "apple juice, barley water, black coffee, cider, cocoa, coconut milk, cola, cold milk, "
    "fizzy water, ginger beer, grape juice, green tea, hot chocolate, iced tea, lemonade, "
    "mango juice, mint tea, oat milk, orange juice, peach tea, root beer, tomato juice"
)
COMPANIES: Final = tuple(
    f"{first} {last}"
    for first in _words("Bluebell Corner Crown Harbour Hilltop Lakeside Meadow Oak Riverside Star")
    for last in _words("Books Foods Goods Home Press Sports Store Supplies Trading Works")
)
TITLES: Final = tuple(
    f"The {first} {last}"
    for first in _words("Broken Empty Frozen Golden Hidden Last Little Lost Quiet Secret Silver")
    for last in _words("Bridge Castle Forest Garden Island Key Lake Letter Map River Road Tower")
)
DATES: Final = dates()
FULL_DATES: Final = dates(numbers(1990, 2025))
TIMES: Final = times(6, 21)
YEARS: Final = numbers(1950, 2025)
PRICES: Final = prices("$", 2, 99) + prices("£", 1, 40, (".20", ".50", ".75", ".99"))
ROOMS: Final = codes("room ", 100, 499)
