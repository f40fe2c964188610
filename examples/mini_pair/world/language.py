"""Skills about words and sentences: listing, sorting, picking, rewriting, facts, forms."""

from collections.abc import Callable
from typing import Final

from lexicon import (
    CAN,
    CANNOT,
    CAPITALS,
    CITIES,
    COLOURS_OF,
    DAYS,
    JOBS,
    KINDS,
    LEGS,
    MONTHS,
    NAMES,
    OPPOSITES,
    PLURALS,
    RELATED,
    SINGULAR,
    SORTABLE,
    SOUNDS,
    UNCOUNTED,
    VERBS,
    YOUNG,
    words,
)
from world._draw import Draw, Task, concludes, is_exactly, user

_NUMBERS: Final = {2: "two", 3: "three", 4: "four", 5: "five"}
_LIST_ASK: Final = (
    "Name {n} {k}.",
    "List {n} {k}.",
    "Tell me {n} {k}.",
    "Give me {n} {k}.",
    "Can you name {n} {k}?",
    "Please list {n} {k}.",
    "I need {n} {k}.",
    "What are {n} {k}?",
    "{n} {k} please",
    "Give {n} examples of {k}.",
    "Could you give me a list of {n} {k}?",
    "Write down {n} {k}.",
    "Which {k} do you know? Name {n}.",
    "Think of {n} {k}.",
    "I am looking for {n} {k}.",
    "Make a list of {n} {k}.",
    "Help me: I have to name {n} {k}.",
    "Mention {n} {k}.",
    "I want to know {n} {k}.",
    "Say {n} {k}.",
    "Let me hear {n} {k}.",
    "Do you know {n} {k}?",
    "Could you name {n} {k}?",
    "Please give me {n} {k}.",
    "Show me {n} {k}.",
    "Help me think of {n} {k}.",
    "For a quiz I need {n} {k}.",
    "Find {n} {k}.",
    "Which {n} {k} can you name?",
    "Just {n} {k}, please.",
    "Can you list {n} {k} for me?",
    "Name any {n} {k}.",
    "My teacher asked for {n} {k}.",
    "Suggest {n} {k}.",
    "Name {n} {k} for my class.",
    "I can't think of any {k}. Give me {n}.",
    "Let us play: name {n} {k}.",
    "Choose {n} {k} and write them down.",
)
_SORT_ASK: Final = (
    "Sort these words: {}", "Put these words in alphabetical order: {}", "Sort alphabetically: {}",
    "Arrange these words from A to Z: {}", "Please sort this list by the alphabet: {}",
    "Order the words {} alphabetically.", "What is the alphabetical order of {}?", "sort {}",
    "Can you sort these words from A to Z? {}", "Here is a list: {}. Sort it alphabetically.",
    "Write {} in alphabetical order.", "I need these in alphabetical order: {}",
    "Alphabetical order, please: {}", "Bring these words into alphabetical order: {}",
    "Words: {}\nSort them from A to Z.", "How would a dictionary order these words: {}?",
    "Rearrange alphabetically: {}",
    "Please put these words in alphabetical order: {}",
    "Could you sort these words alphabetically? {}", "List these words in alphabetical order: {}",
    "Sort by first letter: {}", "Words to sort: {}", "{}: put them in alphabetical order.",
    "Order these words from A to Z: {}", "My words are {}. Sort them from A to Z.",
    "From A to Z, please: {}", "{}\nSort these by the alphabet.",
    "Which order would {} have in a dictionary?", "Help me sort these words: {}",
    "I have to sort {} from A to Z.", "alphabetical order: {}",
    "Make an alphabetical list from these words: {}", "Go by the alphabet and sort: {}",
    "Use the alphabet to order these words: {}",
    "Tell me the alphabetical order of these words: {}",
    "Can you bring {} into alphabetical order?", "Line up these words from A to Z: {}",
)  # fmt: skip
_PICK_ASK: Final = (
    "Which word comes {o}: {w}?",
    "What is the {o} word in this list: {w}?",
    "{w}\nName the {o} word.",
    "Give me the {o} word of: {w}",
    "Look at this list: {w}. What is the {o} word?",
    "Tell me the {o} word: {w}",
    "Here are some words: {w}. Which one is {o}?",
    "Pick the {o} word from {w}.",
    "the {o} word of {w}",
    "From the list {w}, choose the {o} word.",
    "Read the list and give the {o} word: {w}",
    "Which one is the {o} in {w}?",
    "Say the {o} word of this list: {w}",
    "List: {w}\nWhat comes {o}?",
    "Please find the {o} word: {w}",
    "Of the words {w}, which is the {o}?",
    "In this list, which word is {o}: {w}?",
    "Find the {o} word in {w}.",
    "I wrote {w}. What is the {o} word?",
    "Can you tell me the {o} word in this list? {w}",
    "{w}. Which word comes {o}?",
    "Words: {w}. Which is {o}?",
    "Count along the list and name the {o} word: {w}",
    "Which word do you read {o}: {w}?",
    "Name the {o} word: {w}",
    "Take the {o} word from this list: {w}",
    "which word is {o} in {w}",
    "Show me the {o} word in {w}.",
    "What stands {o} in this list: {w}?",
    "Write down the {o} word of {w}.",
    "Go through {w} and tell me the {o} word.",
    "Do you see the {o} word here? {w}",
    "Repeat only the {o} word: {w}",
    "My list is {w}. Which word is {o}?",
    "Someone said: {w}. What was the {o} word?",
    "I need the {o} word of this list: {w}",
)
_ODD_ASK: Final = (
    "Find the odd one out: {}", "Which word does not belong: {}?", "What is the odd one out in {}?",
    "Odd one out: {}", "One of these does not fit: {}. Which one?", "{}\nWhich is the odd one out?",
    "Which of these words is different from the others: {}?", "Tell me the odd one out: {}",
    "Name the word that does not fit: {}", "Pick the word that does not belong: {}",
    "Look at these words: {}. Which is the odd one?", "which one does not fit? {}",
    "Here are some words: {}. One is of another kind. Which?", "Choose the odd one out of {}.",
    "Can you spot the odd one out? {}",
    "Which one is the odd one out: {}?", "Which of these is not like the others: {}?",
    "Find the word that does not fit: {}", "What does not belong here: {}?",
    "One word is wrong in this list: {}. Which one?", "Say which word does not belong: {}",
    "odd one out in {}?", "A few words: {}. Which does not fit?", "Look for the odd one out: {}",
    "In the list {}, which word does not belong?", "Please find the odd one out: {}",
    "{}: one of them does not fit. Which?", "My list is {}. Which word should I take out?",
    "Which word would you remove from {}?", "I need the odd one out of {}.",
    "Do you see which one does not belong? {}",
    "All but one of these are of the same kind: {}. Which is the other?",
    "Give me the word that does not fit in {}.", "Spot the word of another kind: {}",
    "Which one is of a different kind: {}?",
)  # fmt: skip
_REWRITES: Final[dict[str, tuple[str, ...]]] = {
    "past": (
        "Put this sentence in the past tense", "Rewrite in the past tense", "Change to the past",
        "Write this as if it happened yesterday, in the past tense", "Make it past tense",
        "Say this in the past tense", "Turn this into the past tense",
        "Use the past tense", "Rewrite this sentence in the past tense",
        "Say that it happened yesterday", "Write the past form of this sentence",
        "Change the tense to the past", "Tell it in the past tense",
        "Put the verb in the past tense", "Give the past tense of this sentence",
        "Change this sentence to the past tense", "Write it in the past",
    ),
    "future": (
        "Rewrite this sentence in the future tense", "Put this in the future", "Use the word will",
        "Change to the future tense", "Make it future tense", "Say this in the future tense",
        "Turn this into the future tense",
        "Use the future tense", "Write this sentence in the future", "Say it with will",
        "Change the tense to the future", "Tell it in the future tense",
        "Put the verb in the future tense", "Give the future form of this sentence",
        "Change this sentence to the future with will", "Write it in the future",
        "Write this as something still to come, with will",
    ),
    "negative": (
        "Make this sentence negative", "Turn this into a negative sentence", "Say the negative",
        "Rewrite this with not", "Negate this sentence", "Write the negative form",
        "Change this to a negative sentence",
        "Say that this is not so", "Put not into this sentence", "Make it negative",
        "Change it into the negative", "Write the opposite by adding not",
        "Rewrite this sentence in the negative", "Use do not or does not here",
        "Give the negative of this sentence", "Deny this sentence",
        "Write it as a negative sentence",
    ),
    "question": (
        "Turn this sentence into a question", "Make this a question", "Rewrite as a question",
        "Ask this as a question", "Change this into a yes-or-no question", "Write it as a question",
        "Form a question from this sentence",
        "Ask whether this is so", "Turn it into a question", "Make a question from this",
        "Write the question form", "Change it to a question", "Put this as a question",
        "Rewrite this sentence as a question", "Start with do or does and ask this",
        "Ask about this sentence with do or does", "Give the question for this sentence",
    ),
    "upper": (
        "Write this sentence in capital letters", "Use capital letters only", "Write in all caps",
        "Change to upper case", "Put this in capitals", "Make all the letters big",
        "Rewrite this in capital letters",
        "Use only big letters", "Put every letter in upper case", "Capitalise every letter",
        "Write it all in capitals", "Change every letter to a capital",
        "Turn this into capital letters", "Make it upper case", "Rewrite in upper case",
        "Type this with caps lock on", "Give it back in all capitals",
    ),
    "lower": (
        "Write this sentence in small letters", "Change to lower case", "Use small letters only",
        "Rewrite without capital letters", "Put this in lower case", "Make all the letters small",
        "Write everything in lower case",
        "Use only small letters", "Put every letter in lower case",
        "Remove all the capital letters", "Write it all in small letters",
        "Change every letter to a small one", "Turn this into small letters", "Make it lower case",
        "Rewrite in lower case", "Type this without any capitals", "Give it back in lower case",
    ),
    "polite": (
        "Make this request polite", "Say this politely", "Rewrite as a polite question",
        "Ask this more politely", "Turn this into a polite request", "Make this sound friendly",
        "Use could you",
        "Make it polite", "Ask for this in a polite way", "Turn the order into a polite question",
        "Say it more politely", "Be more polite", "Ask nicely", "Start with could you",
        "Rewrite this politely", "Put this more politely",
        "Write it as a polite question with could you",
    ),
    "plural": (
        "Give the plural", "Write the plural of this word", "Make this word plural",
        "Turn this into the plural", "What is the plural", "Change to the plural form",
        "Say this word in the plural",
        "Make it plural", "Say the plural", "Form the plural", "Write more than one of this",
        "Give the plural form of this word", "Use the plural", "Write it in the plural",
        "Change the word to its plural", "Put this word in the plural", "Tell me the plural",
    ),
}  # fmt: skip
_LAYOUTS: Final = (
    "{a}: {s}", "{a}.\n\n{s}", "{s}\n\n{a}.", "Please do this: {a}.\n{s}", '{a}: "{s}"',
    "{s} -> {a}", "Sentence: {s}\nTask: {a}.", "Here is a text: {s}\n{a}.", "{a}, please: {s}",
    "I have this text: {s} {a}.", "Text: {s}\n{a}.", "{a}.\nText: {s}", "Can you help? {a}: {s}",
    "My homework says: {a}. {s}", "{a}\n{s}",
    "{a}:\n{s}", "{s} ({a}.)", "{a} - {s}", "Task: {a}.\nSentence: {s}", "Hello! {a}: {s}",
    "Read this: {s}\nThen do this: {a}.", "This is what I wrote: {s}\n{a}.", "Exercise: {a}. {s}",
    "{a}, thank you: {s}", "Here is what to do: {a}. Here is the text: {s}", '"{s}" {a}.',
    "{s}\n{a}, please.", "To do: {a}.\n\n{s}", "Input: {s}\nInstruction: {a}.",
    "Next exercise. {a}: {s}", "My text is: {s}\n\n{a}.", "{a}. Here it is: {s}",
)  # fmt: skip
_PRONOUNS: Final = {
    "I": "I", "You": "you", "He": "he", "She": "she", "We": "we", "They": "they",
}  # fmt: skip
_CAPITAL_ASK: Final = (
    "What is the capital of {}?", "Name the capital of {}.", "Tell me the capital of {}.",
    "capital of {}", "Which city is the capital of {}?", "What is the capital city of {}?",
    "Do you know the capital of {}?", "{}: what is its capital?", "I forgot the capital of {}.",
    "Give me the capital of {}.", "Which city is {}'s capital?", "what's the capital of {}",
    "Can you tell me the capital of {}?", "Quiz: the capital of {}?", "Say the capital of {}.",
    "What city is the capital of {}?", "I want to know the capital of {}.",
    "Which city do we call the capital of {}?", "Write down the capital of {}.", "{}'s capital?",
    "What is {}'s capital city?", "Please name the capital of {}.",
    "I need the capital city of {}.", "Could you tell me the capital of {}?",
    "Of all the cities in {}, which is the capital?", "Question: what is the capital of {}?",
    "what city is capital of {}", "Remind me what the capital of {} is.",
    "Geography question: what is the capital of {}?", "The capital of {} is which city?",
    "Find the capital of {}.", "My teacher wants to know the capital of {}.",
)  # fmt: skip
_COUNTRY_ASK: Final = (
    "Which country has {} as its capital?", "{} is the capital of which country?",
    "Of which country is {} the capital?", "What country is {} the capital of?",
    "Name the country whose capital is {}.", "{} is a capital. Of which country?",
    "{} is the capital city of what country?", "Tell me which country has the capital {}.",
    "Whose capital is {}?", "Which country has its capital in {}?",
    "For which country is {} the capital?", "In which country is {} the capital?",
    "which country has the capital {}", "What country has {} as its capital city?",
    "Do you know which country {} is the capital of?", "Quiz: {} is the capital of which country?",
    "I know {} is a capital, but of which country?", "Give me the country with the capital {}.",
    "Say which country {} is the capital of.", "Can you name the country with the capital {}?",
    "Please tell me the country whose capital is {}.",
)  # fmt: skip
_OPPOSITE_ASK: Final = (
    "What is the opposite of {}?",
    "Give the opposite of {}.",
    "opposite of {}",
    "Tell me the opposite of the word {}.",
    "Which word is the opposite of {}?",
    "What word means the opposite of {}?",
    "Name the opposite of {}.",
    "{}: what is the opposite?",
    "I need the opposite of {}.",
    "Can you give me the opposite of {}?",
    "Which word says the opposite of {}?",
    "What is the reverse of {} in meaning?",
    "Find the opposite of {}.",
    "Say the opposite of {}.",
    "Write the opposite of {}.",
    "what's the opposite of {}",
    "Do you know the opposite of {}?",
    "What would be the opposite of {}?",
    "Please tell me the opposite of {}.",
    "Not {}, but the opposite. What is the word?",
    "Which word is opposite in meaning to {}?",
    "Think of the opposite of {}.",
    "Quiz: what is the opposite of {}?",
    "The opposite of {} is what?",
    "I am looking for the opposite of {}.",
    "If it is the opposite of {}, what is it?",
    "Could you name the opposite of {}?",
)
_SOUND_ASK: Final = (
    "What sound does {} make?", "What noise does {} make?", "Which sound does {} make?",
    "How does {} sound?", "Tell me what sound {} makes.", "what does {} do to make noise",
    "What do you hear when {} makes a noise?",
    "What sound do you hear from {}?", "Which noise does {} make?", "What is the sound of {}?",
    "What kind of sound does {} make?", "Do you know what sound {} makes?",
    "Name the sound that {} makes.", "what sound does {} make", "What noise comes from {}?",
    "Tell me the noise that {} makes.", "When {} makes a sound, what does it do?",
    "Say what {} does when it is noisy.", "Can you tell me how {} sounds?",
    "Which word tells us how {} sounds?", "How do we describe the sound of {}?",
    "Quiz: what sound does {} make?",
)  # fmt: skip
_LEGS_ASK: Final = (
    "How many legs does {} have?", "Tell me how many legs {} has.", "{}: how many legs?",
    "What number of legs does {} have?", "How many legs can you count on {}?",
    "Count the legs of {}.",
    "How many legs are there on {}?", "Say how many legs {} has.",
    "Do you know how many legs {} has?", "Can you tell me how many legs {} has?",
    "How many legs would you draw on {}?", "What is the number of legs of {}?",
    "Give the number of legs of {}.", "On how many legs does {} walk, if any?",
    "Quiz: how many legs does {} have?", "Does {} have legs, and how many?",
    "If you look at {}, how many legs do you see?", "How many legs belong to {}?",
    "Please tell me how many legs {} has.", "I want to draw {}. How many legs does it need?",
    "how many legs has {}",
)  # fmt: skip
_CYCLE_ASK: Final = (
    "Which {w} comes {o} {x}?", "What is the {w} {o} {x}?", "Name the {w} {o} {x}.",
    "What {w} is {o} {x}?", "Tell me the {w} that comes {o} {x}.", "which {w} is right {o} {x}",
    "Do you know which {w} comes {o} {x}?",
    "Say which {w} comes {o} {x}.", "Give me the {w} {o} {x}.", "Which {w} is {o} {x}?",
    "What {w} comes right {o} {x}?", "Can you name the {w} {o} {x}?",
    "I forgot which {w} comes {o} {x}.", "{x}: which {w} comes {o} it?",
    "Please tell me the {w} {o} {x}.", "Quiz: what {w} comes {o} {x}?",
    "Which {w} do we have {o} {x}?", "what {w} comes {o} {x}", "The {w} {o} {x} is which one?",
    "Could you tell me what {w} comes {o} {x}?", "What is the name of the {w} {o} {x}?",
    "Write down the {w} that comes just {o} {x}.",
)  # fmt: skip
_COLOUR_ASK: Final = (
    "What colour is {}?", "Which colour does {} have?", "Tell me the colour of {}.",
    "Name the colour of {}.", "what colour is {}", "Do you know what colour {} is?",
    "What is the colour of {}?",
    "What colour would you paint {}?", "Say what colour {} is.", "Which colour is {}?",
    "{}: what colour is it?", "Can you tell me the colour of {}?",
    "What colour do you see when you look at {}?", "Give the colour of {}.",
    "In which colour would you draw {}?", "I want to paint {}. Which colour do I need?",
    "Please tell me what colour {} is.", "Which colour do you think of with {}?",
    "Quiz: what colour is {}?", "What is the usual colour of {}?", "what's the colour of {}",
    "Could you say which colour {} has?",
)  # fmt: skip
_YOUNG_ASK: Final = (
    "What is a young {} called?", "What do you call a baby {}?", "Name the young of a {}.",
    "What is the young of a {}?", "What is the word for a young {}?", "How do we call a baby {}?",
    "Which word names a young {}?",
    "What do we call a young {}?", "What is a baby {} called?", "Give the name for a young {}.",
    "Tell me the word for a baby {}.", "Which word do we use for a baby {}?",
    "What is the name of a young {}?", "What is the right word for a baby {}?",
    "Do you know what a baby {} is called?", "what is a baby {} called",
    "A baby {} is called what?", "Say the word for a young {}.", "Can you name the young of a {}?",
    "Quiz: what is a young {} called?", "Please tell me what we call a baby {}.",
    "What does one call a young {}?",
)  # fmt: skip
_IS_ASK: Final = (
    "Is {x} {k}?",
    "Would you call {x} {k}?",
    "Is it true that {x} is {k}?",
    "Yes or no: is {x} {k}?",
    "Tell me whether {x} is {k}.",
    "is {x} {k}",
    "Do you think {x} is {k}?",
    "{x}: is it {k}?",
    "I wonder if {x} is {k}.",
    "Can you say that {x} is {k}?",
    "Is {x} really {k}?",
    "My friend says {x} is {k}. Is that right?",
    "True or not: {x} is {k}?",
    "Quick question: is {x} {k}?",
    "Please answer yes or no. Is {x} {k}?",
    "Am I right that {x} is {k}?",
    "Does {x} count as {k}?",
    "Could {x} be called {k}?",
    "Say yes or no: {x} is {k}.",
    "Please tell me if {x} is {k}.",
    "Do people call {x} {k}?",
    "Would it be right to call {x} {k}?",
    "Is it right to say that {x} is {k}?",
    "I think {x} is {k}. Am I right?",
    "Yes or no, {x} is {k}?",
    "Do you agree that {x} is {k}?",
    "Quiz: is {x} {k}?",
    "Can we call {x} {k}?",
    "Someone told me {x} is {k}. Is it true?",
    "{x} is {k}, isn't it?",
    "Check this: {x} is {k}. Yes or no?",
    "Would you say that {x} is {k}?",
    "What do you say: is {x} {k}?",
)
_CAN_ASK: Final = (
    "Can {x} {v}?", "Is {x} able to {v}?", "Tell me whether {x} can {v}.", "can {x} {v}",
    "Yes or no: can {x} {v}?", "Do you think {x} can {v}?", "Is it true that {x} can {v}?",
    "Is it possible for {x} to {v}?", "I wonder if {x} can {v}.", "Could {x} {v}?",
    "My friend says {x} can {v}. Is that right?", "Does {x} know how to {v}?",
    "Say yes or no: can {x} {v}?", "Do you know if {x} can {v}?", "Please tell me if {x} can {v}.",
    "Yes or no, can {x} {v}?", "I think {x} can {v}. Am I right?", "Would {x} be able to {v}?",
    "Do you agree that {x} can {v}?", "Quiz: can {x} {v}?", "Can you say whether {x} can {v}?",
    "Someone told me {x} can {v}. Is it true?", "I believe {x} can {v}. Is that so?",
    "Is it right to say that {x} can {v}?", "Please answer yes or no. Can {x} {v}?",
    "True or not: {x} can {v}?",
)  # fmt: skip
_FACT_ASK: Final = (
    "Is {c} the capital of {n}?",
    "Is it true that {c} is the capital of {n}?",
    "Yes or no: is {c} the capital of {n}?",
    "is {c} the capital of {n}",
    "Tell me whether {c} is the capital of {n}.",
    "I think {c} is the capital of {n}. Is that right?",
    "Would it be right to say that {c} is the capital of {n}?",
    "Does {n} have {c} as its capital?",
    "Is the capital of {n} called {c}?",
    "Do you agree that {c} is the capital of {n}?",
    "Say yes or no: {c} is the capital of {n}.",
    "My friend says {c} is the capital of {n}. Is that true?",
    "True or not: {c} is the capital of {n}?",
    "Am I right that the capital of {n} is {c}?",
    "{c} is the capital of {n}, right?",
    "Is {c} the capital city of {n}?",
    "Quiz: is {c} the capital of {n}?",
    "Please tell me if {c} is the capital of {n}.",
    "I wonder if {c} is the capital of {n}.",
    "Is the capital of {n} {c}?",
    "Please answer yes or no. Is {c} the capital of {n}?",
    "Can you say whether {n} has the capital {c}?",
)
_FORM_ASK: Final = (
    "Fill in the form.\n\n{t}\n\nForm:\n{f}",
    "{t}\n\nFill in this form with the facts:\n{f}",
    "Rewrite this text as a form with these lines:\n{f}\n\nText: {t}",
    "Copy the facts into this form.\n{f}\n\n{t}",
    "Text: {t}\nForm:\n{f}\nPlease fill in the form.",
    "Complete the form.\n{f}\nUse this text: {t}",
    "{t}\n\nPut this into the following form:\n{f}",
    "Read the text and fill in the blanks.\n\n{t}\n\n{f}",
    "Use this form:\n{f}\n\nHere is the text: {t}",
    "I have to fill in this form:\n{f}\n\nThis is what I know: {t}",
    "Write as a form:\n{f}\n\n{t}",
    "Take the details from the text.\n\n{t}\n\nAnswer in this form:\n{f}",
    "{t}\n\nGive me the details like this:\n{f}",
    "Please turn this into a form.\n{t}\n\nLines:\n{f}",
    "Extract the facts.\nText: {t}\nOutput:\n{f}",
    "Answer only with the filled form.\n{f}\n\n{t}",
    "Here is a text. {t}\n\nPlease complete this form:\n{f}",
    "Form to fill in:\n{f}\n\nInformation: {t}",
    "Find the missing details in the text.\n\n{t}\n\n{f}",
    "{t}\n\nUse these lines for your answer:\n{f}",
    "Note: {t}\n\nForm:\n{f}",
    "Can you fill in this form for me?\n{f}\n\n{t}",
    "Fill in each line.\n{f}\n\nText: {t}",
    "Look at the text and complete the lines.\nText: {t}\nLines:\n{f}",
    "From this text: {t}\n\nwrite these details:\n{f}",
    "{t}\n\nWhat goes into this form?\n{f}",
    "Message: {t}\n\nPut the facts here:\n{f}",
    "I need this form filled in.\n\n{f}\n\nThe facts: {t}",
    "Read: {t}\n\nThen write:\n{f}",
    "Give only these details from the text.\n{f}\n\n{t}",
    "Copy what you need from the text into the form.\n\n{t}\n\nForm:\n{f}",
    "Details wanted:\n{f}\n\nSource: {t}",
)
_PERSON_TEXTS: Final = (
    "{Name} is {Age} years old, lives in {City} and works as {a_job}.",
    "My name is {Name}. I am {Age} and I live in {City}. I am {a_job}.",
    "This is {Name}, {a_job} from {City}, aged {Age}.",
    "In {City} there is {a_job} called {Name}, who is {Age}.",
    "At {Age}, {Name} moved to {City} to work as {a_job}.",
    "I met {Name} today, {a_job} of {Age} years. {Name} comes from {City}.",
    "{Name} from {City} is {a_job} and is {Age} years old.",
    "I am {Name}, {Age} years old, {a_job} in {City}.",
    "{Name}, {Age}, works in {City} as {a_job}.",
    "Our neighbour {Name} is {a_job}. {Name} is {Age} and comes from {City}.",
    "You can find {Name} in {City}. {Name} is {a_job} and {Age} years old.",
    "Meet {Name}: {Age} years old, {a_job}, and at home in {City}.",
    "We talked to {Name}, who is {Age} and lives in {City}. {Name} is {a_job}.",
    "Hello, I live in {City} and work as {a_job}. I am {Age}, and my name is {Name}.",
    "For some time {Name} has been {a_job} in {City}. Today {Name} is {Age}.",
    "{Name} turned {Age} this week. {Name} is {a_job} and lives in {City}.",
)  # fmt: skip
_VISIT_TEXTS: Final = (
    "{Name} will come to {City} on {Day} with {Guests} guests.",
    "On {Day}, {Name} has a table in {City} for {Guests} guests.",
    "Please book {Guests} guests in {City} for {Day}. The name is {Name}.",
    "We expect {Guests} guests on {Day} in {City}; ask for {Name}.",
    "My name is {Name} and I would like to bring {Guests} guests to {City} on {Day}.",
    "{Name} is coming to {City} on {Day}. There will be {Guests} guests.",
    "A party of {Guests} guests will arrive in {City} on {Day}. {Name} made the booking.",
    "This is {Name}. I need a room in {City} for {Guests} guests on {Day}.",
    "On {Day} we meet in {City}. {Name} brings {Guests} guests.",
    "{Guests} guests are invited to {City} for {Day} by {Name}.",
    "Hello, {Name} here. We are {Guests} guests and come to {City} on {Day}.",
    "There is a dinner in {City} on {Day} for {Guests} guests. {Name} is the host.",
    "The booking for {Day} is for {Guests} guests in {City}, under the name {Name}.",
    "{Name} has asked for {Guests} seats for guests on {Day}. The place is {City}.",
)  # fmt: skip
_MORE_KINDS: Final = {
    "fruits": "apricot fig melon papaya pineapple raspberry strawberry",
    "vegetables": "artichoke beetroot cauliflower courgette lettuce parsnip",
    "animals": "camel deer donkey giraffe monkey mouse pig rabbit tiger wolf zebra",
    "birds": "magpie ostrich pelican penguin seagull sparrow stork",
    "insects": "cockroach dragonfly flea locust mosquito",
    "fish": "carp haddock halibut pike",
    "trees": "cedar poplar spruce yew",
    "flowers": "carnation crocus pansy snowdrop violet",
    "colours": "beige maroon turquoise white",
    "tools": "crowbar mallet pickaxe screwdriver sickle spade",
    "sports": "badminton basketball judo netball skiing surfing volleyball",
    "drinks": "beer cider",
    "instruments": "accordion banjo clarinet oboe saxophone trombone tuba",
    "clothes": "blouse cardigan shawl sweater vest",
    "vehicles": "ambulance ferry helicopter motorbike taxi tractor truck",
    "shapes": "cone cylinder octagon pentagon sphere",
    "countries": "Chile Greece Kenya Mexico Norway Peru Poland Portugal Sweden",
    "metals": "aluminium brass bronze nickel platinum",
    "furniture": "bench couch dresser sideboard stool",
    "body parts": "ankle chin finger mouth neck stomach thumb toe wrist",
    "family members": "daughter grandson nephew niece son",
    "jobs": "builder carpenter dentist gardener lawyer plumber singer tailor",
    "rooms": "classroom lounge pantry",
    "school subjects": "drama economics science",
    "toys": "jigsaw rattle",
    "languages": "Danish Greek Japanese Korean Russian Swedish Turkish",
    "buildings": "barn cinema cottage lighthouse palace theatre",
}
_KINDS: Final = {
    kind: [*members, *words(_MORE_KINDS.get(kind, ""))] for kind, members in KINDS.items()
}


