"""Skills with numbers: sums, little stories, units, comparisons and lists, all with working."""

import re
from collections.abc import Callable, Sequence
from typing import Final

from lexicon import NAMES, words
from world._draw import Draw, Task, concludes, user

_ONES: Final = words(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen twenty"
)
_PREFIXES: Final = (
    "Hi! {}", "Hello. {}", "Hey, {}", "Quick question: {}", "I need help: {}", "Please help: {}",
    "Help me with this: {}", "Can you help me? {}", "One more: {}", "Here is my question: {}",
    "I am stuck. {}", "Another one: {}", "This is for my homework. {}", "Small question. {}",
    "Could you help? {}", "Okay, next: {}", "I have a question. {}", "Good morning! {}",
    "Good evening! {}", "Hello there! {}", "My teacher asks: {}", "Try this one: {}",
    "Next question: {}", "Here is one: {}", "Hi, one question. {}", "Please answer: {}",
    "I wonder: {}", "Let me ask you something. {}", "Number puzzle: {}", "Do you know this? {}",
    "A friend asked me: {}", "Now this: {}", "Good afternoon. {}", "Just a quick one: {}",
    "I forgot how to do this. {}", "Sorry to bother you. {}",
)  # fmt: skip
_SUFFIXES: Final = (
    "{} Thanks!", "{} Thank you.", "{} Please.", "{} Please help.", "{} Thanks a lot!",
    "{} I am not sure.", "{} I keep getting it wrong.", "{} Show me how.", "{} Many thanks.",
    "{} It is for school.", "{} Please be careful.", "{} I want to check my answer.",
    "{} Thanks in advance!", "{} Can you help me?", "{} I need the answer soon.",
    "{} My teacher wants to know.", "{} I cannot work it out.", "{} Explain it, please.",
    "{} I would be glad of some help.", "{} Thank you so much!", "{} Tell me how you got there.",
    "{} It is for a quiz.", "{} I forgot how to do it.", "{} Cheers!",
)  # fmt: skip
_PLUS: Final = (
    "What is {a} + {b}?", "What is {a} plus {b}?", "{a} + {b} =", "{a} + {b}", "{a} + {b} = ?",
    "{a} plus {b}", "Add {a} and {b}.", "Add {b} to {a}.", "Work out {a} + {b}.",
    "Work out {a} plus {b}.", "Calculate {a} + {b}.", "How much is {a} plus {b}?",
    "How much is {a} + {b}?", "what's {a} + {b}", "what is {a} plus {b}", "add {a} and {b}",
    "Please add {a} and {b}.", "Please work out {a} + {b}.", "Can you add {a} and {b}?",
    "Could you tell me what {a} plus {b} is?", "Tell me the sum of {a} and {b}.",
    "What is the sum of {a} and {b}?", "Find the sum of {a} and {b}.", "the sum of {a} and {b}?",
    "What do {a} and {b} make together?", "What do you get when you add {a} and {b}?",
    "If I add {b} to {a}, what do I get?", "What is {b} more than {a}?", "Solve {a} + {b}.",
    "Compute {a} plus {b}.", "{a} and {b} added together is what?", "Find {a} + {b}.",
    "I have to add {a} and {b}. What is the result?", "What does {a} + {b} equal?",
    "Give me the result of {a} + {b}.", "What number is {a} plus {b}?",
    "What is {aw} plus {bw}?", "{aw} plus {bw}", "Add {aw} and {bw}.",
    "How much is {aw} plus {bw}?", "what's {aw} plus {bw}", "Work out {aw} plus {bw}.",
)  # fmt: skip
_MINUS: Final = (
    "What is {a} - {b}?", "What is {a} minus {b}?", "{a} - {b} =", "{a} - {b}", "{a} - {b} = ?",
    "{a} minus {b}", "{a} take away {b}", "Take {b} away from {a}.", "Subtract {b} from {a}.",
    "Work out {a} - {b}.", "Work out {a} minus {b}.", "Calculate {a} - {b}.",
    "How much is {a} minus {b}?", "How much is {a} - {b}?", "what's {a} - {b}",
    "what is {a} take away {b}", "subtract {b} from {a}", "Please subtract {b} from {a}.",
    "Please work out {a} - {b}.", "Can you subtract {b} from {a}?",
    "Could you tell me what {a} minus {b} is?", "What is {a} take away {b}?",
    "What is the difference between {a} and {b}?", "Find the difference between {a} and {b}.",
    "What do you get when you take {b} from {a}?", "If I take {b} from {a}, what is left?",
    "What is left when {b} is taken from {a}?", "What is {b} less than {a}?", "Solve {a} - {b}.",
    "Compute {a} minus {b}.", "Find {a} - {b}.", "What does {a} - {b} equal?",
    "Give me the result of {a} - {b}.", "What number is {a} minus {b}?",
    "I have to take {b} away from {a}. What is the result?",
    "What is {aw} minus {bw}?", "{aw} minus {bw}", "Take {bw} away from {aw}.",
    "How much is {aw} take away {bw}?", "what's {aw} minus {bw}", "Work out {aw} minus {bw}.",
)  # fmt: skip
_TIMES: Final = (
    "What is {a} x {b}?", "What is {a} times {b}?", "{a} x {b} =", "{a} x {b}", "{a} * {b}",
    "{a} * {b} =", "{a} x {b} = ?", "{a} times {b}", "Multiply {a} by {b}.",
    "Multiply {a} and {b}.", "Work out {a} x {b}.", "Work out {a} times {b}.",
    "Calculate {a} x {b}.", "Calculate {a} * {b}.", "How much is {a} times {b}?",
    "How much is {a} x {b}?", "what's {a} x {b}", "what is {a} times {b}", "multiply {a} by {b}",
    "Please multiply {a} by {b}.", "Please work out {a} x {b}.", "Can you multiply {a} by {b}?",
    "Could you tell me what {a} times {b} is?", "What is the product of {a} and {b}?",
    "Find the product of {a} and {b}.", "Tell me the product of {a} and {b}.",
    "What is {a} multiplied by {b}?", "What do you get when you multiply {a} by {b}?",
    "If I multiply {a} by {b}, what do I get?", "Solve {a} x {b}.", "Compute {a} times {b}.",
    "Find {a} x {b}.", "What does {a} x {b} equal?", "Give me the result of {a} x {b}.",
    "What number is {a} times {b}?", "I have to multiply {a} by {b}. What is the result?",
    "What is {aw} times {bw}?", "{aw} times {bw}", "Multiply {aw} by {bw}.",
    "How much is {aw} times {bw}?", "what's {aw} times {bw}", "Work out {aw} times {bw}.",
)  # fmt: skip
_DIVIDE: Final = (
    "What is {a} / {b}?", "What is {a} divided by {b}?", "{a} / {b} =", "{a} / {b}",
    "{a} / {b} = ?", "{a} divided by {b}", "Divide {a} by {b}.", "Work out {a} / {b}.",
    "Work out {a} divided by {b}.", "Calculate {a} / {b}.", "How much is {a} divided by {b}?",
    "How much is {a} / {b}?", "what's {a} / {b}", "what is {a} divided by {b}",
    "divide {a} by {b}", "Please divide {a} by {b}.", "Please work out {a} / {b}.",
    "Can you divide {a} by {b}?", "Could you tell me what {a} divided by {b} is?",
    "How many times does {b} go into {a}?", "How often does {b} fit into {a}?",
    "What do you get when you divide {a} by {b}?", "If I divide {a} by {b}, what do I get?",
    "Share {a} equally among {b}. How much does each get?", "Solve {a} / {b}.",
    "Compute {a} divided by {b}.", "Find {a} / {b}.", "What does {a} / {b} equal?",
    "Give me the result of {a} / {b}.", "What number is {a} divided by {b}?",
    "Split {a} into {b} equal parts. How big is each part?",
)  # fmt: skip
_OPERATIONS: Final = {"+": _PLUS, "-": _MINUS, "x": _TIMES, "/": _DIVIDE}

