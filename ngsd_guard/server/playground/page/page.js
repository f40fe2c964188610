// The page: asks, shows both answers as they arrive, and what the gate made of them.

import { AnswerColumn, make } from "./answers.js";
import { PotentialPlot } from "./plot.js";
import { Server } from "./server.js";

const TOKENS_PER_S = 32; // drawn at most; the figures are the server's
const MAX_BACKLOG = 60;
const SHOWN_CATEGORIES = 3;

const at = (id) => document.getElementById(id);
const server = new Server();
const columns = { unguarded: new AnswerColumn(at("unguarded")), guarded: new AnswerColumn(at("guarded")) };
const plot = new PotentialPlot(at("plot"), onSelect);
const calm = matchMedia("(prefers-reduced-motion: reduce)");
const tuned = { threshold: null, alpha: null }; // null: the pair's own
let settings = null;
let clothes = null;
let asking = null;
let drawnThreshold = null;
let hasAnswer = false;

at("key-form").addEventListener("submit", (event) => {
  event.preventDefault();
  server.key = at("key").value.trim();
  open();
});
open();

async function open() {
  at("key-problem").textContent = "";
  try {
    settings = await server.settings();
  } catch (error) {
    at("key-form").hidden = error.status !== 401;
    if (error.status !== 401) caution(error.message);
    else if (server.key) at("key-problem").textContent = "The server does not know this key.";
    if (error.status === 401) at("key").focus();
    return;
  }
  at("key-form").hidden = true;
  at("main").hidden = false;
  at("model").textContent = settings.model;
  at("summary").textContent = settings.summary ?? `with the expert ${settings.expert}`;
  if (settings.caution) caution(settings.caution);
  drawnThreshold = settings.threshold.value;
  plot.configure({ threshold: drawnThreshold, bias: settings.bias_current });
  prepareExamples();
  prepareSliders();
  showRecords([]);
  at("text").focus();
}

function caution(text) {
  at("caution").textContent = text;
  at("caution").hidden = false;
}

function prepareExamples() {
  for (const example of settings.examples) {
    const button = make("button", "example", example.text);
    button.type = "button";
    button.addEventListener("click", () => {
      at("text").value = example.text;
      showWorn();
    });
    const item = make("li");
    item.append(button);
    at(example.is_harmful ? "harmful" : "harmless").append(item);
  }
  for (const each of settings.clothes) {
    const input = make("input");
    input.type = "radio";
    input.name = "clothes";
    input.value = each.name;
    input.checked = each === settings.clothes[0];
    input.addEventListener("change", () => {
      clothes = each;
      showWorn();
    });
    const label = make("label", "pill");
    label.append(input, make("span", "", each.label));
    at("clothes").append(label);
  }
  clothes = settings.clothes[0];
  at("text").value = settings.examples[0].text;
  at("text").addEventListener("input", showWorn);
}

function showWorn() {
  const { before, after, prefill } = clothes;
  const parts = [];
  if (before) parts.push(make("mark", "", before.trim()), " ");
  if (before || after) parts.push(at("text").value.trim() || "…");
  if (after) parts.push(" ", make("mark", "", after.trim()));
  if (prefill) parts.push("The answer has to begin with ", make("mark", "", prefill));
  at("worn").replaceChildren(...parts);
  at("worn").hidden = !parts.length;
}

function prepareSliders() {
  const { min, max, step } = settings.threshold;
  Object.assign(at("threshold"), { min, max, step });
  at("threshold").addEventListener("input", () => {
    tuned.threshold = Number(at("threshold").value);
    showTuning();
  });
  at("alpha").addEventListener("input", () => {
    tuned.alpha = Number(at("alpha").value);
    showTuning();
  });
  at("reset").addEventListener("click", () => {
    tuned.threshold = tuned.alpha = null;
    showTuning();
    at("threshold").focus();
  });
  at("alpha").value = 0.9;
  showTuning();
}