def _pairs(text: str) -> dict[str, str]:
    return dict(pair.split(":") for pair in words(text))


_CAPITALS: Final = CAPITALS | _pairs(
    "Argentina:Buenos_Aires Colombia:Bogota Ecuador:Quito Uruguay:Montevideo Iceland:Reykjavik "
    "Croatia:Zagreb Serbia:Belgrade Romania:Bucharest Bulgaria:Sofia Ukraine:Kyiv "
    "Estonia:Tallinn Latvia:Riga Lithuania:Vilnius Slovakia:Bratislava Slovenia:Ljubljana "
    "Malta:Valletta Algeria:Algiers Ethiopia:Addis_Ababa Uganda:Kampala Zambia:Lusaka "
    "Mali:Bamako Pakistan:Islamabad Bangladesh:Dhaka Indonesia:Jakarta Lebanon:Beirut "
    "Jordan:Amman Qatar:Doha Jamaica:Kingston Venezuela:Caracas Rwanda:Kigali"
)
_OPPOSITES: Final = OPPOSITES | _pairs(
    "ugly:beautiful arrive:leave remember:forget increase:decrease north:south east:west "
    "top:bottom front:back success:failure war:peace summer:winter borrow:lend ancient:modern "
    "straight:bent enter:exit accept:refuse lost:found visible:invisible possible:impossible "
    "simple:complicated raw:cooked sharp:blunt sick:healthy public:private "
    "horizontal:vertical even:odd positive:negative winner:loser attack:defend create:destroy "
    "lead:follow sink:float rise:fall together:apart everything:nothing here:there many:few "
    "maximum:minimum guilty:innocent expand:shrink calm:nervous"
)
_SOUNDS: Final = SOUNDS | _pairs(
    "cricket:chirps goat:bleats rooster:crows turkey:gobbles dove:coos pigeon:coos "
    "sparrow:chirps parrot:squawks seagull:squawks tiger:roars bull:bellows puppy:barks "
    "kitten:meows lamb:bleats foal:neighs calf:moos gosling:honks toad:croaks"
)
_LEGS: Final = LEGS | {
    "goat": 4, "giraffe": 4, "tiger": 4, "camel": 4, "zebra": 4, "wolf": 4, "bear": 4, "frog": 4,
    "lizard": 4, "tortoise": 4, "crocodile": 4, "donkey": 4, "goose": 2, "hen": 2, "penguin": 2,
    "parrot": 2, "eagle": 2, "swan": 2, "ostrich": 2, "moth": 6, "wasp": 6, "ladybird": 6,
    "grasshopper": 6, "mosquito": 6, "scorpion": 8, "tick": 8, "snail": 0, "slug": 0,
    "dolphin": 0, "whale": 0, "salmon": 0, "eel": 0,
}  # fmt: skip
_YOUNG: Final = YOUNG | _pairs(
    "tiger:cub leopard:cub panda:cub seal:pup whale:calf dolphin:calf giraffe:calf camel:calf "
    "zebra:foal donkey:foal hare:leveret"
)
_COLOURS_OF: Final = COLOURS_OF | {
    "a cherry": "red", "a raspberry": "red", "a ruby": "red", "a stop sign": "red",
    "an orange": "orange", "a buttercup": "yellow", "a canary": "yellow", "a daffodil": "yellow",
    "a sunflower": "yellow", "an egg yolk": "yellow", "mustard": "yellow", "a lime": "green",
    "broccoli": "green", "spinach": "green", "an emerald": "green", "a sapphire": "blue",
    "a blueberry": "blue", "an aubergine": "purple", "a pig": "pink", "ash": "grey",
    "tar": "black", "soot": "black", "a raven": "black", "the night sky": "black",
    "a swan": "white", "cotton": "white", "flour": "white", "cream": "white", "a walnut": "brown",
}  # fmt: skip
_CAN: Final = CAN | {
    "penguin": "swim", "otter": "swim", "seal": "swim", "crocodile": "swim", "crow": "fly",
    "owl": "fly", "moth": "fly", "bat": "fly", "wasp": "fly", "goat": "climb",
    "leopard": "climb", "grasshopper": "jump", "flea": "jump", "cheetah": "run", "fox": "run",
    "zebra": "run", "wolf": "run", "sparrow": "fly",
}  # fmt: skip
_CANNOT: Final = CANNOT | {
    "penguin": "fly", "ostrich": "fly", "rabbit": "fly", "tortoise": "fly", "cat": "fly",
    "wall": "run", "cup": "jump", "bed": "jump", "door": "swim", "brick": "swim", "whale": "climb",
    "goldfish": "climb", "bucket": "run", "flower": "run", "carrot": "climb", "plate": "climb",
    "sofa": "jump", "window": "run",
}  # fmt: skip
_PLURALS: Final = PLURALS | _pairs(
    "cow:cows pen:pens bird:birds horse:horses hand:hands school:schools train:trains "
    "flower:flowers river:rivers church:churches bench:benches match:matches peach:peaches "
    "bush:bushes class:classes dress:dresses hero:heroes echo:echoes half:halves calf:calves "
    "scarf:scarves life:lives thief:thieves fly:flies lorry:lorries family:families "
    "cherry:cherries puppy:puppies monkey:monkeys boy:boys donkey:donkeys tray:trays ox:oxen "
    "deer:deer piano:pianos photo:photos radio:radios roof:roofs spoon:spoons"
)
_VERBS: Final = (
    *VERBS,
    ("counts", "counted", "count", "the coins"),
    ("kicks", "kicked", "kick", "the ball"),
    ("picks", "picked", "pick", "some berries"),
    ("lifts", "lifted", "lift", "the box"),
    ("folds", "folded", "fold", "the towel"),
    ("mixes", "mixed", "mix", "the dough"),
    ("moves", "moved", "move", "the table"),
    ("packs", "packed", "pack", "a suitcase"),
    ("pushes", "pushed", "push", "the cart"),
    ("pulls", "pulled", "pull", "the rope"),
    ("repairs", "repaired", "repair", "the roof"),
    ("rings", "rang", "ring", "the bell"),
    ("sweeps", "swept", "sweep", "the floor"),
    ("ties", "tied", "tie", "a knot"),
    ("travels", "travelled", "travel", "to the sea"),
    ("uses", "used", "use", "a ladder"),
    ("warms", "warmed", "warm", "the soup"),
    ("wraps", "wrapped", "wrap", "the gift"),
    ("digs", "dug", "dig", "a hole"),
    ("dances", "danced", "dance", "in the hall"),
    ("dries", "dried", "dry", "the dishes"),
    ("follows", "followed", "follow", "the path"),
    ("fills", "filled", "fill", "the bucket"),
    ("hangs", "hung", "hang", "a picture on the wall"),
    ("holds", "held", "hold", "the lamp"),
    ("lends", "lent", "lend", "a pencil"),
    ("lights", "lit", "light", "a candle"),
    ("orders", "ordered", "order", "a pizza"),
    ("rests", "rested", "rest", "under a tree"),
    ("shakes", "shook", "shake", "the bottle"),
    ("shares", "shared", "share", "the bread"),
    ("sits", "sat", "sit", "on the bench"),
    ("spends", "spent", "spend", "some money"),
    ("stands", "stood", "stand", "by the door"),
    ("studies", "studied", "study", "the map"),
    ("tastes", "tasted", "taste", "the sauce"),
    ("waters", "watered", "water", "the plants"),
    ("wipes", "wiped", "wipe", "the table"),
)