_THINGS: Final = tuple(
    words(
        "apples books coins pens cards stamps oranges marbles shells eggs cups balloons stickers "
        "keys pencils toys buttons beads cookies lemons pears plums stones spoons plates candles "
        "flowers tickets ribbons badges crayons bottles nuts carrots onions potatoes photos "
        "magnets bananas sweets blocks feathers muffins tomatoes envelopes notebooks"
    )
)
_HOLDERS: Final = tuple(
    words("boxes bags baskets trays jars drawers shelves crates packets tins buckets sacks")
)
_STORIES: Final = {
    "+": (
        ("{n} has {a} {t} and gets {b} more from {m}. How many {t} does {n} have now?",
         "{n} has {r} {t}."),
        ("{n} has {a} {t}. {m} gives {n} {b} more. How many {t} does {n} have?",
         "{n} has {r} {t}."),
        ("{n} found {a} {t} in the morning and {b} in the evening. How many {t} did {n} find?",
         "{n} found {r} {t}."),
        ("{n} buys {a} {t} on Monday and {b} {t} on Tuesday. How many {t} does {n} buy in all?",
         "{n} buys {r} {t}."),
        ("There are {a} {t} on the table. {n} puts {b} more there. How many {t} are on the table?",
         "There are {r} {t} on the table."),
        ("{n} has {a} {t} and {m} has {b} {t}. How many {t} do they have together?",
         "Together they have {r} {t}."),
        ("{n} and {m} collect {t}. {n} has {a} and {m} has {b}. How many do they have in total?",
         "Together they have {r} {t}."),
        ("A box holds {a} {t}. {n} adds {b} more. How many {t} are in the box now?",
         "There are {r} {t} in the box."),
        ("How many {t} does {n} have after starting with {a} and buying {b} more?",
         "{n} has {r} {t}."),
        ("{n} had {a} {t}. For a birthday, {n} was given {b} more. How many {t} is that now?",
         "{n} has {r} {t}."),
        ("{n} counts {a} {t} in one bag and {b} {t} in another. How many {t} are there in all?",
         "There are {r} {t}."),
        ("There are {a} red {t} and {b} blue {t}. How many {t} are there altogether?",
         "There are {r} {t}."),
        ("{n} sold {a} {t} before lunch and {b} after lunch. How many {t} were sold?",
         "{n} sold {r} {t}."),
        ("a shop has {a} {t} and orders {b} more. how many {t} will it have?",
         "The shop has {r} {t}."),
        ("{n} packs {a} {t} and {m} packs {b}. How many {t} are packed?", "They pack {r} {t}."),
        ("{m} has {a} {t}. {n} has {b} more than {m}. How many {t} does {n} have?",
         "{n} has {r} {t}."),
        ("Yesterday {n} made {a} {t}. Today {n} made {b}. How many {t} did {n} make?",
         "{n} made {r} {t}."),
        ("On a shelf are {a} {t}, and on another shelf are {b}. How many {t} is that together?",
         "There are {r} {t}."),
        ("{n} owns {a} {t}. Then {n} wins {b} {t} in a game. Count all the {t}.",
         "{n} has {r} {t}."),
        ("{n} read {a} pages on Saturday and {b} pages on Sunday. How many pages is that?",
         "{n} read {r} pages."),
        ("A bus carries {a} people. At the next stop {b} more get on. How many people are on it?",
         "There are {r} people on the bus."),
        ("{n} paid {a} dollars for a book and {b} dollars for a hat. How much did {n} pay?",
         "{n} paid {r} dollars."),
        ("{n} walked {a} km and then {b} km more. How far did {n} walk?", "{n} walked {r} km."),
        ("{n} is {a} years old. How old will {n} be in {b} years?", "{n} will be {r} years old."),
        ("{n} starts with {a} {t} and picks up {b} more. How many {t} does {n} end up with?",
         "{n} has {r} {t}."),
        ("{n} keeps {a} {t} at home and {b} {t} at school. How many {t} is that altogether?",
         "{n} has {r} {t}."),
        ("{m} sends {n} {b} {t}. {n} already had {a}. How many {t} does {n} have in total?",
         "{n} has {r} {t}."),
        ("After lunch, {b} {t} are added to {a} {t} in a drawer. How many are in there?",
         "There are {r} {t} in the drawer."),
        ("First {n} counts {a} {t}, then {b} others. What number of {t} did {n} count?",
         "{n} counted {r} {t}."),
        ("{a} {t} are in the kitchen and {b} are in the hall. What is the total number of {t}?",
         "There are {r} {t}."),
        ("Last week {n} saved {a} dollars, and this week {b} dollars. How much did {n} save?",
         "{n} saved {r} dollars."),
        ("The bus takes {a} minutes and the walk takes {b} minutes. How long is the whole trip?",
         "It takes {r} minutes."),
        ("{n} drives {a} km to the shop and {b} km to see {m}. How many km is the whole drive?",
         "{n} drives {r} km."),
        ("A team scored {a} points in the first half and {b} in the second. What was its score?",
         "The team scored {r} points."),
        ("A plant is {a} cm tall. It grows {b} cm more. How tall is it then?",
         "It is {r} cm tall."),
        ("In the morning it was {a} degrees. It got {b} degrees warmer. How warm was it then?",
         "It was {r} degrees."),
        ("{a} girls and {b} boys are in a club. How many children belong to the club?",
         "There are {r} children in the club."),
        ("There are {a} ducks on a pond and {b} more land on it. How many ducks are there now?",
         "There are {r} ducks on the pond."),
        ("A parking lot has {a} cars. Then {b} more drive in. How many cars are parked there?",
         "There are {r} cars."),
        ("{m} is {a} years old and {n} is {b} years older. How old is {n}?",
         "{n} is {r} years old."),
        ("Shoes cost {a} dollars and socks cost {b} dollars. What do they cost together?",
         "They cost {r} dollars."),
        ("{n} wrote {a} emails before noon and {b} after noon. How many emails were written?",
         "{n} wrote {r} emails."),
        ("Today {n} swam {a} laps and {m} swam {b}. How many laps did the two of them swim?",
         "Together they swam {r} laps."),
        ("A baker bakes {a} loaves of bread, and later {b} more. How many loaves is that?",
         "The baker bakes {r} loaves."),
        ("{n} spent {a} minutes on maths and {b} minutes on art. How many minutes is that?",
         "{n} spent {r} minutes."),
        ("Please help {n}: there are {a} {t} here and {b} {t} there. How many {t} are there?",
         "There are {r} {t}."),
        ("Suppose {n} has {a} {t} and finds {b} under the bed. How many {t} would {n} have?",
         "{n} would have {r} {t}."),
        ("My aunt had {a} {t}. I gave her {b} more. How many {t} does my aunt have now?",
         "Your aunt has {r} {t}."),
        ("I have {a} {t} and my sister has {b} {t}. How many {t} do we have together?",
         "Together you have {r} {t}."),
        ("I bought {a} {t} yesterday and {b} {t} today. How many {t} did I buy?",
         "You bought {r} {t}."),
        ("i have {a} {t} and {n} gives me {b} more, how many do i have now", "You have {r} {t}."),
        ("We planted {a} trees last year and {b} trees this year. How many trees did we plant?",
         "You planted {r} trees."),
        ("{n} got {a} {t} from {m} and {b} {t} from a neighbour. How many {t} did {n} get?",
         "{n} got {r} {t}."),
        ("One room has {a} chairs and another has {b}. How many chairs are in the two rooms?",
         "There are {r} chairs."),
    ),
    "-": (
        ("{n} has {a} {t} and gives {b} to {m}. How many {t} does {n} have now?",
         "{n} has {r} {t}."),
        ("{n} has {a} {t}. {n} loses {b} of them. How many {t} are left?",
         "There are {r} {t} left."),
        ("{n} had {a} {t} and sold {b}. How many {t} does {n} still have?", "{n} has {r} {t}."),
        ("There are {a} {t} on the table. {n} takes {b} away. How many {t} are left?",
         "There are {r} {t} left."),
        ("A box holds {a} {t}. {n} takes out {b}. How many {t} stay in the box?",
         "There are {r} {t} in the box."),
        ("Out of {a} {t}, {b} are broken. How many {t} are not broken?",
         "There are {r} {t} that are not broken."),
        ("{n} has {a} {t} and {m} has {b}. How many more {t} does {n} have than {m}?",
         "{n} has {r} more {t}."),
        ("{n} needs {a} {t} but has only {b}. How many more {t} does {n} need?",
         "{n} needs {r} more {t}."),
        ("A shop had {a} {t}. It sold {b} today. How many {t} remain?", "There are {r} {t} left."),
        ("How many {t} are left if {n} starts with {a} and gives away {b}?",
         "There are {r} {t} left."),
        ("Of the {a} {t} that {n} owns, {b} are red. How many are not red?",
         "There are {r} {t} that are not red."),
        ("{m} has {a} {t}. {n} has {b} fewer than {m}. How many {t} does {n} have?",
         "{n} has {r} {t}."),
        ("{n} carried {a} {t} home but dropped {b} on the way. How many {t} got home?",
         "{n} got home with {r} {t}."),
        ("{n} wants to pack {a} {t}. So far {b} are packed. How many {t} are not packed yet?",
         "There are {r} {t} to pack."),
        ("{n} bought {a} {t} and returned {b} to the shop. How many {t} did {n} keep?",
         "{n} kept {r} {t}."),
        ("{m} borrows {b} of the {a} {t} that {n} has. How many {t} does {n} have left?",
         "{n} has {r} {t}."),
        ("there were {a} {t} in the bag and {n} used {b}. how many are still in the bag?",
         "There are {r} {t} in the bag."),
        ("{n} has a book of {a} pages and has read {b} pages. How many pages are left?",
         "There are {r} pages left."),
        ("A bus carries {a} people. At the next stop {b} get off. How many people are on it?",
         "There are {r} people on the bus."),
        ("{n} has {a} dollars and spends {b} dollars on a hat. How much money is left?",
         "{n} has {r} dollars left."),
        ("The walk is {a} km long and {n} has done {b} km. How far is it still?",
         "There are {r} km left."),
        ("{n} is {a} years old. How old was {n} {b} years ago?", "{n} was {r} years old."),
        ("{a} birds sit in a tree and {b} fly away. How many birds are still in the tree?",
         "There are {r} birds in the tree."),
        ("A class has {a} children. Today {b} are ill. How many children are in class?",
         "There are {r} children in class."),
        ("{n} had {a} {t} this morning. By evening, {b} were gone. How many {t} were left?",
         "There were {r} {t} left."),
        ("{n} has {a} {t} and lends {b} to {m}. How many {t} does {n} still have at home?",
         "{n} has {r} {t}."),
        ("{n} brings {a} {t} to a party, and the guests take {b}. How many {t} remain?",
         "There are {r} {t} left."),
        ("{a} {t} were on the shelf until {m} took {b}. How many {t} are on the shelf now?",
         "There are {r} {t} on the shelf."),
        ("{n} and {m} have {a} {t} together, and {b} of them belong to {m}. How many has {n}?",
         "{n} has {r} {t}."),
        ("{n} collected {a} {t}, and {m} collected {b}. How many more did {n} collect?",
         "{n} collected {r} more {t}."),
        ("There are {a} {t}: {b} are new and the rest are old. How many {t} are old?",
         "There are {r} old {t}."),
        ("A drawer had {a} {t}. {n} threw {b} of them away. How many {t} were kept?",
         "{n} kept {r} {t}."),
        ("{n} wants {a} {t} and has found {b} so far. How many {t} are still missing?",
         "There are {r} {t} missing."),
        ("A rope is {a} m long. {n} cuts off {b} m. How long is the rope now?",
         "The rope is {r} m long."),
        ("A candle was {a} cm tall and burned down by {b} cm. How tall is it now?",
         "The candle is {r} cm tall."),
        ("At noon it was {a} degrees. At night it was {b} degrees colder. How warm was it then?",
         "It was {r} degrees."),
        ("{n} is {a} years old and {m} is {b}. How many years older is {n}?",
         "{n} is {r} years older."),
        ("{m} is {a} years old and {n} is {b} years younger. How old is {n}?",
         "{n} is {r} years old."),
        ("A hat was {a} dollars, but today it is {b} dollars cheaper. What does it cost today?",
         "It costs {r} dollars."),
        ("{n} saved {a} dollars and gave {b} dollars to {m}. How many dollars are left?",
         "{n} has {r} dollars."),
        ("A game costs {a} dollars and {n} has {b} dollars. How much more does {n} need?",
         "{n} needs {r} more dollars."),
        ("The school is {a} km away. {n} has walked {b} km. How many km are left to walk?",
         "There are {r} km left."),
        ("A lesson takes {a} minutes, and {b} minutes have passed. How many minutes are left?",
         "There are {r} minutes left."),
        ("{a} ducks swim on a lake. Then {b} swim away. How many ducks stay?",
         "There are {r} ducks on the lake."),
        ("A parking lot has {a} cars. Then {b} cars leave. How many cars are still parked?",
         "There are {r} cars."),
        ("A hotel has {a} rooms, and {b} of them are taken. How many rooms are free?",
         "There are {r} free rooms."),
        ("A team played {a} games and won {b}. How many games did it not win?",
         "It did not win {r} games."),
        ("There are {a} children in a club, and {b} are girls. How many are boys?",
         "There are {r} boys."),
        ("I had {a} {t} and gave {b} to {n}. How many {t} do I have left?",
         "You have {r} {t} left."),
        ("My brother had {a} {t}, but {b} got lost. How many {t} does my brother have now?",
         "Your brother has {r} {t}."),
        ("i had {a} {t} and lost {b}, how many are left", "There are {r} {t} left."),
        ("We need {a} {t} for the party and have {b}. How many {t} must we still get?",
         "You need {r} more {t}."),
        ("{n} has {a} sums to do for school and has done {b}. How many sums are left?",
         "There are {r} sums left."),
        ("Of {a} seats in a room, {b} are in use. How many seats are empty?",
         "There are {r} empty seats."),
    ),
    "x": (
        ("{n} has {a} {h} with {b} {t} each. How many {t} does {n} have?", "{n} has {r} {t}."),
        ("There are {a} {h} with {b} {t} in each. How many {t} are there in all?",
         "There are {r} {t}."),
        ("{n} fills {a} {h}. Each one holds {b} {t}. How many {t} is that?", "There are {r} {t}."),
        ("{n} buys {a} {h} of {t}. There are {b} {t} in each. How many {t} does {n} buy?",
         "{n} buys {r} {t}."),
        ("{n} puts {b} {t} into each of {a} {h}. How many {t} are used?", "{n} uses {r} {t}."),
        ("How many {t} are in {a} {h} if each has {b} {t}?", "There are {r} {t}."),
        ("{a} {h} stand in the room, and every one contains {b} {t}. How many {t} in total?",
         "There are {r} {t}."),
        ("{a} friends bring {b} {t} each. How many {t} do they bring?", "They bring {r} {t}."),
        ("{n} gives {b} {t} to each of {a} children. How many {t} does {n} give away?",
         "{n} gives away {r} {t}."),
        ("{n} makes {b} {t} every day. How many {t} does {n} make in {a} days?",
         "{n} makes {r} {t}."),
        ("{a} rows of {t} lie on the floor, with {b} in each row. How many {t} are there?",
         "There are {r} {t}."),
        ("One bag holds {b} {t}. How many {t} do {a} bags hold?", "They hold {r} {t}."),
        ("a shop has {a} {h} and each has {b} {t}. how many {t} does the shop have?",
         "The shop has {r} {t}."),
        ("{n} collects {b} {t} a week. How many {t} is that after {a} weeks?",
         "{n} has {r} {t}."),
        ("{n} and {m} carry {a} {h}. In each are {b} {t}. How many {t} do they carry?",
         "They carry {r} {t}."),
        ("Each child gets {b} {t}. There are {a} children. How many {t} are needed?",
         "They need {r} {t}."),
        ("{n} reads {b} pages a day. How many pages does {n} read in {a} days?",
         "{n} reads {r} pages."),
        ("A ticket costs {b} dollars. How much do {a} tickets cost?", "They cost {r} dollars."),
        ("{n} walks {b} km each day for {a} days. How far does {n} walk?", "{n} walks {r} km."),
        ("A garden has {a} rows with {b} plants each. How many plants are in the garden?",
         "There are {r} plants in the garden."),
        ("{n} earns {b} dollars an hour and works {a} hours. How much does {n} earn?",
         "{n} earns {r} dollars."),
        ("{a} tables have {b} chairs each. How many chairs are there?", "There are {r} chairs."),
        ("{n} packs {a} {h} and puts {b} {t} into every one. How many {t} does {n} pack?",
         "{n} packs {r} {t}."),
        ("A shelf has room for {b} {t}. How many {t} fit on {a} such shelves?",
         "There is room for {r} {t}."),
        ("{n} has {a} bags. If every bag holds {b} {t}, how many {t} does {n} have?",
         "{n} has {r} {t}."),
        ("{a} children have {b} {t} each. How many {t} do the children have in all?",
         "They have {r} {t}."),
        ("There are {b} {t} on each of {a} tables. What is the total number of {t}?",
         "There are {r} {t}."),
        ("Every day {n} sells {b} {t}. How many {t} are sold in {a} days?", "{n} sells {r} {t}."),
        ("{n} lays {b} {t} on each of {a} chairs. How many {t} does {n} lay out?",
         "{n} lays out {r} {t}."),
        ("{a} people buy {b} {t} each. How many {t} are bought?", "They buy {r} {t}."),
        ("{m} gives {n} {b} {t} every week. How many {t} does {n} get in {a} weeks?",
         "{n} gets {r} {t}."),
        ("{n} needs {b} {t} for one game. How many {t} does {n} need for {a} games?",
         "{n} needs {r} {t}."),
        ("A van carries {a} {h} of {t}, with {b} {t} in each. How many {t} does it carry?",
         "It carries {r} {t}."),
        ("A cinema has {a} rows of {b} seats. How many seats does it have?", "It has {r} seats."),
        ("A book costs {b} dollars. What is the price of {a} such books?",
         "They cost {r} dollars."),
        ("{n} saves {b} dollars a week. How much money does {n} save in {a} weeks?",
         "{n} saves {r} dollars."),
        ("{n} runs {b} km every morning. How many km does {n} run in {a} mornings?",
         "{n} runs {r} km."),
        ("{a} teams play in a hall. Each team has {b} players. How many players are there?",
         "There are {r} players."),
        ("{a} boats cross a lake with {b} people in each. How many people cross the lake?",
         "There are {r} people."),
        ("Each shirt has {b} buttons. How many buttons are on {a} shirts?",
         "There are {r} buttons."),
        ("One song lasts {b} minutes. How long do {a} such songs last?", "They last {r} minutes."),
        ("{n} drinks {b} cups of water a day. How many cups is that in {a} days?",
         "{n} drinks {r} cups."),
        ("A house has {a} floors with {b} windows on each. How many windows does it have?",
         "It has {r} windows."),
        ("{n} plants {a} rows of {b} tulips. How many tulips does {n} plant?",
         "{n} plants {r} tulips."),
        ("A baker fills {a} trays with {b} rolls each. How many rolls is that?",
         "There are {r} rolls."),
        ("I have {a} {h} with {b} {t} in each. How many {t} do I have?", "You have {r} {t}."),
        ("My school has {a} clubs of {b} children each. How many children is that?",
         "There are {r} children."),
        ("We use {b} {t} a day. How many {t} do we use in {a} days?", "You use {r} {t}."),
        ("if one box has {b} {t}, how many {t} are in {a} boxes", "There are {r} {t}."),
        ("A toy weighs {b} grams. How much do {a} of these toys weigh?", "They weigh {r} grams."),
    ),
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
    ),
}  # fmt: skip
_STORY_KINDS: Final = ("+", "+", "+", "-", "-", "-", "x", "x", "+-", "-+", "++", "x+", "x-")

