"""LlamaIndex: the guarded model of `ngsd-guard serve` as any other LLM."""

from llama_index.llms.openai_like import OpenAILike


def guarded_model(guard_url: str) -> OpenAILike:
    """Return the model for chats, streams and tools."""
    return OpenAILike(
        model="ngsd-mini",
        api_base=f"{guard_url}/v1",
        api_key="none",
        is_chat_model=True,
        is_function_calling_model=True,
        max_tokens=48,
        temperature=0.0,
        max_retries=0,
    )
