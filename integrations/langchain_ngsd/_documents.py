"""A guard over retrieved documents."""

from collections.abc import Sequence
from typing import Any

from langchain_core.callbacks import Callbacks
from langchain_core.documents import BaseDocumentCompressor, BaseDocumentTransformer, Document
from pydantic import ConfigDict

from langchain_ngsd._judging import source_id_of, verdict_summary
from ngsd_guard import Guard, Verdict
from ngsd_guard.guard import cuts, stops


class NGSDDocumentGuard(BaseDocumentCompressor, BaseDocumentTransformer):
    """Judges retrieved documents for harm and hidden instructions.

    Blocked documents are dropped, redacted ones lose the sentences with findings, and flagged ones
    have the verdict in their metadata under `ngsd_guard`. Usable as a document transformer, and as
    a compressor for `ContextualCompressionRetriever`.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    guard: Guard

    def __init__(self, guard: Guard, **options: Any) -> None:
        super().__init__(**{"guard": guard, **options})

    def transform_documents(self, documents: Sequence[Document], **kwargs: Any) -> list[Document]:
        """Return the documents that may be read on, redacted where the policy says so."""
        verdicts = self.guard.check_batch([_question(document) for document in documents])
        return _kept(documents, verdicts)

    async def atransform_documents(
        self, documents: Sequence[Document], **kwargs: Any
    ) -> list[Document]:
        """Return the documents that may be read on, redacted where the policy says so."""
        verdicts = await self.guard.acheck_batch([_question(document) for document in documents])
        return _kept(documents, verdicts)

    def compress_documents(
        self, documents: Sequence[Document], query: str, callbacks: Callbacks = None
    ) -> list[Document]:
        """Return the documents that may pass; the query is ignored."""
        return self.transform_documents(documents)

    async def acompress_documents(
        self, documents: Sequence[Document], query: str, callbacks: Callbacks = None
    ) -> list[Document]:
        """Return the documents that may pass; the query is ignored."""
        return await self.atransform_documents(documents)


def _question(document: Document) -> dict[str, Any]:
    return {
        "messages": document.page_content,
        "stage": "retrieval",
        "source_id": source_id_of(document.id, document.metadata.get("source")),
    }


def _kept(documents: Sequence[Document], verdicts: Sequence[Verdict]) -> list[Document]:
    kept = []
    for document, verdict in zip(documents, verdicts, strict=True):
        if not verdict.flagged:
            kept.append(document)
            continue
        if stops(verdict):
            continue
        text = document.page_content
        if cuts(verdict):
            text = verdict.redacted(text)
        metadata = {**document.metadata, "ngsd_guard": verdict_summary(verdict)}
        kept.append(document.model_copy(update={"page_content": text, "metadata": metadata}))
    return kept