_CONVERSIONS: Final = (
    ("hour", "hours", 60, "minute", "minutes"), ("minute", "minutes", 60, "second", "seconds"),
    ("day", "days", 24, "hour", "hours"), ("week", "weeks", 7, "day", "days"),
    ("year", "years", 12, "month", "months"), ("dozen", "dozen", 12, "egg", "eggs"),
    ("foot", "feet", 12, "inch", "inches"), ("yard", "yards", 3, "foot", "feet"),
    ("meter", "meters", 100, "centimeter", "centimeters"), ("m", "m", 100, "cm", "cm"),
    ("centimeter", "centimeters", 10, "millimeter", "millimeters"), ("cm", "cm", 10, "mm", "mm"),
    ("kilometer", "kilometers", 1000, "meter", "meters"), ("km", "km", 1000, "m", "m"),
    ("kilogram", "kilograms", 1000, "gram", "grams"), ("kg", "kg", 1000, "g", "g"),
    ("liter", "liters", 1000, "milliliter", "milliliters"),
    ("dollar", "dollars", 100, "cent", "cents"), ("euro", "euros", 100, "cent", "cents"),
    ("century", "centuries", 100, "year", "years"), ("decade", "decades", 10, "year", "years"),
    ("ton", "tons", 1000, "kilogram", "kilograms"),
)  # fmt: skip
_CONVERT: Final = (
    "How many {to} are in {have}?", "How many {to} are there in {have}?",
    "Convert {have} to {to}.", "Convert {have} into {to}.", "{have} in {to}?", "{have} in {to}",
    "What is {have} in {to}?", "How many {to} is {have}?", "how many {to} is {have}",
    "Change {have} to {to}.", "Turn {have} into {to}.", "Please convert {have} to {to}.",
    "Can you convert {have} to {to}?", "Could you tell me what {have} is in {to}?",
    "Express {have} in {to}.", "Write {have} in {to}.", "{have} = ? {to}", "{have} to {to}",
    "I have {have}. How much is that in {to}?", "Give me {have} in {to}.",
    "How many {to} make {have}?", "{have} is how many {to}?", "How much is {have} in {to}?",
    "Tell me how many {to} there are in {have}.", "what's {have} in {to}?",
    "If I have {have}, how many {to} do I have?", "Work out {have} in {to}.",
    "I want {have} in {to}.", "Show {have} in {to}.", "How many {to} do I get from {have}?",
    "Find out how many {to} {have} is.", "What would {have} be in {to}?", "Rewrite {have} in {to}.",
    "I need to know what {have} is in {to}.", "Can you write {have} in {to}?",
    "Please tell me how many {to} {have} is.", "How do I write {have} in {to}?",
    "How many {to} equal {have}?", "{have} equals how many {to}?", "Put {have} into {to}.",
    "I have to change {have} into {to}.", "What do you get if you convert {have} to {to}?",
    "Switch {have} to {to}.", "convert {have} to {to}", "change {have} into {to}",
    "Say {have} in {to}.", "How many {to} would {have} be?", "{have}: how many {to}?",
    "What is {have} when you write it in {to}?", "Do you know how many {to} are in {have}?",
    "Help me turn {have} into {to}.", "Can you tell me how many {to} {have} is?",
    "Calculate how many {to} are in {have}.", "Please give {have} in {to}.",
    "{have}. What is that in {to}?", "I was told {have}, but I need {to}. How many is that?",
    "Find the number of {to} in {have}.",
)  # fmt: skip