def an(noun: str) -> str:
    """Return a noun with its indefinite article."""
    return f"{'an' if noun[0].lower() in 'aeiou' else 'a'} {noun}"


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]


def _join(names: list[str]) -> str:
    return ", ".join(names[:-1]) + " and " + names[-1]


def _has_word(word: str) -> Callable[[str], bool]:
    return lambda text: word.lower() in text.lower()


def _task(prompt: str, answer: str, check: Callable[[str], bool] | None = None) -> Task:
    return Task((user(prompt),), answer, check or is_exactly(answer))


def _apart(kind: str, other: str) -> bool:
    return kind != other and not any({kind, other} <= group for group in RELATED)


def listing(draw: Draw) -> Task:
    """Name some members of a kind."""
    kind = draw.choice(sorted(_KINDS))
    count = draw.choice((2, 3, 3, 4, 5))
    number = draw.choice((_NUMBERS[count], str(count)))
    prompt = _capital(draw.template(_LIST_ASK).format(n=number, k=kind))
    members = _KINDS[kind]

    def check(text: str) -> bool:
        said = text.lower().replace(".", " ").replace(",", " ").split()
        return sum(member.lower() in said for member in members) == count

    answer = f"{_NUMBERS[count].capitalize()} {kind} are {_join(members[:count])}."
    return _task(prompt, answer, check)


