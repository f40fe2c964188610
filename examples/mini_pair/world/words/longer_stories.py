"""Little stories with two sums in them, by the signs of the sums in the order of working."""

from typing import Final

LONGER_STORIES: Final = {
    "+-": (
        ("{n} has {a} {t}, gets {b} more and gives {c} to {m}. How many {t} does {n} have?",
         "{n} has {r} {t}."),
        ("{n} has {a} {t}. {n} buys {b} more, then loses {c}. How many {t} are left?",
         "There are {r} {t} left."),
        ("There are {a} {t} in a box. {n} adds {b} and {m} takes {c}. How many are in the box?",
         "There are {r} {t} in the box."),
        ("{n} found {a} {t} and {m} found {b}. They sold {c}. How many {t} do they still have?",
         "They have {r} {t}."),
        ("A bus has {a} people on it. {b} get on and {c} get off. How many people are on it now?",
         "There are {r} people on the bus."),
        ("{n} had {a} dollars, earned {b} dollars and spent {c} dollars. How much is left?",
         "{n} has {r} dollars left."),
        ("{n} made {a} {t} on Monday and {b} on Tuesday, and gave away {c}. How many remain?",
         "There are {r} {t} left."),
        ("A shop had {a} {t}, got {b} new ones and sold {c}. How many {t} does it have?",
         "The shop has {r} {t}."),
        ("{n} starts with {a} {t}. {m} gives {n} {b}, and {n} uses {c}. How many {t} remain?",
         "There are {r} {t} left."),
        ("{n} gets {a} {t} from {m} and {b} from a friend, then loses {c}. How many {t} are left?",
         "There are {r} {t} left."),
        ("First {n} bought {a} {t}. Then {n} bought {b} more and sold {c}. How many are left?",
         "There are {r} {t} left."),
        ("There are {a} red and {b} blue {t} in a bag. {n} takes out {c}. How many stay inside?",
         "There are {r} {t} in the bag."),
        ("{a} birds sit on a roof. {b} more come, and then {c} fly off. How many birds are left?",
         "There are {r} birds left."),
        ("A train has {a} people in it. {b} get in, and then {c} get out. How many are in it now?",
         "There are {r} people in the train."),
        ("{n} saves {a} dollars in May and {b} in June, then spends {c}. How much is left?",
         "{n} has {r} dollars left."),
        ("A library had {a} books, got {b} more and lent out {c}. How many books are still there?",
         "There are {r} books."),
        ("{n} baked {a} rolls, then {b} more, and {c} were eaten. How many rolls are left?",
         "There are {r} rolls left."),
        ("{a} children play outside. {b} others join them, and {c} go home. How many still play?",
         "There are {r} children."),
        ("I had {a} {t}. I found {b} more and gave {c} to {n}. How many {t} do I have?",
         "You have {r} {t}."),
        ("We have {a} {t} and buy {b} more. {n} takes {c}. How many {t} do we still have?",
         "You have {r} {t}."),
        ("A tank has {a} liters of water. {n} adds {b} and uses {c}. How many liters are left?",
         "There are {r} liters left."),
        ("A car park has {a} cars. {b} more arrive and {c} leave. How many cars are there then?",
         "There are {r} cars."),
        ("{n} puts {a} {t} and then {b} {t} on a shelf. {m} takes {c} down. How many stay there?",
         "There are {r} {t} on the shelf."),
        ("A team got {a} points, then {b} more, and then lost {c}. How many points does it have?",
         "It has {r} points."),
        ("How many {t} does {n} still have after getting {a}, then {b} more, and losing {c}?",
         "{n} still has {r} {t}."),
        ("A farmer has {a} cows and {b} goats and sells {c} of the animals. "
         "How many animals are left?",
         "There are {r} animals left."),
        ("{n} picked {a} pears and {m} picked {b}. A neighbour got {c} of the pears. "
         "How many are left?",
         "There are {r} pears left."),
        ("In a jar there are {a} green and {b} yellow sweets. We eat {c}. "
         "How many sweets are left?",
         "There are {r} sweets left."),
        ("Grandma baked {a} cookies at noon and {b} later. The family ate {c}. How many remain?",
         "There are {r} cookies left."),
        ("{n} got {a} dollars from an aunt and {b} dollars from an uncle and bought a toy for {c} "
         "dollars. How much money is left?",
         "{n} has {r} dollars left."),
        ("There are {a} boys and {b} girls in the hall. {c} children leave. "
         "How many children stay?",
         "{r} children stay in the hall."),
        ("Out of {a} red and {b} white roses, {c} have dried up. How many roses are still fresh?",
         "There are {r} fresh roses."),
        ("{n} has {a} {t} at home and {b} in a bag. After giving {c} away, how many has {n} got?",
         "{n} has {r} {t}."),
        ("i had {a} {t}, got {b} more and lost {c}, how many do i have", "You have {r} {t}."),
        ("we have {a} eggs in the fridge and {b} in a basket and need {c} for a cake. "
         "how many eggs will be left?",
         "There will be {r} eggs left."),
        ("A plane has {a} people in front and {b} at the back. {c} of them sleep. "
         "How many are awake?",
         "There are {r} people awake."),
        ("{c} people get off a ship that had {a} men and {b} women aboard. "
         "How many people stay on it?",
         "{r} people stay on the ship."),
        ("Of {a} pens and {b} pencils, {c} do not write. How many pens and pencils are good?",
         "There are {r} good ones."),
        ("{n} has to read {a} pages for school and {b} for fun. {c} pages are done. "
         "How many are not?",
         "There are {r} pages left to read."),
        ("A pond has {a} frogs. After {b} more jump in, {c} hop away. "
         "How many frogs are in the pond?",
         "There are {r} frogs in the pond."),
        ("A lift goes up with {a} people. On the next floor, {b} step in and {c} step out. "
         "How many people are in the lift then?",
         "There are {r} people in the lift."),
        ("{n} scored {a} points in one round and {b} in the next, but had to give back {c} points "
         "for a mistake. What is the score?",
         "The score is {r} points."),
        ("{n} and {m} must wash {a} plates and {b} cups. They have done {c} so far. "
         "How many things are still dirty?",
         "There are {r} dirty things."),
        ("Take {a} {t}, add {b} {t}, and then remove {c}. How many {t} is that?",
         "That is {r} {t}."),
        ("Put {a} coins and then {b} coins into a purse and pay with {c} of them. "
         "How many coins stay in the purse?",
         "There are {r} coins in the purse."),
        ("{m} had {a} {t}. {n} handed {m} {b} more, and {m} used up {c}. How many has {m} now?",
         "{m} has {r} {t}."),
        ("A kitchen has {a} kg of rice and buys {b} kg. In a week, {c} kg are eaten. "
         "How much rice remains?",
         "There are {r} kg of rice left."),
        ("The day began at {a} degrees. It warmed up by {b} degrees, then cooled by {c}. "
         "How warm was it at the end?",
         "It was {r} degrees."),
        ("A rope of {a} m and one of {b} m are tied together, and {c} m are cut off. "
         "How long is the rope now?",
         "The rope is {r} m long."),
        ("A school ordered {a} chairs and then {b} more. {c} have arrived. "
         "How many are still to come?",
         "{r} chairs are still to come."),
        ("The way to {m} is {a} km by bus and {b} km on foot. {n} has done {c} km of it. "
         "How many km are left?",
         "There are {r} km left."),
        ("On Monday {a} parcels came, on Tuesday {b}. {n} delivered {c} of them. How many wait?",
         "There are {r} parcels that wait."),
        ("{a} dogs and {b} cats live in a shelter. Families take {c} of these animals home. "
         "How many animals stay?",
         "{r} animals stay in the shelter."),
        ("There were {a} cups in the cupboard. {n} bought {b} cups, but {m} broke {c}. "
         "How many cups are still whole?",
         "There are {r} whole cups."),
        ("If a child has {a} {t}, gets {b} as a present and sells {c}, how many {t} are kept?",
         "The child keeps {r} {t}."),
        ("My cousin collected {a} shells in June and {b} in July, but {c} went missing. "
         "How many shells does my cousin have?",
         "Your cousin has {r} shells."),
        ("A gardener planted {a} bulbs last week and {b} this week. A mole ate {c}. "
         "How many bulbs are left in the ground?",
         "There are {r} bulbs left."),
        ("At the market {n} had {a} melons, and {m} brought {b}. By evening {c} were sold. "
         "How many melons were not sold?",
         "There were {r} melons left."),
        ("{n} has two purses with {a} and {b} dollars. A meal costs {c} dollars. "
         "What is left after it?",
         "{n} has {r} dollars left."),
        ("A show lasts {a} minutes, and the next show {b} minutes. {c} minutes have passed. "
         "How many minutes remain?",
         "There are {r} minutes left."),
        ("{n} printed {a} posters and {m} printed {b}. They put up {c}. "
         "How many are not put up yet?",
         "There are {r} posters to put up."),
        ("Some {t} fell down: {a} from a shelf and {b} from a table. {n} picked up {c}. "
         "How many {t} are still on the floor?",
         "There are {r} {t} on the floor."),
        ("For a party there are {a} slices of pizza and {b} slices of cake. {c} slices get eaten. "
         "How many slices are left?",
         "There are {r} slices left."),
        ("{n} borrowed {a} dollars and later {b} dollars from {m} and has paid back {c}. "
         "How much does {n} still owe?",
         "{n} still owes {r} dollars."),
        ("how many people are at the party if {a} came, {b} more came later and {c} went home "
         "early",
         "There are {r} people at the party."),
        ("{n} downloaded {a} songs, then {b}, and deleted {c}. How many songs does {n} have now?",
         "{n} has {r} songs."),
        ("{c} of our {t} are gone. We had {a} in the car and {b} in the house. "
         "How many do we have?",
         "You have {r} {t}."),
        ("A nurse looks after {a} patients. Then {b} arrive, and {c} are sent home. "
         "How many patients does the nurse have now?",
         "The nurse has {r} patients."),
    ),
    "-+": (
        ("{n} has {a} {t}, gives {b} to {m} and then finds {c}. How many {t} does {n} have?",
         "{n} has {r} {t}."),
        ("{n} has {a} {t}. {n} loses {b} and buys {c} more. How many {t} does {n} have now?",
         "{n} has {r} {t}."),
        ("There are {a} {t} in a box. {n} takes {b} and {m} adds {c}. How many are in the box?",
         "There are {r} {t} in the box."),
        ("A bus has {a} people on it. {b} get off and {c} get on. How many people are on it now?",
         "There are {r} people on the bus."),
        ("{n} had {a} dollars, spent {b} dollars and earned {c} dollars. How much is that now?",
         "{n} has {r} dollars."),
        ("A shop had {a} {t}, sold {b} and got {c} new ones. How many {t} does it have?",
         "The shop has {r} {t}."),
        ("{n} had {a} {t}, lost {b} and got {c} from {m}. How many {t} does {n} have now?",
         "{n} has {r} {t}."),
        ("{n} had {a} {t}, sold {b} and then made {c} new ones. How many {t} is that?",
         "{n} has {r} {t}."),
        ("There are {a} {t} on a shelf. {n} takes {b} down and puts {c} others up. How many now?",
         "There are {r} {t} on the shelf."),
        ("{a} birds sit on a roof. {b} fly off, and then {c} come. How many birds are there now?",
         "There are {r} birds on the roof."),
        ("A train has {a} people in it. {b} get out, and then {c} get in. How many are in it now?",
         "There are {r} people in the train."),
        ("{n} has {a} dollars, pays {b} for lunch and gets {c} from {m}. How much is it now?",
         "{n} has {r} dollars."),
        ("{a} children play outside. {b} go home, and {c} others come. How many play now?",
         "There are {r} children."),
        ("I had {a} {t}. I gave {b} to {n} and found {c} more. How many {t} do I have?",
         "You have {r} {t}."),
        ("We had {a} {t}. We used {b} and bought {c}. How many {t} do we have now?",
         "You have {r} {t}."),
        ("A tank has {a} liters of water. {n} uses {b} and adds {c}. How many liters are in it?",
         "There are {r} liters in the tank."),
        ("A car park has {a} cars. {b} leave and {c} arrive. How many cars are there then?",
         "There are {r} cars."),
        ("It was {a} degrees. It got {b} degrees colder, then {c} degrees warmer. What is it now?",
         "It is {r} degrees."),
        ("A bowl has {a} nuts. {n} eats {b} and {m} adds {c}. How many nuts are in it?",
         "There are {r} nuts in the bowl."),
        ("A hotel has {a} guests. {b} leave in the morning and {c} come later. How many is that?",
         "There are {r} guests."),
        ("{n} had {a} letters to send, sent {b} and wrote {c} more. How many are not sent yet?",
         "There are {r} letters to send."),
        ("A team had {a} points, lost {b} and then won {c}. How many points is that?",
         "The team has {r} points."),
        ("How many {t} does {n} end up with after having {a}, selling {b} and getting {c}?",
         "{n} has {r} {t}."),
        ("A farmer had {a} sheep. {b} were sold, and {c} lambs were born. "
         "How many animals is that?",
         "The farmer has {r} animals."),
        ("Of {a} eggs, {n} used {b} for a cake. Then the hens laid {c} more. "
         "How many eggs are there?",
         "There are {r} eggs."),
        ("i had {a} {t}, {n} took {b} and {m} gave me {c}, how many do i have",
         "You have {r} {t}."),
        ("In a class of {a} children, {b} move away and {c} new ones join. How big is the class?",
         "There are {r} children in the class."),
        ("Take {b} away from {a} {t} and then add {c} new ones. How many {t} is that?",
         "That is {r} {t}."),
        ("{n} spent {b} of {a} dollars at the market, and then {m} paid {n} {c} dollars. "
         "How much money does {n} have?",
         "{n} has {r} dollars."),
        ("A library had {a} books on a shelf. {b} were lent out, and {c} others came back. "
         "How many books are on the shelf?",
         "There are {r} books on the shelf."),
        ("There were {a} ducks on the lake. {b} flew away, and {c} landed. "
         "How many ducks swim there now?",
         "There are {r} ducks on the lake."),
        ("{n} had {a} points, lost {b} in the next round and won {c} in the last. "
         "What is the final score?",
         "The final score is {r} points."),
        ("A ship sails with {a} people. In a port, {b} go ashore and {c} come aboard. "
         "How many people are aboard?",
         "There are {r} people aboard."),
        ("After eating {b} of {a} cookies, the children baked {c} more. "
         "How many cookies are there?",
         "There are {r} cookies."),
        ("A house had {a} lamps. {n} threw out {b} old ones and bought {c} new ones. "
         "How many lamps does the house have?",
         "The house has {r} lamps."),
        ("A bush had {a} roses. {n} cut {b} of them, and {c} new ones opened. "
         "How many roses are on it?",
         "There are {r} roses on the bush."),
        ("A snail climbs {a} cm, slides back {b} cm and climbs {c} cm more. "
         "How far up is the snail?",
         "It is {r} cm up."),
        ("The lift is on floor {a}. It goes down {b} floors and then up {c}. "
         "On which floor is it now?",
         "It is on floor {r}."),
        ("A waiter has {a} clean glasses, uses {b} and washes {c} others. "
         "How many clean glasses are there?",
         "There are {r} clean glasses."),
        ("{n} had {a} emails, deleted {b} and then got {c}. How many emails are there now?",
         "There are {r} emails."),
        ("{n} takes {b} {t} from a pile of {a}. {m} lays {c} {t} on the pile. "
         "How many {t} are in the pile?",
         "There are {r} {t} in the pile."),
        ("We had {a} chickens until a fox took {b}. Later we bought {c}. "
         "How many chickens do we have?",
         "You have {r} chickens."),
        ("My grandmother had {a} {t}. She gave me {b} and later bought {c}. "
         "How many {t} does she have now?",
         "Your grandmother has {r} {t}."),
        ("{n} had {a} stamps and swapped {b} of them for {c} others. "
         "How many stamps does {n} have?",
         "{n} has {r} stamps."),
        ("A sack has {a} kg of flour in it. A baker takes out {b} kg and fills in {c} kg. "
         "How much flour is in the sack?",
         "There are {r} kg of flour in it."),
        ("A price was {a} dollars. It fell by {b} dollars and then rose by {c}. What is it now?",
         "It is {r} dollars."),
        ("A battery showed {a} percent. It dropped by {b} and was charged by {c}. "
         "What does it show?",
         "It shows {r} percent."),
        ("At first {a} people stood in line. {b} were served while {c} more came. "
         "How many people stand in line now?",
         "There are {r} people in line."),
        ("{n} gave {m} {b} of {a} {t}. As thanks, {m} brought {n} {c} {t}. "
         "How many has {n} got now?",
         "{n} has {r} {t}."),
        ("A barrel held {a} liters and lost {b} liters. Rain put in {c} liters. "
         "How many liters does it hold now?",
         "It holds {r} liters."),
        ("A team of {a} players lost {b} and took in {c} new ones. "
         "How many players are in the team?",
         "There are {r} players in the team."),
        ("Of {a} bottles in the cellar, {b} were emptied, and {n} brought {c} full ones. "
         "How many full bottles are there?",
         "There are {r} full bottles."),
        ("{n} must do {a} sums. {b} are done, but the teacher gives {c} more. "
         "How many must {n} still do?",
         "{n} must still do {r} sums."),
        ("the zoo had {a} monkeys, gave away {b}, and {c} were born. "
         "how many monkeys are there now?",
         "There are {r} monkeys."),
        ("{n} owed {m} {a} dollars, paid back {b} and then borrowed {c} more. "
         "How much does {n} owe {m} now?",
         "{n} owes {m} {r} dollars."),
        ("A choir of {a} singers says goodbye to {b} and hello to {c}. "
         "How many singers does it have?",
         "It has {r} singers."),
        ("In spring {n} had {a} plants. {b} died in the summer heat, and {n} bought {c} in "
         "autumn. How many plants does {n} have?",
         "{n} has {r} plants."),
        ("{n} puts {a} {t} in a cart, lays {b} back on the shelf and adds {c} others. "
         "How many {t} are in the cart?",
         "There are {r} {t} in the cart."),
        ("A village had {a} boats. A storm sank {b}, and people built {c} new ones. "
         "How many boats are there?",
         "There are {r} boats."),
        ("What is in the purse if {n} had {a} coins in it, spent {b} and was given {c}?",
         "There are {r} coins in the purse."),
        ("A mountain hut has {a} guests. {b} set off early, and by night {c} have come. "
         "How many guests sleep there?",
         "{r} guests sleep there."),
        ("{n} cut {b} cm off a plant that was {a} cm tall. It then grew {c} cm. "
         "How tall is it now?",
         "The plant is {r} cm tall."),
        ("After {b} of the {a} seats were removed, {c} better ones were put in. "
         "How many seats are there?",
         "There are {r} seats."),
        ("{c} new {t} came to a shop that had sold {b} of its {a} {t}. "
         "How many has the shop got now?",
         "The shop has {r} {t}."),
        ("{n} found {c} {t} after losing {b} of {a}. How many {t} does {n} have in the end?",
         "{n} has {r} {t}."),
        ("we started with {a} players, {b} got tired and {c} friends joined in, so how many play",
         "There are {r} players."),
    ),
    "++": (
        ("{n} has {a} {t}, buys {b} and finds {c} more. How many {t} does {n} have?",
         "{n} has {r} {t}."),
        ("There are {a} red, {b} blue and {c} green {t}. How many {t} are there in all?",
         "There are {r} {t}."),
        ("{n} made {a} {t} on Monday, {b} on Tuesday and {c} on Friday. How many {t} is that?",
         "{n} made {r} {t}."),
        ("{n} read {a} pages, then {b} pages, then {c} pages. How many pages did {n} read?",
         "{n} read {r} pages."),
        ("One box has {a} {t}, the next has {b} and the last has {c}. How many {t} are there?",
         "There are {r} {t}."),
        ("{n} has {a} {t}, {m} has {b} and a friend has {c}. How many {t} do the three have?",
         "Together they have {r} {t}."),
        ("{n} saw {a} ducks, {b} swans and {c} geese. How many birds did {n} see?",
         "{n} saw {r} birds."),
        ("{n} ran {a} km on Monday, {b} km on Friday and {c} km on Sunday. How many km in total?",
         "{n} ran {r} km."),
        ("{n} paid {a} dollars for food, {b} for a ticket and {c} for a toy. How much is that?",
         "{n} paid {r} dollars."),
        ("A shop sold {a} {t} in the morning, {b} at noon and {c} later. How many did it sell?",
         "The shop sold {r} {t}."),
        ("There are {a} {t} in a drawer, {b} on a table and {c} in a bag. How many {t} is that?",
         "There are {r} {t}."),
        ("A bus has {a} people on it. {b} get on, and later {c} more. How many people is that?",
         "There are {r} people on the bus."),
        ("I got {a} {t} from {n}, {b} from {m} and {c} from my uncle. How many {t} did I get?",
         "You got {r} {t}."),
        ("{n} worked {a} minutes, then {b} minutes, then {c} minutes. How long did {n} work?",
         "{n} worked {r} minutes."),
        ("A plant is {a} cm tall. It grows {b} cm in May and {c} cm in June. How tall is it then?",
         "It is {r} cm tall."),
        ("A hotel has {a} cooks, {b} cleaners and {c} waiters. How many people work there?",
         "There are {r} people."),
        ("How many animals live on a farm with {a} cows, {b} pigs and {c} goats?",
         "There are {r} animals on the farm."),
        ("{n} spent {a} minutes on reading, {b} on maths and {c} on music. What is the total time?",
         "The total time is {r} minutes."),
        ("{n} had {a} {t}. Then {m} gave {n} {b}, and a teacher gave {n} {c}. "
         "How many is that now?",
         "{n} has {r} {t}."),
        ("Add up the fruit: {a} apples, {b} pears and {c} plums. How many pieces of fruit is that?",
         "There are {r} pieces of fruit."),
        ("The first bus carries {a} people, the second {b} and the third {c}. "
         "How many people travel?",
         "{r} people travel."),
        ("my cousins sent me {t}: {a} from one, {b} from another, {c} from the youngest. "
         "how many did i get",
         "You got {r} {t}."),
        ("A recipe takes {a} grams of butter, {b} grams of sugar and {c} grams of flour. "
         "How much does it all weigh?",
         "It weighs {r} grams."),
        ("{n} is {a} years old. {m} is {b} years older, and their teacher is {c} years older than "
         "{m}. How old is the teacher?",
         "The teacher is {r} years old."),
        ("What does it cost to buy a cup for {a} dollars, a plate for {b} and a bowl for {c}?",
         "It costs {r} dollars."),
        ("{n}, {m} and a friend look out for red cars. They see {a}, {b} and {c} of them. "
         "How many red cars is that in total?",
         "They see {r} red cars."),
        ("In a vase are {a} tulips. {n} adds {b} roses and {m} adds {c} lilies. "
         "How many flowers are in the vase?",
         "There are {r} flowers in the vase."),
        ("A string of {a} cm, one of {b} cm and one of {c} cm are tied together. "
         "How long is it all?",
         "It is {r} cm long."),
        ("To get to work, {n} walks {a} minutes, waits {b} minutes and rides {c} minutes. "
         "How long does the way take?",
         "It takes {r} minutes."),
        ("A choir has {a} children, {b} women and {c} men. How many people sing in it?",
         "{r} people sing in the choir."),
        ("There are {a} people in the shop. {b} come in, and a bit later {c} follow. "
         "How many people are in the shop now?",
         "There are {r} people in the shop."),
        ("On the first day {n} found {a} {t}, the next day {b}, and then another {c}. "
         "How many {t} did {n} find?",
         "{n} found {r} {t}."),
        ("The goals of a team in three games were {a}, {b} and {c}. How many goals did it score?",
         "The team scored {r} goals."),
        ("We planted {a} beans, {b} peas and {c} carrots. How many plants do we have?",
         "You have {r} plants."),
        ("A house has {a} windows at the bottom, {b} in the middle and {c} at the top. "
         "How many windows has it got?",
         "It has {r} windows."),
        ("It was {a} degrees at dawn. By noon it was {b} degrees warmer, and later {c} more. "
         "How warm was it in the end?",
         "It was {r} degrees."),
        ("{n} phoned {m} for {a} minutes, then for {b}, and at night for {c}. "
         "How many minutes did they talk?",
         "They talked for {r} minutes."),
        ("My dad caught {a} fish, my mum caught {b} and I caught {c}. How many fish did we catch?",
         "You caught {r} fish."),
        ("A shelf held {a} {t}. {m} put {b} there and {n} put {c}. "
         "What number of {t} is on it now?",
         "There are {r} {t} on the shelf."),
        ("{n} swims {a} laps before breakfast, {b} after school and {c} in the evening. "
         "How many laps is that in one day?",
         "{n} swims {r} laps."),
        ("Count all that is in the pencil case: {a} pens, {b} pencils and {c} crayons.",
         "There are {r} things in the pencil case."),
        ("A kitchen needs {a} potatoes for soup, {b} for salad and {c} for dinner. "
         "How many potatoes does the kitchen need?",
         "It needs {r} potatoes."),
        ("A waiter carries out {a} glasses, then {b}, then {c}. How many glasses are carried out?",
         "The waiter carries out {r} glasses."),
        ("A party started with {a} guests. Soon {b} came, and at night {c} others. "
         "How many guests came altogether?",
         "{r} guests came."),
        ("{n} saved {a} dollars, got {b} from a grandmother and earned {c}. "
         "How much money is that?",
         "{n} has {r} dollars."),
        ("A train goes {a} km to one town, {b} km to the next and {c} km to the last. "
         "How far does it go?",
         "It goes {r} km."),
        ("A school has {a} pupils in one class, {b} in another and {c} in the last. "
         "How many pupils does the school have?",
         "It has {r} pupils."),
        ("How many {t} must {n} carry if {a} are in the hall, {b} in the yard and {c} in the car?",
         "{n} must carry {r} {t}."),
        ("We have {a} {t}. {n} will bring {b} and {m} will bring {c}. How many will we have then?",
         "You will have {r} {t}."),
        ("There are {a} bees on one flower, {b} on another and {c} in the air. "
         "How many bees is that?",
         "There are {r} bees."),
        ("{n} wrote {a} postcards in Rome, {b} in Paris and {c} at home. How many did {n} write?",
         "{n} wrote {r} postcards."),
        ("A wall of {a} cm is made {b} cm higher on Monday and {c} cm higher on Tuesday. "
         "How high is the wall in the end?",
         "The wall is {r} cm high."),
        ("in my bag are books of {a} kg, shoes of {b} kg and toys of {c} kg. how heavy is all that",
         "It weighs {r} kg."),
        ("Besides {a} {t} of their own, the children have {b} from {n} and {c} from {m}. "
         "How many {t} do they have?",
         "They have {r} {t}."),
        ("If three friends own {a}, {b} and {c} dollars, how much money do they own together?",
         "Together they own {r} dollars."),
        ("A vet saw {a} dogs, {b} cats and {c} rabbits today. How many animals did the vet see?",
         "The vet saw {r} animals."),
        ("{n} needs {a} nails for a table, {b} for a chair and {c} for a shelf. "
         "How many nails are needed?",
         "{n} needs {r} nails."),
        ("In March {a} storks came back, in April {b}, and in May {c}. "
         "How many storks came back altogether?",
         "{r} storks came back."),
    ),
    "x+": (
        ("{n} has {a} {h} with {b} {t} each and {c} more {t}. How many {t} does {n} have?",
         "{n} has {r} {t}."),
        ("There are {a} {h} with {b} {t} each, and {c} {t} lie beside them. How many in all?",
         "There are {r} {t}."),
        ("{n} buys {a} tickets for {b} dollars each and a map for {c} dollars. What is the cost?",
         "{n} pays {r} dollars."),
        ("{n} fills {a} {h} with {b} {t} each. {m} brings {c} more. How many {t} are there?",
         "There are {r} {t}."),
        ("{n} reads {b} pages a day for {a} days and then {c} more. How many pages is that?",
         "{n} reads {r} pages."),
        ("{n} buys {a} {h} of {b} {t} each and {c} single {t}. How many {t} does {n} buy?",
         "{n} buys {r} {t}."),
        ("{n} saves {b} dollars a week for {a} weeks and then finds {c} more. How much is that?",
         "{n} has {r} dollars."),
        ("{a} boats carry {b} people each, and {c} people wait. How many people is that in all?",
         "There are {r} people."),
        ("A hall has {a} rows of {b} chairs, and {c} more at the back. How many is that?",
         "There are {r} chairs."),
        ("{n} runs {b} km a day for {a} days and then {c} km more. How many km does {n} run?",
         "{n} runs {r} km."),
        ("I have {a} {h} of {b} {t} each, and {n} gives me {c} {t}. How many {t} do I have?",
         "You have {r} {t}."),
        ("{a} children bring {b} {t} each, and the teacher brings {c}. How many {t} are there?",
         "There are {r} {t}."),
        ("{n} buys {a} books at {b} dollars each and a pen for {c} dollars. How much is it?",
         "{n} pays {r} dollars."),
        ("A garden has {a} rows with {b} roses each and {c} tulips. How many flowers is that?",
         "There are {r} flowers."),
        ("{n} made {b} {t} a day for {a} days, and {m} made {c}. How many {t} did they make?",
         "They made {r} {t}."),
        ("How many {t} are there if {a} {h} hold {b} each and {c} lie on the floor?",
         "There are {r} {t}."),
        ("A bus makes {a} trips with {b} people each and a last trip with {c}. "
         "How many people ride it?",
         "{r} people ride the bus."),
        ("{n} has {c} {t} and buys {a} {h} with {b} {t} in each. How many {t} does {n} have then?",
         "{n} has {r} {t}."),
        ("There are {c} children in the yard when {a} groups of {b} children join them. "
         "How many children is that?",
         "There are {r} children in the yard."),
        ("A farmer has {a} barns with {b} cows each, and {c} cows are outside. "
         "How many cows does the farmer have?",
         "The farmer has {r} cows."),
        ("Parking costs {b} dollars an hour. "
         "{n} parks for {a} hours and pays a fee of {c} dollars. How much is it all?",
         "It is {r} dollars."),
        ("i have {a} bags with {b} {t} in each bag plus {c} extra, how many {t} do i have",
         "You have {r} {t}."),
        ("A teacher gives {b} {t} to each of {a} children and keeps {c}. "
         "How many {t} did the teacher have?",
         "The teacher had {r} {t}."),
        ("{n} puts {b} {t} on every one of {a} plates, and {c} are left over. "
         "How many {t} were there at first?",
         "There were {r} {t}."),
        ("An album has {a} pages with {b} photos each and {c} loose photos. "
         "How many photos are in it?",
         "There are {r} photos in the album."),
        ("{n} bakes {a} trays of {b} rolls, and {m} fetches {c} rolls from the shop. "
         "How many rolls do they have?",
         "They have {r} rolls."),
        ("A worker earns {b} dollars an hour. "
         "What is the pay for {a} hours with {c} dollars on top?",
         "The pay is {r} dollars."),
        ("A taxi takes {b} dollars per km and {c} dollars to start. "
         "What does a trip of {a} km cost?",
         "It costs {r} dollars."),
        ("A house has {a} floors with {b} rooms each and {c} rooms under the roof. "
         "How many rooms does it have?",
         "It has {r} rooms."),
        ("{n} lays {a} rows of {b} tiles and then {c} tiles by the door. "
         "How many tiles does {n} lay?",
         "{n} lays {r} tiles."),
        ("We bought {a} {h} of {b} {t}, and there were {c} {t} at home. How many do we have now?",
         "You have {r} {t}."),
        ("My sister read {b} books a month for {a} months and {c} on holiday. "
         "How many books did my sister read?",
         "Your sister read {r} books."),
        ("{a} tables have {b} guests each, and {c} guests stand. How many guests are there?",
         "There are {r} guests."),
        ("Every one of {a} hens laid {b} eggs, and {n} got {c} eggs from {m}. "
         "How many eggs does {n} have in total?",
         "{n} has {r} eggs."),
        ("A plant was {c} cm tall and grew {b} cm a week. How tall was it after {a} weeks?",
         "It was {r} cm tall."),
        ("{n} had {c} dollars and then saved {b} dollars a week. How much was it after {a} weeks?",
         "{n} had {r} dollars."),
        ("Fill {a} jars with {b} {t} each and put {c} {t} in a bowl. How many {t} does that take?",
         "That takes {r} {t}."),
        ("A cinema sold {a} rows of {b} seats and {c} single seats. How many seats did it sell?",
         "It sold {r} seats."),
        ("{a} teams of {b} players are in a hall, and {c} people watch. "
         "How many people are in the hall?",
         "There are {r} people in the hall."),
        ("A swimmer does {b} laps on each of {a} days and {c} laps the day after. "
         "How many laps is it in total?",
         "The swimmer does {r} laps."),
        ("A van is loaded with {a} crates of {b} kg each and a bag of {c} kg. "
         "How heavy is the load?",
         "The load weighs {r} kg."),
        ("Each of {a} cats had {b} kittens, and {c} kittens came from a shelter. "
         "How many kittens are there?",
         "There are {r} kittens."),
        ("{n} buys {a} cups of tea for {b} dollars each and gives the waiter {c} dollars as a "
         "tip. How much does {n} pay?",
         "{n} pays {r} dollars."),
        ("after {a} full trips with {b} people each, {c} people still wait for the boat. "
         "how many people came?",
         "{r} people came."),
        ("In a car park there are {a} rows of {b} cars and {c} cars by the gate. "
         "How many cars are parked there?",
         "There are {r} cars."),
        ("{n} writes {b} letters to each of {a} friends and {c} to {m}. How many letters is that?",
         "{n} writes {r} letters."),
        ("A cook makes {b} pancakes for each of {a} guests and {c} for the family. "
         "How many pancakes are made?",
         "The cook makes {r} pancakes."),
        ("One row has {b} trees. How many trees are in a garden with {a} rows and {c} other trees?",
         "There are {r} trees in the garden."),
        ("A game takes {b} minutes. {n} plays {a} games and rests for {c} minutes. "
         "How long does that take?",
         "It takes {r} minutes."),
        ("I pay {b} dollars for each of {a} tickets and {c} dollars for the bus. "
         "How much do I pay?",
         "You pay {r} dollars."),
        ("Work out the total: {a} {h}, each with {b} {t}, and a plate with {c} {t}.",
         "There are {r} {t}."),
        ("When {n} had shared out the {t}, {a} children had {b} each and {n} had {c}. "
         "How many {t} were there?",
         "There were {r} {t}."),
        ("Apart from {c} old {t}, {n} has {a} new packs of {b}. How many has {n} got altogether?",
         "{n} has {r} {t}."),
        ("A band stands in {a} rows of {b} players, with {c} singers in front. "
         "How many people perform?",
         "{r} people perform."),
        ("A shop got {a} {h} with {b} {t} in each. It already had {c} {t}. "
         "How many are in the shop?",
         "There are {r} {t} in the shop."),
        ("{n} took the dog on {a} walks of {b} km and on a last walk of {c} km. "
         "How far did they walk?",
         "They walked {r} km."),
        ("{n} and {m} stack chairs. There are {a} stacks of {b} chairs, and {c} are not stacked. "
         "How many chairs are there in all?",
         "There are {r} chairs."),
    ),
    "x-": (
        ("{n} has {a} {h} with {b} {t} each and gives {c} {t} to {m}. How many {t} are left?",
         "There are {r} {t} left."),
        ("There are {a} {h} with {b} {t} each. {n} takes {c} {t}. How many {t} remain?",
         "There are {r} {t} left."),
        ("{n} earns {b} dollars a day for {a} days and spends {c} dollars. How much is left?",
         "{n} has {r} dollars left."),
        ("{n} packs {a} {h} of {b} {t}. Then {c} {t} break. How many {t} are still good?",
         "There are {r} {t} that are still good."),
        ("{a} friends bring {b} {t} each, and {c} of them get lost. How many {t} are left?",
         "There are {r} {t} left."),
        ("{n} buys {a} {h} of {b} {t} each and uses {c} {t}. How many {t} are left?",
         "There are {r} {t} left."),
        ("{n} saves {b} dollars a week for {a} weeks, then pays {c} dollars. How much is left?",
         "{n} has {r} dollars left."),
        ("A hall has {a} rows of {b} seats, and {c} seats are taken. How many seats are free?",
         "There are {r} free seats."),
        ("I have {a} {h} of {b} {t} each and give {c} {t} to {n}. How many {t} do I keep?",
         "You keep {r} {t}."),
        ("A baker fills {a} trays with {b} rolls each and sells {c} rolls. How many rolls remain?",
         "There are {r} rolls left."),
        ("{a} children bring {b} {t} each, and the teacher takes {c}. How many {t} remain?",
         "There are {r} {t} left."),
        ("{n} plants {a} rows of {b} tulips, but {c} tulips do not grow. How many tulips grow?",
         "There are {r} tulips that grow."),
        ("{a} boats bring {b} people each to an island, and {c} leave. How many people stay?",
         "There are {r} people on the island."),
        ("{n} made {b} {t} a day for {a} days and sold {c}. How many {t} does {n} have?",
         "{n} has {r} {t}."),
        ("A shop had {a} {h} with {b} {t} in each. It sold {c} {t}. How many {t} does it have?",
         "The shop has {r} {t}."),
        ("How many {t} remain if {n} has {a} {h} with {b} {t} each and sells {c}?",
         "There are {r} {t} left."),
        ("{n} has {a} packs of {b} {t}. {m} borrows {c}. How many {t} does {n} still have?",
         "{n} still has {r} {t}."),
        ("A farmer gets {b} eggs from each of {a} hens and sells {c}. How many eggs are kept?",
         "The farmer keeps {r} eggs."),
        ("{n} cuts {a} pizzas into {b} slices each. The guests eat {c} slices. "
         "How many slices are left?",
         "There are {r} slices left."),
        ("i had {a} boxes with {b} {t} each and gave away {c}. how many are left",
         "There are {r} {t} left."),
        ("A book has {a} chapters of {b} pages. {n} has read {c} pages. "
         "How many are still to read?",
         "There are {r} pages to read."),
        ("{n} earns {b} dollars an hour. After {a} hours, {n} pays {m} {c} dollars. What is left?",
         "{n} has {r} dollars left."),
        ("There are {a} rows of {b} chairs, but {c} chairs are broken. "
         "How many chairs can be used?",
         "{r} chairs can be used."),
        ("In a school with {a} classes of {b} children, {c} children are ill. "
         "How many are at school?",
         "There are {r} children at school."),
        ("{n} needs {b} {t} for each of {a} guests but has only {c}. How many more does {n} need?",
         "{n} needs {r} more {t}."),
        ("Each ticket costs {b} dollars. {n} wants {a} tickets and has {c} dollars. "
         "How many dollars are missing?",
         "There are {r} dollars missing."),
        ("{n} buys {a} cups at {b} dollars each and gets {c} dollars off. How much does {n} pay?",
         "{n} pays {r} dollars."),
        ("A wall had {a} rows of {b} tiles. {c} of the tiles fell down. "
         "How many are still on the wall?",
         "There are {r} tiles on the wall."),
        ("{c} seats in a bus are taken. It has {a} rows of {b} seats. "
         "How many seats are not taken?",
         "There are {r} seats not taken."),
        ("We picked {a} baskets of {b} plums and ate {c}. How many plums do we have?",
         "You have {r} plums."),
        ("My mum filled {a} {h} with {b} {t} each, and I took {c} {t}. "
         "How many did my mum have left?",
         "Your mum had {r} {t} left."),
        ("{a} friends had {b} {t} each. They put them all together and lost {c}. "
         "How many were left?",
         "There were {r} {t} left."),
        ("Take {c} {t} out of {a} {h} that hold {b} each. How many {t} stay in them?",
         "{r} {t} stay in them."),
        ("A cook bought {a} sacks of {b} potatoes and cooked {c}. "
         "How many potatoes are not cooked?",
         "{r} potatoes are not cooked."),
        ("A race is {a} laps of {b} km. {n} has run {c} km. How far must {n} still run?",
         "{n} must still run {r} km."),
        ("An album has room for {b} stamps on each of {a} pages. {c} stamps are in it. "
         "How many more fit in?",
         "There is room for {r} more stamps."),
        ("A builder needs {a} rows of {b} bricks and has {c} bricks. "
         "How many bricks must be ordered?",
         "{r} bricks must be ordered."),
        ("{a} vans brought {b} parcels each. By noon, {c} were delivered. "
         "How many parcels were not?",
         "{r} parcels were not delivered."),
        ("A pump fills {b} liters an hour into an empty tank. "
         "After {a} hours, {n} takes out {c} liters. How much is in the tank?",
         "There are {r} liters in the tank."),
        ("{n} collects {b} {t} a day. After {a} days, {n} hands {m} {c} {t}. "
         "How many does {n} keep?",
         "{n} keeps {r} {t}."),
        ("Every child in a group of {a} had {b} balloons, and {c} balloons burst. "
         "How many did not burst?",
         "{r} balloons did not burst."),
        ("A choir stands in {a} rows of {b} singers. Then {c} singers sit down. "
         "How many still stand?",
         "{r} singers still stand."),
        ("From {a} bunches of {b} flowers, {n} threw out {c} dry flowers. "
         "How many flowers were kept?",
         "{n} kept {r} flowers."),
        ("A gardener planted {a} beds with {b} plants each, but {c} plants died. "
         "How many are alive?",
         "There are {r} plants alive."),
        ("A shop has {a} shelves of {b} toys. On Friday it sells {c} toys. "
         "How many toys are there now?",
         "There are {r} toys in the shop."),
        ("There are {a} teams of {b} players. If {c} players go home, how many players are there?",
         "There are {r} players."),
        ("{n} bought {a} bags of {b} seeds and used {c} seeds. How many seeds can {n} still plant?",
         "{n} can still plant {r} seeds."),
        ("what is left of {a} bags of {b} {t} when {c} {t} are used", "There are {r} {t} left."),
        ("A train has {a} coaches with {b} seats each. {c} people sit down. "
         "How many seats are still free?",
         "There are {r} free seats."),
        ("{n} wanted to fill {a} {h} with {b} {t} each but was short of {c} {t}. "
         "How many {t} did {n} have?",
         "{n} had {r} {t}."),
        ("{n} buys {a} toys for {b} dollars each. {m} gives {n} {c} dollars back for them. "
         "How much did {n} spend in the end?",
         "{n} spent {r} dollars."),
        ("I must learn {b} words a day for {a} days. I know {c} of them already. How many are new?",
         "There are {r} new words."),
        ("{n} joins {a} planks of {b} cm and saws {c} cm off the end. How long is the new plank?",
         "It is {r} cm long."),
        ("A hotel has {a} floors with {b} rooms each. Guests sleep in {c} rooms. "
         "How many rooms are empty?",
         "There are {r} empty rooms."),
        ("A boat must take {a} groups of {b} people across. {c} people are across. "
         "How many still wait?",
         "{r} people still wait."),
        ("{n} does {b} sums a day for {a} days, but {c} of the sums are wrong. How many are right?",
         "There are {r} right ones."),
        ("{n} made {a} trips and carried {b} logs each time. {c} logs were burned. "
         "How many logs remain?",
         "There are {r} logs left."),
        ("A shop was sent {a} {h} of {b} {t}, but {c} never arrived. How many {t} did arrive?",
         "{r} {t} did arrive."),
    ),
}  # fmt: skip