_LARGER: Final = (
    "Which is larger, {or_}?", "Which is bigger, {or_}?", "Which number is larger: {or_}?",
    "What is the larger number, {or_}?", "{or_}: which is bigger?", "which is more, {or_}",
    "Which is the bigger number: {or_}?", "Which is higher, {or_}?", "Which is greater, {or_}?",
    "Tell me which is larger: {or_}.", "Which of {and_} is greater?", "Which is more, {or_}?",
    "Pick the bigger number: {list}.", "Choose the larger number: {list}.",
    "Compare {and_}. Which one is larger?", "Of {and_}, which is the larger?",
    "Which of these two is bigger: {list}?", "Between {and_}, which is larger?",
    "I have {and_}. Which is more?", "Please give me the larger number: {list}.",
    "larger number: {or_}?", "Look at {and_}. Which number is higher?",
    "Name the larger number: {or_}.", "Which one is larger: {or_}?", "What is bigger, {or_}?",
    "Which of the two is higher: {or_}?", "Say which is bigger: {or_}.",
    "Here are two numbers: {and_}. Which is larger?", "Two numbers: {list}. Which is greater?",
    "Is {or_} the larger number?", "Can you tell me which is larger, {or_}?",
    "Give me the bigger one of {and_}.", "bigger: {or_}?", "which number is larger, {or_}",
    "I need the larger of {and_}.", "Find the larger number: {list}.",
    "Do you know which is more, {or_}?", "Take {and_}. Which one is bigger?",
    "Of the two numbers {and_}, which is higher?", "{list}: which of the two is larger?",
    "Which number would you call larger, {or_}?", "My numbers are {and_}. Which one is greater?",
    "Pick the greater one: {or_}.", "Which one is worth more points, {or_}?",
)  # fmt: skip
_SMALLER: Final = (
    "Which is smaller, {or_}?", "Which is lower, {or_}?", "Which number is smaller: {or_}?",
    "What is the smaller number, {or_}?", "{or_}: which is smaller?", "which is less, {or_}",
    "Which is the smaller number: {or_}?", "Which is less, {or_}?",
    "Tell me which is smaller: {or_}.", "Which of {and_} is smaller?",
    "Pick the smaller number: {list}.", "Choose the lower number: {list}.",
    "Compare {and_}. Which one is smaller?", "Of {and_}, which is the smaller?",
    "Which of these two is smaller: {list}?", "Between {and_}, which is smaller?",
    "I have {and_}. Which is less?", "Please give me the smaller number: {list}.",
    "smaller number: {or_}?", "Look at {and_}. Which number is lower?",
    "Name the smaller number: {or_}.", "Which one is smaller: {or_}?", "What is smaller, {or_}?",
    "Which of the two is lower: {or_}?", "Say which is smaller: {or_}.",
    "Here are two numbers: {and_}. Which is smaller?", "Two numbers: {list}. Which is less?",
    "Is {or_} the smaller number?", "Can you tell me which is smaller, {or_}?",
    "Give me the smaller one of {and_}.", "smaller: {or_}?", "which number is smaller, {or_}",
    "I need the smaller of {and_}.", "Find the smaller number: {list}.",
    "Do you know which is less, {or_}?", "Take {and_}. Which one is smaller?",
    "Of the two numbers {and_}, which is lower?", "{list}: which of the two is smaller?",
    "Which number would you call smaller, {or_}?", "My numbers are {and_}. Which one is less?",
    "Pick the lower one: {or_}.", "Which one is worth fewer points, {or_}?",
)  # fmt: skip
_LARGEST: Final = (
    "Which is the largest: {or_}?", "Which is the biggest, {or_}?", "largest of {list}",
    "What is the largest number: {list}?", "Find the largest number: {list}.",
    "Find the biggest number in this list: {list}.", "Which number is the largest? {list}",
    "Which of {and_} is the largest?", "Pick the highest number: {list}.",
    "Choose the biggest number from {and_}.", "Tell me the largest of {and_}.",
    "Here are some numbers: {list}. Which is the largest?", "What is the maximum of {and_}?",
    "{list}: which is the biggest?", "Of {and_}, which is the greatest?",
    "What is the highest number in this list: {list}?", "biggest number: {list}",
    "Please give me the largest number: {list}.", "Look at {and_}. Which is the highest?",
    "Which number here is the greatest: {list}?", "Give the largest number in {list}.",
    "Can you find the biggest number? {list}", "Of these numbers, which is the most? {list}",
    "Name the largest number: {list}.", "What is the biggest of {and_}?",
    "Which one is the largest: {list}?", "Say which number is the biggest: {list}.",
    "Read these numbers: {list}. Which is the largest?", "I need the largest of {and_}.",
    "Find the maximum: {list}", "the highest of {list}?", "Give me the biggest number of {and_}.",
    "Numbers: {list}. Which one is the greatest?", "Which number is above all the others: {list}?",
    "Search for the largest number: {list}", "My numbers are {and_}. Which one is the largest?",
    "Can you tell me which is the largest, {or_}?", "Do you see the highest number in {list}?",
    "From {and_}, take the largest.", "List: {list}. What is the largest number?",
    "Please pick the biggest number from {list}.", "which number is the highest, {or_}",
    "Among {and_}, which is the largest?", "We scored {and_}. What was our highest score?",
    "Show me the largest number in this list: {list}",
    "What would be last if you sorted {list} from low to high?",
    "Out of {list}, which is the biggest number?",
)  # fmt: skip
_SMALLEST: Final = (
    "Which is the smallest: {or_}?", "Which is the lowest, {or_}?", "smallest of {list}",
    "What is the smallest number: {list}?", "Find the smallest number: {list}.",
    "Find the lowest number in this list: {list}.", "Which number is the smallest? {list}",
    "Which of {and_} is the smallest?", "Pick the lowest number: {list}.",
    "Choose the smallest number from {and_}.", "Tell me the smallest of {and_}.",
    "Here are some numbers: {list}. Which is the smallest?", "What is the minimum of {and_}?",
    "{list}: which is the smallest?", "Of {and_}, which is the least?",
    "What is the lowest number in this list: {list}?", "smallest number: {list}",
    "Please give me the smallest number: {list}.", "Look at {and_}. Which is the lowest?",
    "Which number here is the smallest: {list}?", "Give the smallest number in {list}.",
    "Can you find the lowest number? {list}", "Of these numbers, which is the least? {list}",
    "Name the smallest number: {list}.", "What is the lowest of {and_}?",
    "Which one is the smallest: {list}?", "Say which number is the smallest: {list}.",
    "Read these numbers: {list}. Which is the smallest?", "I need the smallest of {and_}.",
    "Find the minimum: {list}", "the lowest of {list}?", "Give me the smallest number of {and_}.",
    "Numbers: {list}. Which one is the least?", "Which number is below all the others: {list}?",
    "Search for the smallest number: {list}", "My numbers are {and_}. Which one is the smallest?",
    "Can you tell me which is the smallest, {or_}?", "Do you see the lowest number in {list}?",
    "From {and_}, take the smallest.", "List: {list}. What is the smallest number?",
    "Please pick the lowest number from {list}.", "which number is the lowest, {or_}",
    "Among {and_}, which is the smallest?", "We scored {and_}. What was our lowest score?",
    "Show me the smallest number in this list: {list}",
    "What would be first if you sorted {list} from low to high?",
    "Out of {list}, which is the smallest number?",
)  # fmt: skip
_IS_LARGER: Final = (
    "Is {a} larger than {b}?", "Is {a} more than {b}?", "Is {a} bigger than {b}?",
    "Is {a} greater than {b}?", "is {a} more than {b}", "Yes or no: is {a} larger than {b}?",
    "Tell me whether {a} is larger than {b}.", "Is the number {a} higher than {b}?",
    "Is it true that {a} is bigger than {b}?", "Would you say {a} is more than {b}?",
    "True or not: is {a} greater than {b}?", "{a} is larger than {b}, is that right?",
    "Is {a} the larger number, compared with {b}?", "Can you say whether {a} is more than {b}?",
    "Does {a} come after {b} when you count?", "I think {a} is bigger than {b}. Am I right?",
    "Please answer yes or no: is {a} bigger than {b}?",
    "My friend says {a} is more than {b}. Is that true?",
    "Do you agree that {a} is larger than {b}?", "{a} or {b}: is the first one larger?",
    "Compare: is {a} greater than {b}?", "Am I right that {a} is higher than {b}?",
    "is {a} bigger than {b}?", "Could you check if {a} is larger than {b}?",
    "Say yes or no. Is {a} higher than {b}?", "I wonder if {a} is greater than {b}.",
    "Are {a} dollars more than {b} dollars?",
    "Is a score of {a} better than a score of {b}, if more is better?",
)  # fmt: skip
_IS_SMALLER: Final = (
    "Is {a} smaller than {b}?", "Is {a} less than {b}?", "Is {a} lower than {b}?",
    "is {a} less than {b}", "Yes or no: is {a} smaller than {b}?",
    "Tell me whether {a} is smaller than {b}.", "Is the number {a} lower than {b}?",
    "Is it true that {a} is less than {b}?", "Would you say {a} is less than {b}?",
    "True or not: is {a} smaller than {b}?", "{a} is smaller than {b}, is that right?",
    "Is {a} the smaller number, compared with {b}?", "Can you say whether {a} is less than {b}?",
    "Does {a} come before {b} when you count?", "I think {a} is smaller than {b}. Am I right?",
    "Please answer yes or no: is {a} smaller than {b}?",
    "My friend says {a} is less than {b}. Is that true?",
    "Do you agree that {a} is smaller than {b}?", "{a} or {b}: is the first one smaller?",
    "Compare: is {a} less than {b}?", "Am I right that {a} is lower than {b}?",
    "is {a} smaller than {b}?", "Could you check if {a} is smaller than {b}?",
    "Say yes or no. Is {a} lower than {b}?", "I wonder if {a} is smaller than {b}.",
    "Are {a} dollars less than {b} dollars?", "Is it right to say that {a} is lower than {b}?",
)  # fmt: skip
_GOODS: Final = tuple(
    words(
        "kite drum lamp book hat chair clock cake phone guitar basket ball doll scarf mug vase "
        "bag belt coat shirt pen map plant brush pillow blanket bowl kettle radio candle tent rug"
    )
)
_MEASURES: Final = (
    (("{x} is {v} years old", "{x} is {v}", "{x} turned {v}"),
     ("older", "the oldest"), ("younger", "the youngest"), "Who is"),
    (("the {x} costs {v} dollars", "the {x} is {v} dollars", "you pay {v} dollars for the {x}"),
     ("more expensive", "the most expensive"), ("cheaper", "the cheapest"), "Which is"),
    (("the {x} is {v} inches tall", "the {x} measures {v} inches", "the {x} is {v} inches high"),
     ("taller", "the tallest"), ("shorter", "the shortest"), "Which is"),
    (("the {x} weighs {v} grams", "the {x} weighs {v} g", "the {x} has a weight of {v} grams"),
     ("heavier", "the heaviest"), ("lighter", "the lightest"), "Which is"),
    (("{x} needs {v} minutes", "{x} walks home in {v} minutes", "{x} takes {v} minutes"),
     ("slower", "the slowest"), ("faster", "the fastest"), "Who is"),
)  # fmt: skip
_ASK_MEASURE: Final = (
    "{facts}. {who} {word}?", "{who} {word}? {facts}.", "{facts}. Tell me: {low} {word}?",
    "Here is what I know: {facts}. {who} {word}?", "{facts}. So {low} {word}?",
    "Read this. {facts}. {who} {word}?", "{who} {word} if {lower}?", "{facts}. Say {low} {word}.",
    "If {lower}, {low} {word}?", "{facts}.\n{who} {word}?", "{facts}, so {low} {word}?",
    "{facts}. Can you say {low} {word}?", "Question: {low} {word}? {facts}.",
    "Please tell me {low} {word}. {facts}.", "{facts}. Which one is {word}?",
    "{facts}. Find out {low} {word}.", "Find out {low} {word}: {lower}.",
    "Do you know {low} {word}? {facts}.", "{facts}. Please answer: {low} {word}?",
    "Say {low} {word}: {lower}.", "{facts}. Now {low} {word}?", "Suppose {lower}. {who} {word}?",
    "{facts}. I want to know {low} {word}.", "{facts}. Do you see {low} {word}?",
    "{facts}. Think about it: {low} {word}?", "We know that {lower}. {who} {word}?",
    "Look: {lower}. {who} {word}?", "Let us say {lower}. Then {low} {word}?",
    "{facts}. Quick, {low} {word}?", "{facts}. My question is: {low} {word}?",
    "Given that {lower}, {low} {word}?", "{who} {word} when {lower}?",
    "{facts}. Compare them: {low} {word}?", "Small puzzle. {facts}. {who} {word}?",
    "I read that {lower}. {who} {word}?", "{facts}. From this, {low} {word}?",
    "Facts: {lower}.\nQuestion: {low} {word}?", "Imagine that {lower}. Now tell me {low} {word}.",
    "{facts}. Could you tell me {low} {word}?", "Work out {low} {word}. {facts}.",
)  # fmt: skip