def sorting(draw: Draw) -> Task:
    """Sort words whose first letters differ; whole lists are held out, as words must be known."""
    while True:
        shown = draw.rng.sample(SORTABLE, draw.choice((3, 3, 4)))
        in_order = ", ".join(sorted(shown))
        if len({word[0] for word in shown}) == len(shown) and draw.accepts(in_order):
            break
    return _task(draw.template(_SORT_ASK).format(", ".join(shown)), in_order)


def pick_word(draw: Draw) -> Task:
    """Pick a word by its place, or the odd one out."""
    if draw.rng.random() < 0.65:
        shown = draw.values((*SORTABLE, *NAMES), draw.choice((3, 4, 5)))
        order, index = draw.choice((("first", 0), ("second", 1), ("third", 2), ("last", -1)))
        prompt = draw.template(_PICK_ASK).format(o=order, w=", ".join(shown))
        word = shown[index]
        return _task(prompt, f"The {order} word is {word}.", _only(word, shown))
    while True:
        kind, other = draw.rng.sample(sorted(_KINDS), 2)
        odd = draw.choice(_KINDS[other])
        shown = [*draw.rng.sample(_KINDS[kind], draw.choice((2, 3))), odd]
        draw.rng.shuffle(shown)
        if _apart(kind, other) and odd not in _KINDS[kind] and draw.accepts(", ".join(shown)):
            break
    prompt = draw.template(_ODD_ASK).format(", ".join(shown))
    kinds = ", ".join(f"{word}: {SINGULAR[other if word == odd else kind]}" for word in shown)
    return _task(prompt, f"{_capital(kinds)}. The odd one out is {odd}.", _only(odd, shown))


