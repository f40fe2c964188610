"""How calls are spelt out and quoted names passed on, and what they are made of."""

from typing import Final

from lexicon import words

WRITTEN: Final = (
    "Call {}.", "What does {} give?", "Run {} for me.", "Work out {}, please.", "{}",
    "I need the result of {}.", "Use the tool to get {}.", "What do you get for {}?",
    "Please do {} now.", "Tell me what {} is.", "Evaluate {}", "How much is {}? Use a tool.",
    "Compute {}.", "Execute {}", "Give me {}.", "What is {}?", "Find {} with the tool.",
    "Please run {}.", "Can you call {}?", "I want to know {}.", "Get me {}, please.", "Do {}.",
    "{} = ?", "{}, please.", "Show me the result of {}.", "What is the value of {}?",
    "Which number is {}?", "Let the tool do {}.", "Try {} for me.", "Could you work out {}?",
    "Now call {}.", "Next: {}", "Please evaluate {} for me.", "Apply {} and tell me the result.",
    "Start {}.", "My task is {}.", "Solve {}.", "Tool, please: {}", "I would like to see {}.",
    "Return {}.", "Say what {} gives.", "Determine {}.",
)  # fmt: skip
PARAMETERS: Final = tuple(
    words(
        "input value x y n number a b count first second amount data left right z c k m p q i j "
        "start end size index value1 value2 low high limit base step total rate width height depth "
        "length factor power offset level score term top bottom num arg item key source target "
        "third"
    )
)
PURPOSES: Final = (
    "Compute something.", "Apply a function.", "Return a number.", "Run the named function.",
    "Do a secret sum.", "Get a value.", "Work out a value.", "Do a calculation.",
    "Call this function with numbers.", "A function of whole numbers.", "Give back a result.",
    "Change numbers.", "Run a hidden rule.", "A sum that nobody knows.", "Find the result.",
    "Evaluate a rule.",
)  # fmt: skip
SCRIPTS: Final = (
    (0x4E00, 0x9FA5), (0x4E00, 0x9FA5), (0x4E00, 0x6E00), (0x3041, 0x3093), (0x3041, 0x3093),
    (0x30A1, 0x30F6), (0xAC00, 0xD7A3), (0x0410, 0x044F), (0x03B1, 0x03C9), (0x0905, 0x0939),
    (0x0627, 0x064A), (0x00E0, 0x00FF), (0x61, 0x7A),
)  # fmt: skip
"""First and last code point of a range of letters."""
KINDS: Final = tuple(
    words(
        "client firm shop player team file user project album partner brand supplier member page "
        "account agency author band book boat building category channel class club college course "
        "department device event farm folder friend game group guest hotel house label list "
        "machine movie note office order owner pet place plant product recipe restaurant room "
        "school server ship singer song station store street student teacher ticket town tool "
        "tutor visitor worker writer"
    )
)
NAMED: Final = (
    "Add a {kind} named '{text}'.", "Register the {kind} '{text}', please.",
    "Save a {kind} called '{text}'", "New {kind}: '{text}'", "I want a {kind} named '{text}'.",
    "Make a {kind} named \"{text}\".", "Please enter '{text}' as a {kind}.", "{kind} '{text}'",
    "Set up the {kind} named '{text}'.", "Can you add '{text}' to the {kind} list?",
    "Create a {kind} with the name '{text}'.", "Please add the {kind} '{text}'.",
    "Add '{text}' as a new {kind}.", "There is a new {kind}: '{text}'.",
    "Save '{text}' to the {kind} list.", "Put the {kind} '{text}' into the system.",
    "The new {kind} is called '{text}'.", 'Enter a {kind} named "{text}".',
    "Could you make a {kind} called '{text}'?", 'Store the {kind} "{text}", please.',
    "We have a {kind} called '{text}'. Add it.", "I need a new {kind}, '{text}'.",
    "Note '{text}' as a {kind}.", 'Register "{text}" as a {kind}.', "Open a {kind} named '{text}'.",
    '{kind}: "{text}"', "Add this {kind}: '{text}'", "Call the new {kind} '{text}'.",
    "Name a {kind} '{text}'.", "'{text}' is a new {kind}; save it.",
    "Please create '{text}', a {kind}.", "Make '{text}' a {kind}.", "Add one {kind}: '{text}'.",
    "List '{text}' as a {kind}.", "I have a {kind} named '{text}'; please add it.",
    "The {kind} '{text}' is missing. Add it.", "Put '{text}' on the {kind} list.",
    'Please save "{text}" as a {kind}.', "Let us add the {kind} '{text}'.",
    "Give me a {kind} named '{text}'.", "Start a {kind} called '{text}'.",
    "Write down the {kind} '{text}'.", 'Can I have a {kind} named "{text}"?',
    "Insert the {kind} '{text}'.",
)  # fmt: skip
NAME_KEYS: Final = tuple(
    words(
        "name title label text customer_id full_name display_name key value named name_text called "
        "caption heading input word known_as short_name given_name display nickname brand_name "
        "string id"
    )
)
NOTE_KEYS: Final = tuple(
    words(
        "note description remark detail comment info about memo extra text_note more summary "
        "kind_of hint details background notes additional"
    )
)
NOTES: Final = (
    "a small shop", "an old friend", "a software company", "our best partner", "a school",
    "a music group", "a family firm", "a sports club", "a travel agency", "a local bank",
    "a small bakery", "a new neighbour", "a car repair shop", "our oldest customer", "a theatre",
    "a film studio", "a book shop", "a chess club", "a dairy farm", "an online store",
    "a toy maker", "a good neighbour", "a hotel by the sea", "a dance school", "a garden centre",
    "a printing house", "a bus company", "a cooking class", "a family friend", "a town museum",
    "a phone maker", "a flower stall", "a coffee bar", "a boat builder", "a new supplier",
    "a former student", "an art gallery", "a weekly paper", "a fruit farm", "a choir",
)  # fmt: skip
NOTED: Final = (
    "{} ({})", "{} - {}", "{}, {}", "{} It is {}.", "{} Note: {}.", "{} - it is {}",
    "{} (that is {})", "{} Add that it is {}.", "{} Please note: {}", "{} / {}", "{}; {}",
)  # fmt: skip