_SORT_UP: Final = (
    "Sort these numbers: {list}.", "Sort from smallest to largest: {list}",
    "Put these numbers in order: {list}", "Order these numbers from low to high: {list}",
    "Arrange {and_} from smallest to biggest.", "sort {list}", "Sort {and_} in ascending order.",
    "Put {list} in order, smallest first.", "Write these numbers from small to large: {list}",
    "Please sort these numbers: {list}", "Can you put {and_} in order?",
    "List these numbers in rising order: {list}", "{list}: sort them from low to high.",
    "Here are some numbers: {list}. Put them in order.", "numbers in order: {list}",
    "Sort this list with the smallest number first: {list}", "Order {and_} from least to most.",
    "I have the numbers {and_}. Sort them.", "Line up these numbers, lowest first: {list}",
    "Start with the smallest and sort: {list}", "What is the right order, going up? {list}",
    "Rank these from lowest to highest: {list}",
    "Sort {and_}, smallest first.", "Please order {list} from small to big.",
    "Bring these numbers into order: {list}",
    "Rearrange these numbers from smallest to largest: {list}", "{list}: put them in rising order.",
    "Give me {and_} in order, starting with the lowest.", "order {list} from low to high",
    "Count up through these numbers in order: {list}",
    "How would you sort {list} from low to high?", "Write down {list} with the smallest one first.",
    "My numbers are {list}. Sort them from small to large.",
    "Can you sort these numbers from low to high? {list}",
    "Numbers: {list}\nSort them, lowest first.", "I need {and_} in ascending order.",
    "Put the smallest number first and the largest last: {list}",
    "Which order goes from least to most? {list}", "Could you arrange {and_} from low to high?",
    "Make an ordered list, lowest first: {list}",
    "Help me order these numbers, smallest first: {list}", "Ascending order, please: {list}",
    "Scores: {list}. Sort them from worst to best, where more is better.",
    "Sort by size, small to large: {list}",
)  # fmt: skip
_SORT_DOWN: Final = (
    "Sort from largest to smallest: {list}", "Sort {and_} in descending order.",
    "Put these numbers in order, largest first: {list}", "sort {list} from high to low",
    "Order these numbers from high to low: {list}", "Arrange {and_} from biggest to smallest.",
    "Put {list} in order, biggest first.", "Write these numbers from large to small: {list}",
    "Please sort these numbers with the largest first: {list}", "Order {and_} from most to least.",
    "Can you put {and_} in order from high to low?", "Sort backwards, biggest first: {list}",
    "List these numbers in falling order: {list}", "{list}: sort them from high to low.",
    "Here are some numbers: {list}. Sort them, highest first.",
    "Sort this list with the largest number first: {list}", "numbers from big to small: {list}",
    "I have the numbers {and_}. Sort them from largest to smallest.",
    "Line up these numbers, highest first: {list}", "Start with the largest and sort: {list}",
    "What is the right order, going down? {list}", "Rank these from highest to lowest: {list}",
    "Sort {and_}, biggest first.", "Please order {list} from big to small.",
    "Bring these numbers into order from high to low: {list}",
    "Rearrange these numbers from largest to smallest: {list}",
    "{list}: put them in falling order.", "Give me {and_} in order, starting with the highest.",
    "order {list} from high to low", "Count down through these numbers in order: {list}",
    "How would you sort {list} from high to low?", "Write down {list} with the biggest one first.",
    "My numbers are {list}. Sort them from large to small.",
    "Can you sort these numbers from high to low? {list}",
    "Numbers: {list}\nSort them, highest first.", "I need {and_} in descending order.",
    "Put the largest number first and the smallest last: {list}",
    "Which order goes from most to least? {list}", "Could you arrange {and_} from high to low?",
    "Make an ordered list, highest first: {list}",
    "Help me order these numbers, largest first: {list}", "Descending order, please: {list}",
    "Scores: {list}. Sort them from best to worst, where more is better.",
    "Sort by size, large to small: {list}",
)  # fmt: skip
_COUNT: Final = (
    "How many {k} are in this list: {list}?", "Count the {k}: {list}", "How many {k}? {list}",
    "Count these {k}: {list}.", "How many {k} do you see here: {list}?", "count the {k}: {list}",
    "Here is a list: {list}. How many {k} is that?", "Tell me how many {k} there are: {list}.",
    "How long is this list of {k}: {list}?", "{list}: how many {k} are there?",
    "Please count the {k} in this list: {list}", "I wrote down {and_}. How many {k} is that?",
    "What is the number of {k} in {list}?", "My list is {list}. How many {k} are on it?",
    "Can you count these {k}? {list}", "Give me the count of {k}: {list}",
    "Look at {list}. How many {k} are there?", "How many {k} did I name: {list}?",
    "Say how many {k} you can count: {list}", "In the list {list}, how many {k} are there?",
    "Count how many {k} I have: {list}", "I have these {k}: {list}. How many is that?",
    "How many {k} can you find in {list}?", "What is the count of {k} here: {list}?",
    "{list}. That is how many {k}?", "Number of {k}: {list}?",
    "I can see {and_}. How many {k} do I see?", "She named {and_}. How many {k} did she name?",
    "Here are some {k}: {list}. Count them.", "Please tell me how many {k} are listed: {list}",
    "{list}\nHow many {k} are these?", "Go through the list and count the {k}: {list}",
    "how many {k} are there in {list}", "How many {k} have I written: {list}?",
    "Do you know how many {k} these are? {list}", "Look at my {k}: {list}. How many do I have?",
    "Find the number of {k}: {list}", "Can you tell how many {k} I listed? {list}",
    "The {k} are {and_}. How many are there?", "We have {and_}. How many {k} are those?",
    "Count them for me: {list}. How many {k}?", "If I say {list}, how many {k} have I said?",
    "Work out how many {k} are on this list: {list}",
    "On the board are {and_}. How many {k} is that?",
)  # fmt: skip
_NEXT: Final = (
    "What comes next: {list}?", "What number comes next: {list}, ...?", "{list}, ...?",
    "Continue: {list}, ...", "Which number comes next? {list}", "{list}, what is next?",
    "Find the next number: {list}", "Give me the next number: {list}, ...", "{list}, ?",
    "Which number follows {list}?", "What is the next number in {list}?",
    "Here is a sequence: {list}. What comes next?", "next number: {list}",
    "Look at this pattern: {list}. What is next?", "Carry on the pattern: {list}, ...",
    "Please continue this sequence with one number: {list}", "After {list} comes what?",
    "Can you find the next number? {list}", "Tell me what comes after {list}.",
    "I count {list}. What do I say next?", "The numbers are {list}. What is the next one?",
    "Keep going: {list}, and then?", "Fill in the missing number: {list}, __",
    "What is next after {list}?", "Go on: {list}, ...", "Say the next number: {list}",
    "{list} and then?", "What should come after {list}?", "Which number belongs next: {list}, ...?",
    "What follows: {list}, ...?", "Complete the row: {list}, ...",
    "Find what comes next in {list}.", "The row goes {list}. Which number is next?",
    "Numbers: {list}. Next?", "what number follows {list}",
    "Give the number that comes after {list}.", "Can you continue {list} by one number?",
    "Do you see the pattern in {list}? What is next?",
    "Here is a row of numbers: {list}. What is the next one?",
    "Please find the next number: {list}, ...", "How does this go on: {list}, ...?",
    "I wrote {list}. Which number should I write next?",
    "Add one more number to the pattern: {list}", "Work out the next number in the row: {list}",
    "Tell me the number that follows {list}.", "{list}, and what comes now?",
)  # fmt: skip
_WORD_LISTS: Final = {
    "fruits": tuple(words("apple banana cherry grape lemon mango orange peach pear plum")),
    "animals": tuple(words("bear cat cow dog fox goat horse lion sheep duck owl frog pig")),
    "colours": tuple(words("black blue brown green grey pink purple red yellow white")),
    "words": tuple(words("sun table river book song door cloud bread stone hill lamp window")),
    "names": NAMES,
}