def _only(word: str, shown: list[str]) -> Callable[[str], bool]:
    def check(text: str) -> bool:
        *_, last = text.lower().rstrip(". ").split(". ")
        said = last.replace(",", " ").split()
        return [other for other in shown if other.lower() in said] == [word]

    return check


def rewriting(draw: Draw) -> Task:
    """Change the tense, kind, politeness, number or letters of a sentence."""
    form = draw.choice(sorted(_REWRITES))
    ask, layout = draw.template(_REWRITES[form]), draw.template(_LAYOUTS)
    while True:
        sentence, answer = _rewritten(draw, form)
        if form == "plural" or draw.accepts(f"{form}: {sentence}"):
            break
    return _task(layout.format(a=ask, s=sentence), answer, _exact_case(answer))


def _rewritten(draw: Draw, form: str) -> tuple[str, str]:
    if form == "plural":
        word = draw.choice(sorted(_PLURALS))
        return word, _PLURALS[word]
    third, past, stem, rest = draw.choice(_VERBS)
    if form == "polite":
        return f"{_capital(stem)} {rest}.", f"Could you {stem} {rest}?"
    by_name = draw.rng.random() < 0.6
    subject = draw.value(NAMES) if by_name else draw.choice(sorted(_PRONOUNS))
    inner = subject if by_name else _PRONOUNS[subject]
    single = by_name or subject in ("He", "She")
    sentence = f"{subject} {third if single else stem} {rest}."
    answers = {
        "past": f"{subject} {past} {rest}.",
        "future": f"{subject} will {stem} {rest}.",
        "negative": f"{subject} {'does' if single else 'do'} not {stem} {rest}.",
        "question": f"{'Does' if single else 'Do'} {inner} {stem} {rest}?",
        "upper": sentence.upper(),
        "lower": sentence.lower(),
    }
    return sentence, answers[form]


