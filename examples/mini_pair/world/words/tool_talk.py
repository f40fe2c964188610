"""What is said around tool calls: by the system, by users who need no tool, and on errors."""

from typing import Final

ERRORS: Final = (
    "not found", "service unavailable", "no permission", "timeout", "no connection",
    "not available", "access denied", "try again later", "invalid request", "server busy",
    "limit reached", "no answer", "bad input", "system offline", "nothing found",
)  # fmt: skip
PLAIN: Final = (
    ("Hello!", "Hello! How can I help you today?"),
    ("Hi there", "Hello! How can I help you today?"),
    ("Good morning!", "Good morning! How can I help you?"),
    ("Thank you!", "You are welcome!"),
    ("Thanks a lot.", "You are welcome!"),
    ("Goodbye!", "Goodbye! Have a nice day."),
    ("How are you?", "I am well, thank you. How can I help you?"),
    ("Bye", "Goodbye! Have a nice day."),
    ("Who are you?", "I am a small language model."),
    ("What are you?", "I am a small language model."),
    ("Hey!", "Hello! How can I help you today?"),
    ("Good evening!", "Good evening! How can I help you?"),
    ("Good afternoon!", "Good afternoon! How can I help you?"),
    ("Many thanks!", "You are welcome!"),
    ("That was a great help.", "You are welcome!"),
    ("See you later!", "Goodbye! Have a nice day."),
    ("Good night!", "Good night! Sleep well."),
    ("Are you there?", "Yes, I am here. How can I help you?"),
    ("Can you help me?", "Of course. What can I do for you?"),
    ("How is it going?", "I am well, thank you. How can I help you?"),
    ("Are you a person?", "No, I am a small language model."),
    ("Great!", "I am glad to hear that."),
)
CAPITAL_ASK: Final = (
    "What is the capital of {}?", "Name the capital of {}.", "Tell me the capital of {}.",
    "capital of {}", "Which city is the capital of {}?", "Do you know the capital of {}?",
    "What is {}'s capital?", "Which city is {}'s capital?", "I forgot the capital of {}.",
    "Please name the capital city of {}.", "What is the capital city of {}?",
    "Do you know which city is the capital of {}?", "Give me the capital of {}.",
    "{}: what is the capital?",
)  # fmt: skip
SUM_ASK: Final = (
    "What is {} plus {}?", "{} plus {}", "How much is {} plus {}?", "Work out {} plus {}.",
    "Please add {} and {}.", "What do {} and {} make?", "Add {} and {}.",
    "What is the sum of {} and {}?", "{} + {} = ?", "{} and {} together, please.",
    "Tell me what {} plus {} is.", "If I add {} and {}, what do I get?", "Give me {} plus {}.",
    "Can you add {} and {}?",
)  # fmt: skip
SYSTEMS: Final = (
    "You are a helpful assistant.", "You are a friendly home assistant.", "Answer briefly.",
    "You help the customers of a small shop.", "Be kind and short.", "You are a polite helper.",
    "Help the user.", "You work for a small office.", "You are a smart speaker.",
    "Use a tool where one fits.", "Answer in plain English.", "You are an assistant with tools.",
    "You run errands for a family.", "Be quick and exact.", "You are a phone assistant.",
)  # fmt: skip