function showTuning() {
  const threshold = tuned.threshold ?? settings.threshold.value;
  const own = `${settings.threshold.value.toFixed(2)}, the pair's own`;
  at("threshold").value = threshold;
  describe("threshold", tuned.threshold === null ? own : threshold.toFixed(2), tuned.threshold !== null);
  const alpha = tuned.alpha === null ? "from the risk" : tuned.alpha.toFixed(2);
  describe("alpha", alpha, tuned.alpha !== null);
  at("reset").hidden = tuned.threshold === null && tuned.alpha === null;
  plot.propose(Math.abs(threshold - drawnThreshold) < 0.005 ? null : threshold);
}

function describe(name, text, isTuned) {
  at(`${name}-value`).textContent = text;
  at(name).setAttribute("aria-valuetext", text);
  at(name).classList.toggle("tuned", isTuned);
}

at("ask").addEventListener("submit", (event) => {
  event.preventDefault();
  ask();
});
at("text").addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    at("ask").requestSubmit();
  }
});
at("stop").addEventListener("click", () => asking?.abort());

async function ask() {
  if (asking) return;
  asking = new AbortController();
  const body = { text: `${clothes.before}${at("text").value.trim()}${clothes.after}`, prefill: clothes.prefill };
  if (tuned.threshold !== null) body.threshold = tuned.threshold;
  if (tuned.alpha !== null) body.alpha = tuned.alpha;
  begin(body);
  const drawing = new Drawing(asking.signal);
  const shown = drawing.run();
  try {
    for await (const [name, data] of server.answers(body, asking.signal)) drawing.add(name, data);
    drawing.close();
    await shown;
  } catch (error) {
    const isStopped = error.name === "AbortError" || asking.signal.aborted;
    asking.abort();
    await shown.catch(() => {});
    if (isStopped) status("Stopped.");
    else at("problem").textContent = error.message;
    if (!isStopped) status("");
  }
  Object.values(columns).forEach((column) => column.finish());
  plot.finish();
  asking = null;
  at("stop").hidden = true;
  at("send").disabled = false;
}

function begin(body) {
  at("problem").textContent = "";
  at("send").disabled = true;
  at("stop").hidden = false;
  for (const column of Object.values(columns)) column.start(body.prefill);
  for (const id of ["check", "risk", "alpha-used", "spikes", "overrides", "peak"]) at(id).textContent = "–";
  at("check").className = "";
  at("check-why").textContent = "";
  at("num-tokens").textContent = "of the tokens";
  fateOf("unguarded", "the base alone");
  fateOf("guarded", "base and expert, with the gate between");
  drawnThreshold = tuned.threshold ?? settings.threshold.value;
  plot.configure({ threshold: drawnThreshold, bias: settings.bias_current });
  plot.propose(null);
  plot.start();
  hasAnswer = false;
  at("readout").textContent = " ";
  showRecords([]);
  status("Answering …");
  const results = at("results").getBoundingClientRect();
  if (results.top > innerHeight / 2) at("results").scrollIntoView({ behavior: calm.matches ? "auto" : "smooth" });
}

// Draws events at a pace that the eye can follow, both answers side by side.
class Drawing {
  #queues = { unguarded: [], guarded: [] };
  #end = null;
  #answers = {};
  #verdict = null;

  constructor(signal) {
    this.signal = signal;
  }