def _exact_case(expected: str) -> Callable[[str], bool]:
    return lambda text: text.strip() == expected


def facts(draw: Draw) -> Task:
    """Answer from the facts of the little world, which must all be known."""
    form = draw.choice(
        ("capital", "capital", "opposite", "sound", "legs", "cycle", "cycle", "colour", "young")
    )
    if form == "capital":
        country = draw.choice(sorted(_CAPITALS))
        city = _CAPITALS[country].replace("_", " ")
        answer = f"The capital of {country} is {city}."
        if draw.rng.random() < 0.3:
            prompt = draw.template(_COUNTRY_ASK).format(city)
            return _task(prompt, f"{city} is the capital of {country}.", _has_word(country))
        return _task(draw.template(_CAPITAL_ASK).format(country), answer, _has_word(city))
    if form == "opposite":
        word = draw.choice(sorted(_OPPOSITES))
        opposite = _OPPOSITES[word]
        prompt = _capital(draw.template(_OPPOSITE_ASK).format(word))
        return _task(prompt, f"The opposite of {word} is {opposite}.", _has_word(opposite))
    if form == "cycle":
        cycle, what = draw.choice(((DAYS, "day"), (MONTHS, "month")))
        index = draw.rng.randrange(len(cycle))
        step, order = draw.choice(((1, "after"), (-1, "before")))
        found = cycle[(index + step) % len(cycle)]
        prompt = draw.template(_CYCLE_ASK).format(w=what, o=order, x=cycle[index])
        return _task(prompt, f"{found} comes {order} {cycle[index]}.", _has_word(found))
    if form == "colour":
        thing = draw.choice(sorted(_COLOURS_OF))
        prompt = draw.template(_COLOUR_ASK).format(thing)
        colour = _COLOURS_OF[thing]
        return _task(prompt, f"{_capital(thing)} is {colour}.", _has_word(colour))
    if form == "young":
        animal = draw.choice(sorted(_YOUNG))
        prompt = draw.template(_YOUNG_ASK).format(animal).replace("a owl", "an owl")
        answer = f"A young {animal} is called {an(_YOUNG[animal])}."
        return _task(prompt, answer, _has_word(_YOUNG[animal]))
    if form == "sound":
        animal = draw.choice(sorted(_SOUNDS))
        prompt = draw.template(_SOUND_ASK).format(an(animal))
        return _task(
            prompt, f"{_capital(an(animal))} {_SOUNDS[animal]}.", _has_word(_SOUNDS[animal])
        )
    animal = draw.choice(sorted(_LEGS))
    count = str(_LEGS[animal] or "no")
    prompt = _capital(draw.template(_LEGS_ASK).format(an(animal)))
    return _task(prompt, f"{_capital(an(animal))} has {count} legs.", _has_word(f"{count} leg"))


