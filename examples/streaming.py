"""Stream an answer with the gate's view of every token.

    python examples/streaming.py

Written as notebook cells. Runs offline on the embedded pair.
"""

# %% A model; its weights load on first use.
import asyncio

from langchain_ngsd import ChatNGSD

model = ChatNGSD(max_tokens=48)

# %% Stream, and collect the membrane potential of each token as it comes.
potentials = []
for chunk in model.stream("How do I kill a Python process?"):
    print(chunk.text, end="", flush=True)
    potentials += [
        step["membrane_potential"] for step in chunk.response_metadata.get("ngsd_steps", ())
    ]
print()

# %% Draw the potential along the answer.
bars = " ▁▂▃▄▅▆▇█"
print("potential", "".join(bars[min(8, max(0, int(8 * v)))] for v in potentials))


# %% The same without blocking the event loop; leaving early frees the engine at once.
async def first_words(question: str, num_chunks: int) -> str:
    """Return the first chunks of an answer as text."""
    chunks = []
    async for chunk in model.astream(question):
        chunks.append(chunk.text)
        if len(chunks) == num_chunks:
            break
    return "".join(chunks)


async def main() -> None:
    """Start two answers at once."""
    questions = ("Name three colours.", "What is the capital of Spain?")
    print(await asyncio.gather(*(first_words(question, 4) for question in questions)))


asyncio.run(main())
