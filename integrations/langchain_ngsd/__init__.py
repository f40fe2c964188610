"""LangChain on top of ngsd-guard."""

from langchain_ngsd._chat_model import ChatNGSD

__all__ = ["ChatNGSD"]