def yes_no(draw: Draw) -> Task:
    """Answer questions of kind, ability and fact with yes or no."""
    form = draw.choice(("kind", "kind", "kind", "ability", "fact"))
    is_true = draw.rng.random() < 0.5
    if form == "kind":
        return _kind_question(draw, is_true)
    if form == "ability":
        noun = draw.choice(sorted(_CAN if is_true else _CANNOT))
        verb = (_CAN if is_true else _CANNOT)[noun]
        prompt = draw.template(_CAN_ASK).format(x=an(noun), v=verb)
        can, word = ("can", "yes") if is_true else ("cannot", "no")
        return _task(prompt, f"{_capital(an(noun))} {can} {verb}, so {word}.", concludes(word))
    while True:
        country, other = draw.rng.sample(sorted(_CAPITALS), 2)
        city = _CAPITALS[country if is_true else other].replace("_", " ")
        if is_true or draw.accepts(f"{city} {country}"):
            break
    prompt = draw.template(_FACT_ASK).format(c=city, n=country)
    right, word = _CAPITALS[country].replace("_", " "), "yes" if is_true else "no"
    return _task(prompt, f"The capital of {country} is {right}, so {word}.", concludes(word))


def _kind_question(draw: Draw, is_true: bool) -> Task:
    while True:
        kind, other = draw.rng.sample(sorted(_KINDS), 2)
        word = draw.choice(_KINDS[kind])
        apart = _apart(kind, other) and word not in _KINDS[other]
        if is_true or (apart and draw.accepts(f"{word} {other}")):
            break
    thing = word if kind in UNCOUNTED else an(word)
    named = SINGULAR[kind if is_true else other]
    prompt = _capital(draw.template(_IS_ASK).format(x=thing, k=named))
    answer = f"{_capital(thing)} is {SINGULAR[kind]}, so {'yes' if is_true else 'no'}."
    return _task(prompt, answer, concludes("yes" if is_true else "no"))