def _is_number(expected: int) -> Callable[[str], bool]:
    """Return a check that the last number of a text is the expected one."""

    def check(text: str) -> bool:
        found = re.findall(r"\d+(?:\.\d+)?", re.sub(r"(?<=\d),(?=\d{3})", "", text))
        return bool(found) and float(found[-1]) == expected

    return check


def _are_numbers(expected: Sequence[int]) -> Callable[[str], bool]:
    return lambda text: [int(number) for number in re.findall(r"\d+", text)] == list(expected)


def _is_picked(expected: int) -> Callable[[str], bool]:
    """Return a check for a number picked, said last, or first in "9 is larger than 4"."""

    def check(text: str) -> bool:
        found = re.findall(r"\d+", text)
        return bool(found) and int(found[0 if " than " in text else -1]) == expected

    return check


def _ends_on(expected: str, candidates: Sequence[str]) -> Callable[[str], bool]:
    """Return a check that the last candidate a text mentions is the expected one."""
    pattern = re.compile(r"\b(" + "|".join(map(re.escape, candidates)) + r")\b", re.IGNORECASE)

    def check(text: str) -> bool:
        found = pattern.findall(text)
        return bool(found) and found[-1].lower() == expected.lower()

    return check


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _join(words: Sequence[object], last: str) -> str:
    texts = [str(word) for word in words]
    return f"{', '.join(texts[:-1])} {last} {texts[-1]}"


