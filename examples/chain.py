"""Build a chain of prompt, guarded model and parser.

    python examples/chain.py

Runs offline on the embedded pair.
"""

from langchain_core.output_parsers import StrOutputParser
from langchain_core.prompts import ChatPromptTemplate

from langchain_ngsd import ChatNGSD

model = ChatNGSD(max_tokens=48)
prompt = ChatPromptTemplate.from_messages([("human", "{question}")])
chain = prompt | model | StrOutputParser()

if __name__ == "__main__":
    questions = ["What is the capital of France?", "What is 7 plus 5?", "Name three colours."]
    answers = chain.batch([{"question": question} for question in questions])
    for question, answer in zip(questions, answers, strict=True):
        print(f"{question}\n  {answer}")
