// Calls to the server. The API key is kept in memory only.

export class ServerError extends Error {
  constructor(status, error) {
    super(error?.message ?? `The server answered with status ${status}.`);
    this.status = status;
    this.code = error?.code ?? null;
  }
}

export class Server {
  key = null;
  session = null;

  async settings() {
    const answer = await this.#fetch("/playground/settings");
    const settings = await answer.json();
    this.session = settings.session;
    return settings;
  }

  async record(id) {
    const answer = await this.#fetch(`/playground/records/${encodeURIComponent(id)}`);
    return answer.json();
  }

  // Yields [name, data] of each event; a stream that breaks off is an error.
  async *answers(body, signal) {
    const answer = await this.#fetch("/playground/answers", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
      signal,
    });
    for await (const [name, data] of events(answer.body)) {
      if (name === "error") throw new ServerError(answer.status, data.error);
      yield [name, data];
      if (name === "end") return;
    }
    throw new ServerError(answer.status, { message: "The answer broke off." });
  }

  async #fetch(path, options = {}) {
    const headers = { ...options.headers };
    if (this.key) headers.Authorization = `Bearer ${this.key}`;
    if (this.session) headers["X-Playground-Session"] = this.session;
    let answer;
    try {
      answer = await fetch(path, { ...options, headers, cache: "no-store", credentials: "omit" });
    } catch (error) {
      if (error.name === "AbortError") throw error;
      throw new ServerError(0, { message: "The server does not answer. Is it still running?" });
    }
    if (!answer.ok) {
      const body = await answer.json().catch(() => ({}));
      throw new ServerError(answer.status, body.error);
    }
    return answer;
  }
}

async function* events(stream) {
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const blocks = (rest + value).split("\n\n");
      rest = blocks.pop();
      for (const block of blocks) {
        const fields = new Map(block.split("\n").map((line) => split(line, ": ")));
        yield [fields.get("event"), JSON.parse(fields.get("data"))];
      }
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}

function split(text, separator) {
  const at = text.indexOf(separator);
  return [text.slice(0, at), text.slice(at + separator.length)];
}