def form_filling(draw: Draw) -> Task:
    """Copy the facts of a sentence into a form."""
    name, city = draw.value(NAMES), draw.value(CITIES)
    if draw.rng.random() < 0.6:
        values = {"Name": name, "Age": str(draw.value(range(18, 90))), "City": city}
        values["Job"] = draw.value(JOBS)
        text = draw.template(_PERSON_TEXTS).format(**values, a_job=an(values["Job"]))
    else:
        values = {"Name": name, "City": city, "Day": draw.choice(DAYS)}
        values["Guests"] = str(draw.value(range(2, 60)))
        text = draw.template(_VISIT_TEXTS).format(**values)
    fields = draw.rng.sample(sorted(values), draw.choice((2, 3, 4)))
    blank = draw.choice(("", " ...", " ___"))
    form = "\n".join(f"{field}:{blank}" for field in fields)
    prompt = draw.template(_FORM_ASK).format(t=text, f=form)
    answer = "\n".join(f"{field}: {values[field]}" for field in fields)
    return _task(prompt, answer)


SKILLS: Final[dict[str, Callable[[Draw], Task]]] = {
    "listing": listing,
    "sorting": sorting,
    "pick_word": pick_word,
    "rewriting": rewriting,
    "facts": facts,
    "yes_no": yes_no,
    "form_filling": form_filling,
}