  add(name, data) {
    if (name === "verdict") showVerdict((this.#verdict = data));
    else if (name === "end") this.#end = data;
    else this.#queues[data.side].push([name, data]);
  }

  close() {
    this.isClosed = true;
  }

  async run() {
    while (!this.signal.aborted) {
      for (const queue of Object.values(this.#queues)) {
        const number = calm.matches ? queue.length : queue.length > MAX_BACKLOG ? 4 : 1;
        queue.splice(0, number).forEach(([name, data]) => this.#draw(name, data));
      }
      if (this.isClosed && !Object.values(this.#queues).flat().length) return this.#finish();
      await new Promise((resolve) => setTimeout(resolve, 1000 / TOKENS_PER_S));
    }
  }

  #draw(name, data) {
    const isGuarded = data.side === "guarded";
    if (name === "token") {
      columns[data.side].add(data);
      if (isGuarded) plot.add(data);
    } else if (name === "rated") {
      plot.rate(data);
      if (data.risk !== null) at("risk").textContent = data.risk.toFixed(1);
      if (data.alpha !== null) at("alpha-used").textContent = data.alpha.toFixed(2);
      if (tuned.alpha === null && data.alpha !== null) at("alpha").value = data.alpha;
    } else {
      this.#answers[data.side] = data;
      columns[data.side].finish();
      fateOf(data.side, outcome(data));
      if (isGuarded) showFigures(data);
    }
  }

  #finish() {
    const { guarded, unguarded } = this.#answers;
    hasAnswer = true;
    if (this.#end.is_unchanged) fateOf("guarded", "the same, token for token", "same");
    else fateOf("guarded", outcome(guarded), "changed");
    at("readout").textContent = "Point at a token, or use the arrow keys here, to read its figures.";
    showRecords([
      ["input check", this.#verdict.record_id],
      ["guarded answer", guarded.record_id],
      ["unguarded answer", unguarded.record_id],
    ]);
    status(summary(guarded, this.#end.is_unchanged));
  }
}

function outcome(data) {
  const kind = data.is_refusal ? "refusal" : data.finish_reason === "length" ? "cut at its length" : "answer";
  return `${kind}, ${count(data.num_tokens, "token")}`;
}

function fateOf(side, text, className = "") {
  at(`${side}-fate`).textContent = text;
  at(`${side}-fate`).className = `fate ${className}`.trim();
}

function showVerdict(verdict) {
  const isJudged = verdict.evaluation === "evaluated" || verdict.evaluation === "skipped";
  at("check").textContent = isJudged ? verdict.action : "not judged";
  at("check").className = isJudged && !verdict.flagged ? "passed" : "flagged";
  const named = verdict.categories.slice(0, SHOWN_CATEGORIES).map((name) => name.replaceAll("_", " "));
  const numMore = verdict.categories.length - named.length;
  at("check-why").textContent = named.join(", ") + (numMore ? ` and ${numMore} more` : "");
}

function showFigures(data) {
  at("spikes").textContent = data.num_spikes;
  at("num-tokens").textContent = `in ${count(data.num_tokens, "token")}`;
  at("overrides").textContent = data.num_overrides;
  at("peak").textContent = data.peak_potential.toFixed(2);
}

function summary(guarded, isUnchanged) {
  const change = isUnchanged
    ? "Both answers are the same, token for token."
    : `The guard changed the answer: ${count(guarded.num_spikes, "spike")}, ${count(guarded.num_overrides, "token")} overridden.`;
  const peak = `Peak potential ${guarded.peak_potential.toFixed(2)}, threshold ${drawnThreshold.toFixed(2)}.`;
  return `${change} Input check: ${at("check").textContent}. ${peak}`;
}

function count(number, word) {
  return `${number} ${word}${number === 1 ? "" : "s"}`;
}

function status(text) {
  at("status").textContent = text;
}

function showRecords(records) {
  const made = records.filter(([, id]) => id);
  if (!settings.is_recorded) {
    at("records").replaceChildren("No audit log. Start the server with ", make("code", "", "--audit PATH"), " to keep one.");
    return;
  }
  const parts = ["Audit records: "];
  for (const [name, id] of made) {
    const button = make("button", "link", name);
    button.type = "button";
    button.addEventListener("click", () => showRecord(name, id));
    parts.push(button, " ");
  }
  at("records").replaceChildren(...(made.length ? parts : ["Each answer and each check gets an audit record."]));
}

async function showRecord(name, id) {
  try {
    const record = await server.record(id);
    at("record-title").textContent = `Audit record: ${name}`;
    at("record-json").textContent = JSON.stringify(record, null, 2);
    at("record").showModal();
  } catch (error) {
    at("problem").textContent = error.message;
  }
}

function onSelect(index, description) {
  columns.guarded.select(index);
  if (description) {
    at("readout").textContent = description;
    at("plot").setAttribute("aria-valuetext", description);
  } else if (hasAnswer) {
    at("readout").textContent = "Point at a token, or use the arrow keys here, to read its figures.";
  }
}

at("guarded").addEventListener("pointerover", (event) => {
  const token = event.target.closest(".token");
  plot.select(token ? Number(token.dataset.index) : null);
});
at("guarded").addEventListener("pointerleave", () => plot.select(null));
