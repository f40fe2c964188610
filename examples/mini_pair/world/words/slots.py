"""Large lists of slot values: names, places, things, dates, prices, times and codes."""

from typing import Final


def _words(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text.split()))


def _phrases(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part.strip() for part in text.split(",")))


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
    "Carmen Carol Cara Cathy Cecilia Celia Chloe Claire Clara Cora Daisy Dana Daphne Dawn Deborah "
    "Dela Diana Dina Donna Dora Doris Edith Elena Elisa Eliza Ella Ellen Elsa Emily Emma Erica "
    "Erin Esther Eva Eve Faith Farah Fatima Fay Fiona Flora Freya Gemma Gina Gloria Grace Greta "
    "Gwen Hana Hannah Harriet Hazel Heidi Helen Helga Hilda Holly Ida Imani Ines Ingrid Irene Iris "
    "Isla Ivy Jana Jane Janet Jasmine Jean Jenny Jess Joan Joanna Joy Judy Julia June Kara Karen "
    "Kate Katya Kayla Keiko Kelly Kim Kira Lara Laura Layla Lea Leah Leila Lena Leona Lila Lily "
    "Linda Lisa Livia Lola Lucia Lucy Luna Lydia Mabel Maeve Maggie Maria Marta Mary Maya Meera "
    "Megan Mei Mia Mila Mina Mira Molly Mona Nadia Nancy Naomi Nell Nina Nora Olga Olive Olivia "
    "Paula Pearl Penny Petra Phoebe Pia Polly Priya Rachel Rania Rita Robin Rosa Rose Ruby Ruth "
    "Sadie Sally Sara Selma Sofia Sonia Stella Sue Suki Susan Sylvia Tamara Tanya Tara Tess Thea "
    "Tina Tora Una Uma Vera Violet Wanda Wendy Willa Yara Yuki Yvonne Zara Zoe Abigail Adele "
    "Adriana Aisha Alba Alina Allegra Anneke Antonia Ariana Aurora Ayla Belinda Birgit Camila "
    "Caroline Catalina Charlotte Chiara Christa Clementine Colette Connie Corinne Dagmar Dahlia "
    "Delia Delphine Dorothea Ebba Edna Eileen Eleanor Elif Elke Eloise Elspeth Enid Estelle "
    "Eugenia Felicity Fenna Frances Frida Gaia Georgia Gilda Giulia Gretchen Hedda Helena "
    "Henrietta Hester Ilse Imogen Inga Iona Isabel Isadora Jacinta Jocelyn Johanna Josefina Juliet "
    "Kamala Karin Katrina Kirsten Lavinia Leticia Lidia Liv Lorna Lotte Louisa Madeleine Malika "
    "Mariam Marina Marlene Matilda Mildred Miriam Moira Monica Muriel Myra Nerys Nicola Noor "
    "Odette Ophelia Paloma Paola Philippa Prudence Ramona Rebecca Renata Rhoda Roberta Rosalind "
    "Roxana Sabina Salma Samantha Saskia Serena Shirin Sibyl Signe Simone Solveig Susanna Svetlana "
    "Tabitha Tatiana Teresa Thelma Ulla Ursula Valentina Vanessa Veronica Viola Virginia Winifred "
    "Xenia Yasmin Zelda Zuzana"
)
MEN: Final = _words(
    "Aaron Abdul Abel Adam Adrian Ahmed Alan Albert Alec Alfie Ali Amir Anders Andre Andrew Anil "
    "Anton Archie Arjun Arthur Asher Axel Barry Basil Ben Bernard Bilal Bill Bjorn Bob Boris Brad "
    "Brian Bruno Caleb Carl Carlos Cedric Charles Chris Clive Cody Colin Conor Craig Cyril Damian "
    "Dan Daniel Darius David Dean Dennis Derek Diego Dirk Dominic Duncan Dylan Eddie Edgar Edwin "
    "Elias Emil Enzo Eric Ernest Ethan Evan Ezra Felix Femi Finn Floyd Frank Fred Gabriel Gareth "
    "Gary Gavin George Gerald Gilbert Glen Gordon Graham Greg Gus Hamid Hank Hans Harold Harry "
    "Hassan Hector Henry Howard Hugo Ian Ibrahim Igor Isaac Ivan Jack Jacob Jake Jamal James Jan "
    "Jason Jay Jeff Jerome Jesse Jim Joe Joel John Jonas Jorge Joseph Josh Juan Karim Karl Keith "
    "Ken Kenji Kevin Kofi Kurt Kwame Kyle Lars Leo Leon Leroy Lewis Liam Lloyd Louis Luca Luis "
    "Luke Magnus Malik Marco Mario Mark Martin Mateo Matt Max Miguel Mike Miles Mohan Nathan Neil "
    "Nick Niko Nils Noah Nolan Oleg Oliver Omar Oscar Otto Owen Pablo Patrick Paul Pedro Percy "
    "Peter Phil Pierre Quentin Rafael Rahul Raj Ralph Ravi Ray Rhys Ricardo Rob Roger Roland Ron "
    "Rory Roy Rufus Sam Samir Saul Scott Sean Seth Simon Stan Sven Tariq Ted Theo Tim Toby Tom "
    "Tony Umar Victor Vikram Vince Walter Wayne Will Yusuf Zack Abram Alasdair Alexander Alfonso "
    "Alistair Ambrose Andrei Angus Ansel Antonio Aron Arvid Augustus Aziz Bartholomew Benedict "
    "Benno Bertram Blaise Boaz Callum Casper Cesar Christian Clarence Claude Clement Conrad "
    "Cornelius Cosimo Crispin Cuthbert Dimitri Dmitri Donald Douglas Edmund Eduardo Eino Elliot "
    "Emmanuel Erland Ewan Fabian Farid Fergus Fernando Florian Francis Franz Fritz Gaston Geoffrey "
    "Giles Giovanni Godfrey Gregor Gunnar Gustav Guy Hamish Hakim Heath Heinz Herman Horace Hubert "
    "Humphrey Ignacio Imran Ingmar Isidor Jasper Jeremy Jerzy Jonathan Julian Julio Kamil Kaspar "
    "Klaus Konrad Lachlan Laurence Leander Leonard Lorenzo Lucas Lucian Ludwig Malcolm Manuel "
    "Marcel Marius Matthias Maurice Maximilian Mehmet Milan Mitchell Mortimer Murray Mustafa "
    "Nestor Nicholas Nigel Norman Olaf Orlando Orson Oswald Pascal Philip Piers Ramon Randolph "
    "Raymond Reginald Rene Reuben Roderick Roman Ross Rupert Salvador Sebastian Sergei Sidney "
    "Silas Solomon Spencer Stefan Stuart Sylvester Tadeusz Tarek Terence Thaddeus Thomas Tobias "
    "Torsten Ulrich Valentin Vernon Vladimir Wilfred Winston Xavier Yannick Zachary Zoltan"
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
    "Sanders Shah Sharp Shaw Silva Singh Slater Smith Snow Stone Swan Tanaka Taylor Tucker Turner "
    "Vance Wade Walker Walsh Ward Watts Webb Weber West White Wilson Wong Wood Young Acosta Ahmed "
    "Alvarez Andersen Archer Armstrong Atkins Baldwin Barlow Barrett Baxter Becker Beckett Benson "
    "Blackwell Bowman Bradley Brandt Bright Bryant Buckley Burgess Calder Cameron Carlson Carr "
    "Castillo Chang Cho Christie Cobb Connolly Copeland Costa Crawford Cruz Cunningham Dalton "
    "Delgado Desai Dickson Donovan Dubois Duffy Eriksen Espinoza Farrell Ferguson Fernandez Finch "
    "Fischer Fitzgerald Fletcher Fowler Franklin Fraser Freeman Gallagher Gardner Garrett Gonzalez "
    "Graham Grant Griffin Haas Hamilton Hammond Hansen Harding Hawkins Haynes Henderson Hernandez "
    "Hoffman Holland Hopkins Horton Houghton Howell Hussain Ibarra Ingram Ivanov Jacobs Jennings "
    "Johansson Kapoor Keller Kennedy Kim Klein Kowalski Kumar Lambert Lawson Leclerc Lindgren "
    "Lowell Lundqvist Macdonald Malone Manning Marsden Martinez Mcbride Meadows Mendoza Mercer "
    "Mitchell Molina Montgomery Moretti Mueller Nakamura Naylor Neal Nielsen Norris Okafor Olsen "
    "Ortega Osborne Parsons Pearce Pereira Petrov Phillips Pollard Pritchard Ramirez Ramsay "
    "Raymond Reeves Richter Robinson Romero Sato Schmidt Schneider Sheridan Simmons Sinclair "
    "Skinner Sokolov Spencer Stephens Stewart Suzuki Sutton Thornton Townsend Underwood Vargas "
    "Vasquez Vaughan Wagner Wallace Warner Weaver Whitaker Wilkins Winter Yamada Yates Zimmerman"
)
TOWNS: Final = _words(
    "Ashford Aylesbury Bakewell Bangor Banbury Barton Basel Bath Bedford Bergen Berlin Bolton "
    "Boston Brighton Bristol Bruges Buxton Cairo Calgary Camden Cardiff Carlisle Chester Chicago "
    "Cologne Cork Corby Crewe Dakar Dallas Darwin Delhi Denver Derby Dover Dresden Dublin Dundee "
    "Durham Edinburgh Eton Exeter Falmouth Fareham Florence Frome Galway Geneva Genoa Ghent "
    "Glasgow Granada Grantham Halifax Hamburg Hanover Harlow Hastings Hereford Hexham Houston Hove "
    "Hull Ipswich Izmir Kendal Keswick Kiel Kyoto Lagos Lancaster Leeds Leicester Leiden Lima "
    "Lincoln Linz Lisbon Liverpool London Ludlow Luton Lyon Madrid Malaga Malton Manchester "
    "Margate Matlock Miami Milan Morpeth Mumbai Munich Nairobi Nantes Naples Nelson Newark Newport "
    "Norwich Oakham Oslo Ottawa Oxford Paris Penrith Perth Pisa Plymouth Poole Porto Prague "
    "Preston Quebec Reading Redcar Riga Ripon Rome Rugby Ryde Salford Salisbury Seattle Selby "
    "Seville Skipton Stafford Stirling Stroud Sydney Taunton Telford Thirsk Tokyo Toronto Torquay "
    "Toulouse Truro Turin Utrecht Venice Verona Vienna Wakefield Warsaw Warwick Wells Whitby Wigan "
    "Winchester Windsor Woking Worcester York Zurich Aberdeen Acton Adelaide Aleppo Algiers Amman "
    "Amsterdam Ankara Antwerp Arezzo Arles Athens Atlanta Auckland Austin Avignon Baku Barcelona "
    "Barnsley Beccles Beirut Belfast Bergamo Bern Bilbao Birmingham Blackburn Blackpool Bogota "
    "Bologna Bonn Bordeaux Bradford Braga Bremen Brescia Brisbane Brno Brussels Bucharest Budapest "
    "Burnley Bury Cadiz Calais Cambridge Canberra Canterbury Caracas Casablanca Cheltenham Chennai "
    "Clifton Colombo Como Copenhagen Cordoba Coventry Cromer Croydon Dalkeith Damascus Darlington "
    "Delft Deal Detroit Dijon Doncaster Dorking Dortmund Dubai Duisburg Dumfries Dunbar Durban Ely "
    "Epsom Erfurt Essen Evesham Faro Ferrara Frankfurt Freiburg Gdansk Girona Gloucester "
    "Gothenburg Graz Grenoble Grimsby Groningen Guildford Haarlem Haifa Hanoi Harare Harrogate "
    "Havana Helsinki Honolulu Huddersfield Innsbruck Inverness Istanbul Jakarta Jena Kabul Kampala "
    "Karachi Kassel Katowice Kettering Kingston Krakow Kumasi Lahore Lausanne Leipzig Lewes Lille "
    "Limerick Limoges Lucerne Lucca Lund Lusaka Mainz Maidstone Malmo Manila Mannheim Marseille "
    "Melbourne Memphis Metz Minsk Modena Monaco Montreal Moscow Nagoya Nancy Newbury Nice "
    "Northampton Nottingham Nuremberg Oban Odense Oldham Osaka Osnabruck Padua Palermo Pamplona "
    "Parma Peebles Perugia Peterborough Phoenix Portland Portsmouth Potsdam Ravenna Reims Rennes "
    "Reykjavik Rochdale Rotterdam Rouen Saigon Salerno Salzburg Santiago Sapporo Sheffield "
    "Shrewsbury Siena Sofia Southampton Southport Stockholm Stockport Strasbourg Stuttgart "
    "Sunderland Swansea Swindon Taipei Tallinn Tampere Tangier Tbilisi Tehran Toledo Tours Trento "
    "Trieste Trondheim Tunis Turku Ulm Uppsala Valencia Vancouver Vilnius Walsall Wellington "
    "Weymouth Wiesbaden Wrexham Yeovil Yerevan Zagreb"
)
THINGS: Final = _phrases(
    "alarm clock, apron, armchair, backpack, badge, bag, ball, banjo, basket, bath mat, bell, "
    "belt, bicycle, blanket, blender, board game, book, bookcase, bottle, bowl, bracelet, brush, "
    "bucket, cabinet, cake tin, camera, candle, cap, carpet, chair, chess set, clock, coat, coffee "
    "pot, comb, compass, cot, cup, curtain, cushion, desk, diary, dictionary, doll, drawer, dress, "
    "drill, drum, dustpan, duvet, easel, egg timer, eraser, fan, file, flag, flask, flute, fork, "
    "frame, frying pan, game, garden chair, globe, glove, guitar, hairbrush, hammer, hammock, "
    "handbag, hat, headset, heater, helmet, hose, jacket, jam jar, jigsaw, jug, jumper, kettle, "
    "keyboard, kite, knapsack, ladder, ladle, lamp, lantern, laptop, lighter, lunch box, magnet, "
    "mask, mattress, microphone, mirror, mixer, mop, mug, necklace, net, notebook, oar, paddle, "
    "paintbrush, parasol, passport, pen, pencil case, phone, piano, picture, pillow, pitcher, "
    "plate, plug, poster, pot, printer, purse, quilt, radio, rake, razor, ring, robe, rope, "
    "rucksack, rug, ruler, saddle, satchel, saw, scarf, scooter, shawl, shelf, shirt, shovel, "
    "skateboard, sketchbook, sleeping bag, sofa, spade, spoon, stapler, stool, suitcase, sweater, "
    "table, teapot, telescope, tent, thermos, ticket, toaster, torch, towel, toy train, tray, "
    "tripod, trumpet, umbrella, vase, violin, wallet, watch, whisk, whistle, wok, abacus, "
    "accordion, air pump, album, anorak, axe, bathrobe, bean bag, bedspread, bench, binder, "
    "binoculars case, bird bath, birdcage, blazer, bookmark, bread bin, briefcase, brooch, butter "
    "dish, calculator, calendar, can opener, canoe, cardigan, cello, chopping board, clarinet, "
    "clipboard, clothes peg, coaster, colander, corkscrew, crayon, cricket bat, crib, deckchair, "
    "dishcloth, door handle, doormat, duster, earring, egg cup, envelope, extension lead, eye "
    "mask, feather, filing cabinet, fishing rod, flowerpot, flute case, football, footstool, fruit "
    "bowl, funnel, garlic press, gong, grater, hairdryer, handkerchief, harmonica, harp, high "
    "chair, hot water bottle, ice bucket, inkpot, ironing board, jewellery box, juicer, key ring, "
    "lampshade, lawnmower, lead, letter opener, magazine, mandolin, map, marker pen, measuring "
    "cup, memory stick, milk jug, money box, mousetrap, mouth organ, music box, napkin, needle "
    "case, nightgown, notice board, oven glove, paint box, paperweight, parcel, peeler, penknife, "
    "pepper mill, photo album, pin, pocket watch, puppet, pushchair, puzzle, quiver, racket, "
    "record player, recorder, rolling pin, roller skate, rocking horse, router, rubber duck, safe, "
    "salt shaker, sandal, saucepan, saxophone, screwdriver, sewing machine, shower cap, sieve, "
    "skipping rope, sledge, slipper, snorkel, soap dish, sock, soup bowl, spanner, speaker, "
    "sponge, spoon rest, step ladder, sun hat, surfboard, swimsuit, tambourine, tape measure, tea "
    "towel, teaspoon, teddy bear, tennis ball, thimble, tie, timer, tin opener, toolbox, "
    "toothbrush, trolley, trowel, tuba, typewriter, vacuum cleaner, waistcoat, walking "
    "stick, washing line, watering can, wheelbarrow, wind chime, wreath, xylophone, yo-yo"
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
    "technician, tiler, translator, tutor, vet, waiter, weaver, welder, writer, zookeeper, "
    "acrobat, air hostess, ambulance driver, animator, archaeologist, archivist, astronomer, "
    "auctioneer, auditor, ballet teacher, banker, barrister, beekeeper, blacksmith, boatbuilder, "
    "botanist, caretaker, cartoonist, clockmaker, cobbler, conductor, conservator, consultant, "
    "copywriter, crane operator, curator, data analyst, decorator, dietician, diver, dressmaker, "
    "driving instructor, economist, estate agent, event planner, film director, forester, "
    "gamekeeper, goldsmith, graphic designer, groom, groundskeeper, headteacher, historian, "
    "housekeeper, instructor, joiner, juggler, lab assistant, landscaper, laundry worker, "
    "lifeguard, linguist, lorry driver, magician, make-up artist, marine biologist, mathematician, "
    "mayor, meteorologist, miner, model, music teacher, nanny, novelist, office worker, "
    "optometrist, paramedic, park ranger, pastry chef, piano tuner, picture framer, playwright, "
    "police officer, priest, producer, professor, proofreader, psychologist, publisher, radio "
    "host, railway guard, rancher, researcher, saddler, sales assistant, scientist, sculptor, "
    "shopkeeper, signwriter, social worker, solicitor, statistician, stonemason, street sweeper, "
    "tax adviser, taxi driver, test pilot, therapist, toymaker, train driver, travel agent, tree "
    "surgeon, upholsterer, usher, violinist, warden, watchmaker, web designer, window cleaner, "
    "wine maker, yoga teacher"
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
    "chinchilla, cockatoo, collie, corgi, cow, crab, cricket, dachshund, dog, donkey, dove, duck, "
    "falcon, ferret, finch, frog, gecko, gerbil, goat, goldfish, goose, greyhound, guinea pig, "
    "hamster, hare, hawk, hedgehog, hen, horse, husky, iguana, kitten, labrador, lamb, lizard, "
    "llama, lovebird, macaw, mouse, mule, newt, owl, parrot, peacock, pig, pigeon, pony, poodle, "
    "puppy, quail, rabbit, rat, retriever, sheep, snail, snake, spaniel, spider, starling, "
    "terrier, toad, tortoise, turkey, turtle, whippet, anteater, badger, bat, bear, beaver, "
    "beetle, bison, blackbird, buffalo, bull, butterfly, buzzard, caterpillar, chameleon, chick, "
    "chihuahua, cockerel, crane, crow, dalmatian, deer, dormouse, dragonfly, eel, elephant, emu, "
    "fox, foxhound, foal, gander, giraffe, grasshopper, gull, heron, jackdaw, jay, kestrel, kid, "
    "kingfisher, koala, ladybird, lark, lobster, magpie, mole, monkey, moth, nightingale, octopus, "
    "ostrich, otter, ox, panda, panther, pelican, penguin, pheasant, piglet, pug, python, raccoon, "
    "ram, raven, reindeer, robin, rooster, salamander, seal, sparrow, squirrel, stick insect, "
    "stork, swallow, swan, terrapin, thrush, trout, vole, wasp, weasel, wolfhound, woodpecker, "
    "wren, yak, zebra"
)
PETS: Final = _words(
    "Bandit Barney Biscuit Blaze Bobo Bramble Bubbles Buddy Button Caesar Cinder Clover Coco Comet "
    "Cookie Copper Cosmo Cricket Crumpet Dash Digger Dizzy Domino Duke Dusty Echo Ember Fidget "
    "Flash Fluffy Freckles Fudge Ginger Gizmo Goblin Hobbs Honey Hopper Jasper Jumbo Kipper Kiwi "
    "Lucky Marble Marmalade Misty Mittens Mocha Monty Muffin Mustard Nibbles Noodle Nugget Nutmeg "
    "Oreo Otis Pebble Peanut Pepper Pickle Pippin Pixie Poppet Pudding Pumpkin Rascal Rocky Rusty "
    "Salty Scamp Scout Shadow Smokey Smudge Snowy Socks Sooty Sparky Spot Storm Sugar Taffy Tango "
    "Teddy Thunder Tiger Tinker Toffee Treacle Truffle Turbo Twig Waffle Whiskers Widget Wilbur "
    "Zigzag Ziggy Acorn Apollo Archie Aspen Atlas Bailey Basil Bean Bear Binky Blossom Bolt Bonbon "
    "Boots Bosco Bruno Bumble Buttons Caramel Cashew Chester Chip Cinnamon Clementine Cobweb "
    "Crackers Cuddles Cupcake Doodle Dumpling Fern Figaro Flapjack Frisky Gadget Gingersnap "
    "Gumdrop Hazel Hercules Jellybean Jigsaw Juniper Latte Lentil Magpie Maple Marzipan Merlin "
    "Midnight Minty Moonbeam Mopsy Moss Nacho Nimbus Olive Onyx Paddy Panda Parsnip Patch Peaches "
    "Pebbles Peppermint Pesto Pinto Pogo Popcorn Poppy Quincy Radish Raisin Ripple Rolo Rover "
    "Saffron Scruffy Sesame Sherbet Skittles Snickers Sorbet Splash Sprout Squeak Sunny Tadpole "
    "Thimble Tiddles Tofu Tootsie Trixie Tulip Velvet Whisper Wiggles Yoyo Zephyr"
)
COLOURS: Final = _words(
    "beige black blue bronze brown copper cream crimson gold green grey khaki lilac maroon mauve "
    "mustard navy olive orange peach pink plum purple red ruby scarlet silver striped tan "
    "turquoise violet white yellow spotted checked"
)
FOODS: Final = _phrases(
    "almond, apple, apricot, banana, barley, bean, beetroot, blueberry, broccoli, cabbage, carrot, "
    "celery, cheese, cherry, chicken, coconut, corn, courgette, crab, fennel, fig, fish, garlic, "
    "ginger, ham, hazelnut, honey, kale, leek, lemon, lentil, lime, mango, mushroom, noodle, nut, "
    "oat, olive, onion, orange, parsnip, pea, peach, pear, pepper, plum, potato, prawn, pumpkin, "
    "quince, raisin, raspberry, rhubarb, rice, salmon, spinach, squash, tomato, tuna, turnip, "
    "walnut, asparagus, aubergine, avocado, basil, beef, blackberry, buckwheat, butternut, "
    "cauliflower, chestnut, chickpea, chilli, clam, cod, coriander, cranberry, cucumber, currant, "
    "date, duck, egg, gooseberry, grape, haddock, herb, lamb, lettuce, lobster, melon, millet, "
    "mint, mussel, mustard, nectarine, okra, papaya, parsley, peanut, pecan, pineapple, pistachio, "
    "pork, quinoa, radish, sage, sausage, shallot, strawberry, swede, sweetcorn, tofu, trout, "
    "turkey, vanilla, watercress, yam"
)
DISHES: Final = _words("soup stew pie salad bake curry tart")
EVENTS: Final = _phrases(
    "art show, auction, ballet, barbecue, book fair, bake sale, boat race, board meeting, "
    "carnival, charity walk, chess match, choir practice, circus, city tour, coffee morning, "
    "concert, cookery class, craft fair, dance class, debate, dinner, dog show, drama club, "
    "exhibition, fashion show, film night, fireworks show, flower show, food fair, fun run, garden "
    "party, ghost walk, history talk, job fair, jumble sale, karaoke night, lecture, lunch, magic "
    "show, marathon, music lesson, open day, opera, parade, picnic, play, poetry night, pottery "
    "class, puppet show, quiz, raffle, reading group, science fair, sewing class, spelling "
    "contest, sports day, street party, swimming gala, talent show, tea party, toy fair, training "
    "day, treasure hunt, wine tasting, workshop, yoga class, antiques fair, astronomy talk, bike "
    "ride, bird walk, blood drive, book launch, boot sale, bowling night, bread class, brass band "
    "show, bridge evening, business lunch, cake contest, camera club, candle class, card night, "
    "careers talk, carol concert, cat show, cheese tasting, chilli contest, choir concert, "
    "christmas market, clean-up day, coding club, comedy night, conference, costume party, cricket "
    "match, darts night, design fair, egg hunt, family day, farm visit, farmers market, fishing "
    "contest, folk night, football match, gala dinner, garden tour, graduation, harvest supper, "
    "hat parade, horse show, house party, ice show, jazz evening, kite festival, lantern walk, "
    "leaving party, model show, museum night, nature walk, open mic, opening night, orchestra "
    "concert, paint night, pet show, piano recital, plant sale, prize giving, quilt show, recital, "
    "regatta, rehearsal, safety course, sailing race, school reunion, singing contest, sleepover, "
    "snow day, soup lunch, stamp fair, steam fair, story hour, summer ball, sunset cruise, tennis "
    "final, trade fair, vintage fair, welcome lunch, winter fair, writing class"
)
PLACES: Final = _phrases(
    "airport, arcade, bakery, bank, barn, beach, boathouse, bus station, cafe, canteen, car park, "
    "castle, cathedral, chapel, church, cinema, city hall, clinic, college, court, dance hall, "
    "dining room, dock, factory, farm, ferry, football ground, forest, fountain, gallery, garage, "
    "garden centre, golf club, gym, harbour, hospital, hostel, hotel, ice rink, kitchen, lake, "
    "laundry, library, lighthouse, lobby, market, meadow, mill, museum, office, orchard, park, "
    "pier, planetarium, playground, post office, pub, restaurant, school, shopping centre, sports "
    "hall, square, stadium, studio, swimming pool, tea room, temple, tennis club, theatre, town "
    "hall, train station, tram stop, university, village hall, vineyard, warehouse, zoo, abbey, "
    "allotment, amphitheatre, antique shop, aquarium, assembly hall, auction house, barbershop, "
    "bay, bike shop, bistro, boat club, bookshop, botanic garden, bowling alley, bridge, brewery, "
    "bus depot, campsite, canal, care home, cave, chemist, chocolate shop, climbing wall, clock "
    "tower, club house, coffee bar, community centre, concert hall, conference room, corner shop, "
    "courthouse, courtyard, cycle track, dairy, dentist, department store, diner, embassy, "
    "exhibition hall, farm shop, field, fire station, fish market, flower shop, gate, gift shop, "
    "greenhouse, guest house, hair salon, health centre, high school, hill, inn, jetty, juice bar, "
    "kiosk, laboratory, launderette, lecture hall, lido, lounge, marina, meeting room, monument, "
    "motel, mountain hut, music school, nursery, observatory, opera house, palace, pavilion, "
    "petrol station, pet shop, picnic area, pizza place, platform, police station, pond, print "
    "shop, quarry, quay, racecourse, reading room, reservoir, riding school, river bank, rose "
    "garden, sandwich bar, scout hut, shoe shop, skate park, ski lodge, snack bar, sports centre, "
    "staff room, surgery, taxi rank, terrace, ticket office, toy shop, travel agency, waiting "
    "room, water park, wildlife park, windmill, wood, workshop, youth club"
)
PRODUCTS: Final = _phrases(
    "bags, balloons, beds, bells, bicycles, boats, boots, bottles, boxes, bread, bricks, brushes, "
    "buttons, cakes, cameras, candles, carpets, chairs, cheese, chocolate, clocks, coats, coffee, "
    "cups, curtains, desks, dolls, doors, drums, engines, fans, fences, flags, furniture, games, "
    "glass, gloves, guitars, hats, helmets, honey, jam, jewellery, juice, kites, ladders, lamps, "
    "lenses, locks, maps, mirrors, paint, paper, pencils, pens, pianos, pillows, plates, pumps, "
    "radios, robots, ropes, rugs, saddles, sails, shelves, shirts, shoes, soap, socks, spoons, "
    "stamps, tables, tea, tents, tiles, tools, towels, toys, tractors, tyres, umbrellas, vans, "
    "violins, watches, wheels, windows, wool, alarms, aprons, armchairs, baskets, batteries, "
    "belts, benches, biscuits, blankets, blinds, bowls, bracelets, brooms, buckets, bulbs, butter, "
    "cables, calendars, canoes, caps, caravans, cards, cereal, chargers, cots, cushions, dresses, "
    "drills, envelopes, fabric, fishing rods, flour, flowers, forks, fridges, gates, glue, "
    "hammers, hammocks, handbags, heaters, hinges, ice cream, ink, jackets, jeans, jigsaws, jugs, "
    "kettles, keyboards, knitwear, lifts, magnets, mattresses, medals, microscopes, milk, mops, "
    "motorbikes, muesli, mugs, nails, needles, noodles, notebooks, ovens, pans, parasols, pasta, "
    "perfume, phones, pies, pipes, plants, pottery, prams, printers, puppets, puzzles, quilts, "
    "rakes, rings, salt, sandals, saws, scales, scarves, scooters, seeds, sewing machines, ships, "
    "signs, skis, sledges, slippers, sofas, spades, speakers, stools, stoves, suitcases, sweets, "
    "taps, teapots, telescopes, thread, trains, trays, trumpets, vases, wallets, yarn, yoghurt, "
    "zips"
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
    "apple juice, barley water, black coffee, cider, cocoa, coconut milk, cola, cold milk, fizzy "
    "water, ginger beer, grape juice, green tea, hot chocolate, iced tea, lemonade, mango juice, "
    "mint tea, oat milk, orange juice, peach tea, root beer, tomato juice, almond milk, beetroot "
    "juice, camomile tea, carrot juice, cherry juice, cream soda, elderflower cordial, espresso, "
    "ginger tea, hot milk, iced coffee, lemon tea, lime soda, malt drink, melon juice, milkshake, "
    "orange squash, pear juice, pineapple juice, rice milk, sparkling water, tonic water"
)
COMPANIES: Final = tuple(
    f"{first} {last}"
    for first in _words(
        "Bluebell Corner Crown Harbour Hilltop Lakeside Meadow Oak Riverside Star Amber Anchor "
        "Beacon Birch Bridgeway Castle Cedar Compass Copperfield Eagle Falcon Granite Heron Ivory "
        "Kestrel Lantern Maple Northgate Orchard Pioneer Redwood Sapphire Summit Willow"
    )
    for last in _words(
        "Books Foods Goods Home Press Sports Store Supplies Trading Works Bakery Brothers Design "
        "Electronics Fabrics Furniture Garage Gardens Group Hardware Interiors Logistics Market "
        "Media Motors Optics Partners Studios Textiles Toys Travel Workshop"
    )
)
TITLES: Final = tuple(
    f"The {first} {last}"
    for first in _words(
        "Broken Empty Frozen Golden Hidden Last Little Lost Quiet Secret Silver Ancient Blue "
        "Burning Crooked Distant Endless Fallen Forgotten Gentle Green Iron Lonely Midnight Narrow "
        "Painted Paper Restless Second Singing Sleeping Stolen Wandering White Winter Wooden"
    )
    for last in _words(
        "Bridge Castle Forest Garden Island Key Lake Letter Map River Road Tower Bell Boat Clock "
        "Crown Door Dream Feather Field Harbour House Journey Lantern Lighthouse Mirror Mountain "
        "Orchard Painting Promise Ship Shore Song Stranger Summer Train Valley Village Window"
    )
)
DATES: Final = dates()
FULL_DATES: Final = dates(numbers(1990, 2025))
TIMES: Final = times(6, 21)
YEARS: Final = numbers(1950, 2025)
PRICES: Final = prices("$", 2, 99) + prices("£", 1, 40, (".20", ".50", ".75", ".99"))
ROOMS: Final = codes("room ", 100, 499)
