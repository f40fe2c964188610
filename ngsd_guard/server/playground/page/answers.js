// An answer's text; the guarded one shows what the gate did at each token.

export class AnswerColumn {
  #tokens = [];
  #selected = null;

  constructor(element) {
    this.element = element;
  }

  start(prefill) {
    this.#tokens = [];
    this.#selected = null;
    this.element.replaceChildren();
    this.element.classList.add("live");
    if (prefill) this.element.append(make("span", "prefill", prefill));
  }

  add(token) {
    const span = make("span", "token");
    span.dataset.index = token.index;
    const gate = token.gate ?? "silent";
    const shown = token.text || (token.is_end && gate !== "silent" ? " ∎" : "");
    if (gate === "overridden" && token.base_text) {
      const base = token.base_text.trim() || "␣";
      span.append(leading(shown), make("del", "", base));
      span.append(make("ins", "", shown.trimStart() || "␣"));
    } else if (gate !== "silent") {
      const tag = gate === "overridden" ? "ins" : "span";
      span.append(leading(shown), make(tag, gate === "spike" ? "spike-token" : "", shown.trimStart() || "␣"));
    } else {
      span.append(shown);
    }
    this.#tokens.push(span);
    this.element.append(span);
  }

  finish() {
    this.element.classList.remove("live");
  }

  select(index) {
    this.#selected?.classList.remove("selected");
    this.#selected = index === null ? null : (this.#tokens[index] ?? null);
    this.#selected?.classList.add("selected");
  }
}

export function make(tag, className = "", text = "") {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text) element.textContent = text;
  return element;
}

function leading(text) {
  return text.slice(0, text.length - text.trimStart().length);
}
