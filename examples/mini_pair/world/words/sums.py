"""Sums and conversions of units: how they are asked for, and what a request is dressed with."""

from typing import Final

from lexicon import words

ONES: Final = words(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen twenty"
)
PREFIXES: Final = (
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
SUFFIXES: Final = (
    "{} Thanks!", "{} Thank you.", "{} Please.", "{} Please help.", "{} Thanks a lot!",
    "{} I am not sure.", "{} I keep getting it wrong.", "{} Show me how.", "{} Many thanks.",
    "{} It is for school.", "{} Please be careful.", "{} I want to check my answer.",
    "{} Thanks in advance!", "{} Can you help me?", "{} I need the answer soon.",
    "{} My teacher wants to know.", "{} I cannot work it out.", "{} Explain it, please.",
    "{} I would be glad of some help.", "{} Thank you so much!", "{} Tell me how you got there.",
    "{} It is for a quiz.", "{} I forgot how to do it.", "{} Cheers!",
)  # fmt: skip
PLUS: Final = (
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
MINUS: Final = (
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
TIMES: Final = (
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
DIVIDE: Final = (
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
OPERATIONS: Final = {"+": PLUS, "-": MINUS, "x": TIMES, "/": DIVIDE}

CONVERSIONS: Final = (
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
CONVERT: Final = (
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