def _fill(template: str, words: Sequence[object], **more: object) -> str:
    return template.format(
        list=", ".join(map(str, words)), and_=_join(words, "and"), or_=_join(words, "or"), **more
    )


def _task(draw: Draw, prompt: str, answer: str, check: Callable[[str], bool]) -> Task:
    if draw.rng.random() < 0.15:
        suffixes = _SUFFIXES if prompt[-1] in ".?!" and not prompt.endswith("..") else ()
        frames = _PREFIXES if not suffixes or draw.rng.random() < 0.5 else suffixes
        prompt = draw.template(frames).format(prompt)
    return Task((user(prompt),), answer, check)


def _result(a: int, sign: str, b: int) -> int:
    return {"+": a + b, "-": a - b, "x": a * b, "/": a // b if b else 0}[sign]


def _steps(a: int, sign: str, b: int) -> list[str]:
    """Return the working of a sum; none for a fact to be known by heart."""
    result = _result(a, sign, b)
    (tens_a, ones_a), (tens_b, ones_b) = ((n // 10 * 10, n % 10) for n in (a, b))
    if sign == "+" and min(a, b) > 0 and (tens_a or tens_b) and (ones_a or ones_b):
        ones = ones_a + ones_b
        if tens_a and tens_b:
            tens = tens_a + tens_b
            return [
                f"{tens_a} + {tens_b} = {tens}",
                f"{ones_a} + {ones_b} = {ones}",
                f"{tens} + {ones} = {result}",
            ]
        if ones_a and ones_b:
            return [f"{ones_a} + {ones_b} = {ones}", f"{tens_a + tens_b} + {ones} = {result}"]
    if sign == "-" and tens_b and ones_b and a != b:
        return [f"{a} - {tens_b} = {a - tens_b}", f"{a - tens_b} - {ones_b} = {result}"]
    if sign == "x" and min(a, b) > 1:
        if tens_a and ones_a:
            left, right = tens_a * b, ones_a * b
            parts = [f"{tens_a} x {b} = {left}", f"{ones_a} x {b} = {right}"]
        elif tens_b and ones_b:
            left, right = a * tens_b, a * ones_b
            parts = [f"{a} x {tens_b} = {left}", f"{a} x {ones_b} = {right}"]
        else:
            return []
        return [*parts, f"{left} + {right} = {result}"]
    return []


def _working(a: int, sign: str, b: int) -> str:
    steps = _steps(a, sign, b)
    if steps:
        return f"{a} {sign} {b}: {', '.join(steps)}."
    return f"{a} {sign} {b} = {_result(a, sign, b)}."


def _belongs(draw: Draw, *sums: tuple[int, str, int]) -> bool:
    """Say whether sums belong to the split; those without working are in no test split alone."""
    keys = [
        f"{a}{sign}{b}" if sign == "-" else f"{min(a, b)}{sign}{max(a, b)}"
        for a, sign, b in sums
        if _steps(a, sign, b)
    ]
    accepted = [draw.accepts(key) for key in keys]
    return any(accepted) if draw.split == "new_slots" else all(accepted)


def _operands(draw: Draw, sign: str) -> tuple[int, int]:
    rng = draw.rng
    if sign == "/":
        b = rng.randint(1, 10)
        return b * rng.randint(1, 10), b
    if sign == "x":
        pair = [rng.randint(0, 9), rng.randint(0, draw.choice((9, 9, 12)))]
        rng.shuffle(pair)
        return pair[0], pair[1]
    high = draw.choice((9, 20, 20))
    a, b = rng.randint(0, high), rng.randint(0, high)
    return (max(a, b), min(a, b)) if sign == "-" else (a, b)


def arithmetic(draw: Draw) -> Task:
    """Ask for a sum or difference up to 20, a product up to 9 x 12, or an exact quotient."""
    signs = ("+", "-", "x") if draw.split == "new_slots" else ("+", "+", "-", "-", "x", "x", "/")
    sign = draw.choice(signs)
    template = draw.template(_OPERATIONS[sign])
    a, b = _operands(draw, sign)
    while not _belongs(draw, (a, sign, b)):
        a, b = _operands(draw, sign)
    words = {"aw": _ONES[a], "bw": _ONES[b]} if "{aw}" in template else {}
    result = _result(a, sign, b)
    answer = f"{_working(a, sign, b)} The answer is {result}."
    return _task(draw, template.format(a=a, b=b, **words), answer, _is_number(result))


def _story_numbers(draw: Draw, kind: str) -> tuple[int, int, int]:
    rng = draw.rng
    high = draw.choice((9, 20, 20)) if len(kind) == 1 else draw.choice((9, 20))
    a, b, c = (rng.randint(2, high) for _ in range(3))
    if kind[0] == "x":
        a, b = rng.randint(2, 9), rng.randint(2, draw.choice((9, 9, 12)))
    return a, b, c


def word_problem(draw: Draw) -> Task:
    """Tell a little story with one or two steps and ask for the number."""
    kind = draw.choice(_STORY_KINDS)
    story, ending = draw.template(_STORIES[kind])
    while True:
        a, b, c = _story_numbers(draw, kind)
        first = (a, kind[0], b)
        middle = _result(*first)
        sums = [first, (middle, kind[1], c)] if len(kind) == 2 else [first]
        result = _result(*sums[-1])
        if min(middle, result) >= 2 and result < 100 and middle < 100 and _belongs(draw, *sums):
            break
    name, other = draw.values(NAMES, 2)
    slots = {"n": name, "m": other, "t": draw.value(_THINGS), "h": draw.value(_HOLDERS)}
    prompt = story.format(a=a, b=b, c=c, **slots)
    working = " ".join(_working(*each) for each in sums)
    answer = f"{working} {ending.format(r=result, **slots)}"
    return _task(draw, prompt, answer, _is_number(result))


def _amount(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"


def units(draw: Draw) -> Task:
    """Convert an amount into a larger or a smaller unit."""
    template = draw.template(_CONVERT)
    while True:
        large, larges, factor, small, smalls = draw.choice(_CONVERSIONS)
        count = draw.rng.randint(1, 12 if factor in (10, 100, 1000) else 9)
        down = draw.rng.random() < 0.6
        if draw.accepts(f"{count} {larges} {smalls} {down}"):
            break
    total = count * factor
    rule = f"1 {large} is {factor} {smalls}."
    if down:
        prompt = template.format(have=_amount(count, large, larges), to=smalls)
        working = (
            _working(count, "x", factor)
            if factor in (7, 12, 24)
            else f"{count} x {factor} = {total}."
        )
        answer = f"{rule} {working} The answer is {_amount(total, small, smalls)}."
        return _task(draw, prompt, answer, _is_number(total))
    prompt = template.format(have=_amount(total, small, smalls), to=larges)
    answer = f"{rule} {total} / {factor} = {count}. The answer is {_amount(count, large, larges)}."
    return _task(draw, prompt, answer, _is_number(count))


def _numbers(draw: Draw, count: int) -> list[int]:
    """Draw different numbers whose combination belongs to the split."""
    high = draw.choice((20, 99, 99))
    while True:
        numbers = draw.rng.sample(range(high + 1), count)
        if draw.accepts(",".join(map(str, sorted(numbers)))):
            return numbers


def _pick(draw: Draw, count: int) -> Task:
    templates: tuple[str, ...]
    numbers = _numbers(draw, count)
    top = draw.choice((True, False))
    expected = max(numbers) if top else min(numbers)
    if count == 2:
        templates, word = (_LARGER, "larger") if top else (_SMALLER, "smaller")
    else:
        templates, word = (_LARGEST, "largest") if top else (_SMALLEST, "smallest")
    prompt = _fill(draw.template(templates), numbers)
    return _task(draw, prompt, f"The {word} number is {expected}.", _is_picked(expected))


def _yes_or_no(draw: Draw) -> Task:
    a, b = _numbers(draw, 2)
    ask_larger = draw.choice((True, False))
    prompt = draw.template(_IS_LARGER if ask_larger else _IS_SMALLER).format(a=a, b=b)
    word = "yes" if (a > b) == ask_larger else "no"
    answer = f"{a} is {'larger' if a > b else 'smaller'} than {b}, so {word}."
    return _task(draw, prompt, answer, concludes(word))


def _measured(draw: Draw) -> Task:
    facts, most, least, who = draw.choice(_MEASURES)
    count = draw.choice((2, 2, 3, 4))
    of_people = who == "Who is"
    things = draw.values(NAMES if of_people else _GOODS, count)
    while min(numbers := _numbers(draw, count)) < 2:
        pass
    top = draw.choice((True, False))
    word = (most if top else least)[count > 2]
    expected = max(numbers) if top else min(numbers)
    thing = things[numbers.index(expected)]
    fact = draw.choice(facts)
    known = [fact.format(x=x, v=v) for x, v in zip(things, numbers, strict=True)]
    text = _join(known, "and")
    template = draw.template(_ASK_MEASURE)
    prompt = template.format(facts=_capital(text), lower=text, who=who, low=who.lower(), word=word)
    extreme = ("highest" if top else "lowest") if count > 2 else ("higher" if top else "lower")
    shown = thing if of_people else f"The {thing}"
    answer = f"The {extreme} number is {expected}. {shown} is {word}."
    return _task(draw, prompt, answer, _ends_on(thing, things))


def compare(draw: Draw) -> Task:
    """Ask which of some numbers, ages, prices or weights is the largest or the smallest."""
    form = draw.choice(("pair", "pair", "pick", "yes", "measured", "measured", "measured"))
    if form == "measured":
        return _measured(draw)
    if form == "yes":
        return _yes_or_no(draw)
    return _pick(draw, 2 if form == "pair" else draw.choice((3, 4)))


def _sorting(draw: Draw) -> Task:
    numbers = _numbers(draw, draw.choice((3, 3, 4)))
    down = draw.choice((True, False))
    ordered = sorted(numbers, reverse=down)
    prompt = _fill(draw.template(_SORT_DOWN if down else _SORT_UP), numbers)
    return _task(draw, prompt, ", ".join(map(str, ordered)), _are_numbers(ordered))


def _counting(draw: Draw) -> Task:
    count = draw.choice((2, 3, 4, 5))
    kind = draw.choice((*_WORD_LISTS, "numbers"))
    while True:
        pool: Sequence[object] = _WORD_LISTS.get(kind, range(100))
        items = draw.rng.sample(pool, count)
        if draw.accepts(",".join(map(str, items))):
            break
    prompt = _fill(draw.template(_COUNT), items, k=kind)
    return _task(draw, prompt, f"There are {count} {kind}.", _is_number(count))


def _sequence(draw: Draw) -> Task:
    step, sign = draw.choice((1, 2, 5, 10)), draw.choice(("+", "+", "-"))
    count = draw.choice((3, 4, 5))
    change = step if sign == "+" else -step
    while True:
        start = draw.rng.randint(0, 90)
        if draw.choice((True, False)):
            start = start // step * step
        numbers = [start + change * i for i in range(count + 1)]
        if min(numbers) >= 0 and max(numbers) <= 120 and draw.accepts(",".join(map(str, numbers))):
            break
    *shown, last = numbers
    way = "up" if sign == "+" else "down"
    answer = f"The numbers go {way} by {step}. {shown[-1]} {sign} {step} = {last}. "
    prompt = _fill(draw.template(_NEXT), shown)
    return _task(draw, prompt, f"{answer}The next number is {last}.", _is_number(last))


def number_list(draw: Draw) -> Task:
    """Sort, count or continue a list, or pick its largest or smallest number."""
    form = draw.choice(("sort", "sort", "count", "next", "pick"))
    if form == "sort":
        return _sorting(draw)
    if form == "count":
        return _counting(draw)
    if form == "next":
        return _sequence(draw)
    return _pick(draw, draw.choice((3, 4, 5)))


SKILLS: Final[dict[str, Callable[[Draw], Task]]] = {
    "arithmetic": arithmetic,
    "word_problem": word_problem,
    "units": units,
    "compare": compare,
    "number_list": number_list,
}
