// The membrane potential of the guarded answer, drawn as its tokens arrive.

const NAMESPACE = "http://www.w3.org/2000/svg";
const LEFT = 42, RIGHT = 10, TOP = 30, LABELS = 64;
const WIDEST = 46; // of a token's column, in pixels
const LABEL_STEP = 12; // least distance between two labels, in pixels
const LONGEST_LABEL = 11;

export class PotentialPlot {
  #tokens = [];
  #selected = null;
  #initial = 0;
  #proposed = null;
  #isLive = false;
  #frame = null;

  constructor(element, onSelect) {
    this.element = element;
    this.svg = element.querySelector("svg");
    this.layer = this.svg.appendChild(document.createElementNS(NAMESPACE, "g"));
    this.onSelect = onSelect;
    this.threshold = 1;
    this.bias = 0;
    new ResizeObserver(() => this.#redraw()).observe(element);
    element.addEventListener("pointermove", (event) => this.select(this.#indexAt(event)));
    element.addEventListener("pointerdown", (event) => this.select(this.#indexAt(event)));
    element.addEventListener("pointerleave", () => this.select(null));
    element.addEventListener("keydown", (event) => this.#onKey(event));
  }

  configure({ threshold, bias }) {
    this.threshold = threshold;
    this.bias = bias;
    this.#redraw();
  }

  start() {
    this.#tokens = [];
    this.#initial = 0;
    this.#isLive = true;
    this.select(null);
    this.#redraw();
  }

  rate({ initial_potential: initial, v_threshold: threshold }) {
    this.#initial = initial ?? 0;
    this.threshold = threshold;
    this.#redraw();
  }

  add(token) {
    this.#tokens.push(token);
    this.element.setAttribute("aria-valuemax", String(this.#tokens.length - 1));
    this.#redraw();
  }

  finish() {
    this.#isLive = false;
    this.#redraw();
  }

  // Shows the threshold of the next request; null where it is the one that is drawn.
  propose(threshold) {
    this.#proposed = threshold;
    this.#redraw();
  }

  select(index) {
    if (index === this.#selected) return;
    this.#selected = index;
    const token = index === null ? null : this.#tokens[index];
    if (index !== null) this.element.setAttribute("aria-valuenow", String(index));
    this.onSelect(index, token ? this.describe(token) : null);
    this.#redraw();
  }

  describe(token) {
    const text = `Token ${token.index + 1} of ${this.#tokens.length}, ${named(token)}`;
    const figures = `current ${token.current.toFixed(2)}, potential ${token.charged_potential.toFixed(2)}`;
    return `${text}: ${figures}, ${fate(token)}.`;
  }

  #onKey(event) {
    const last = this.#tokens.length - 1;
    if (last < 0) return;
    const at = this.#selected ?? -1;
    const spikes = this.#tokens.filter((token) => token.gate !== "silent").map((token) => token.index);
    const targets = {
      ArrowRight: Math.min(at + 1, last),
      ArrowUp: Math.min(at + 1, last),
      ArrowLeft: Math.max(at - 1, 0),
      ArrowDown: Math.max(at - 1, 0),
      Home: 0,
      End: last,
      PageDown: spikes.find((index) => index > at) ?? Math.max(at, 0),
      PageUp: spikes.findLast((index) => index < at) ?? Math.max(at, 0),
      Escape: null,
    };
    if (!(event.key in targets)) return;
    event.preventDefault();
    this.select(targets[event.key]);
  }

  #indexAt(event) {
    const { left, column } = this.#axis();
    const x = event.clientX - this.svg.getBoundingClientRect().left;
    const index = Math.floor((x - left) / column);
    return index >= 0 && index < this.#tokens.length ? index : null;
  }

  #axis() {
    const width = this.element.clientWidth - LEFT - RIGHT;
    const capacity = Math.max(this.#tokens.length, Math.ceil(width / WIDEST));
    return { left: LEFT, width, column: width / capacity };
  }

  #redraw() {
    this.#frame ??= requestAnimationFrame(() => {
      this.#frame = null;
      this.#draw();
    });
  }

  #draw() {
    const width = this.element.clientWidth, height = this.element.clientHeight;
    if (!width) return; // not shown yet
    const bottom = height - LABELS, right = width - RIGHT;
    const { column } = this.#axis();
    const tokens = this.#tokens;
    const shown = [this.threshold, this.#proposed ?? 0].map((value) => 1.25 * value);
    const highest = Math.max(...shown, ...tokens.map((token) => token.charged_potential));
    const x = (index) => LEFT + (index + 0.5) * column;
    const y = (value) => bottom - (Math.min(Math.max(value, 0), highest) / highest) * (bottom - TOP);
    const drawn = [];
    const add = (name, className, attributes, text) =>
      drawn.push(element(name, { class: className, ...attributes }, text));

    this.svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    const line = y(this.threshold);
    add("rect", "zone", { x: LEFT, y: TOP - 16, width: right - LEFT, height: Math.max(0, line - TOP + 16) });
    add("path", "baseline", { d: `M${LEFT} ${bottom}H${right}` });
    add("text", "scale", { x: LEFT - 8, y: bottom + 4, "text-anchor": "end" }, "0");

    const bar = Math.min(10, Math.max(1, 0.5 * column));
    for (const token of tokens) {
      const left = x(token.index) - bar / 2, floor = Math.min(token.current, this.bias);
      const part = (name, low, high) => {
        const size = y(low) - y(high);
        if (size > 0.1) add("rect", name, { x: left, y: y(high), width: bar, height: size });
      };
      part("current", 0, floor);
      part("drive", floor, token.current);
    }

    if (this.#proposed !== null) {
      const at = y(this.#proposed);
      add("path", "proposed", { d: `M${LEFT} ${at}H${right}` });
      add("text", "scale proposed-label", { x: right - 72, y: at - 6, "text-anchor": "end" }, `next request ${this.#proposed.toFixed(2)}`);
    }
    add("path", "threshold", { d: `M${LEFT} ${line}H${right}` });
    add("text", "scale at-threshold", { x: LEFT - 8, y: line + 4, "text-anchor": "end" }, this.threshold.toFixed(2));
    add("text", "scale at-threshold", { x: right - 4, y: line - 6, "text-anchor": "end" }, "threshold");

    if (tokens.length) {
      const points = [[LEFT, y(this.#initial)]];
      for (const token of tokens) {
        points.push([x(token.index), y(token.charged_potential)]);
        if (token.gate !== "silent") points.push([x(token.index), y(token.membrane_potential)]);
      }
      const path = points.map(([px, py]) => `${px.toFixed(1)} ${py.toFixed(1)}`).join("L");
      const [end, head] = points[points.length - 1];
      add("path", "area", { d: `M${LEFT} ${bottom}L${path}L${end.toFixed(1)} ${bottom}Z` });
      add("path", column < 8 ? "trace fine" : "trace", { d: `M${path}` });
      if (this.#isLive) add("circle", "head", { cx: end, cy: head, r: 4 });
    }
    if (this.#selected !== null && tokens[this.#selected]) {
      add("path", "cursor", { d: `M${x(this.#selected)} ${TOP - 16}V${bottom}` });
    }
    const radius = column < 8 ? 2.2 : 4;
    for (const token of tokens.filter(({ gate }) => gate !== "silent")) {
      const at = x(token.index), peak = y(token.charged_potential);
      const kind = token.gate === "spike" ? "peak hollow" : "peak";
      add("path", "spike", { d: `M${at} ${peak - radius}V${Math.min(TOP - 14, peak - radius)}` });
      add("circle", kind, { cx: at, cy: peak, r: token.gate === "spike" ? radius - 0.6 : radius });
    }
    this.#label(add, x, bottom, column);
    this.layer.replaceChildren(...drawn);
  }

  #label(add, x, bottom, column) {
    const tokens = this.#tokens;
    const every = Math.ceil(LABEL_STEP / column);
    const chosen = new Set(tokens.filter(({ gate }) => gate === "overridden").map(({ index }) => index));
    if (this.#selected !== null) chosen.add(this.#selected);
    const isFree = (index) => [...chosen].every((other) => Math.abs(other - index) * column >= LABEL_STEP);
    for (let index = 0; index < tokens.length; index += every) if (isFree(index)) chosen.add(index);
    let last = -Infinity;
    for (const index of [...chosen].sort((a, b) => a - b)) {
      if ((index - last) * column < LABEL_STEP - 0.5 && index !== this.#selected) continue;
      last = index;
      const token = tokens[index];
      if (!token) continue;
      const at = x(index);
      const classes = ["label", token.gate, index === this.#selected ? "chosen" : ""].join(" ").trim();
      const transform = `translate(${(at + 4).toFixed(1)} ${bottom + 13}) rotate(-45)`;
      add("text", classes, { "text-anchor": "end", transform }, labelOf(token));
    }
  }
}

function element(name, attributes, text) {
  const made = document.createElementNS(NAMESPACE, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  if (text !== undefined) made.textContent = text;
  return made;
}

function labelOf(token) {
  const text = token.is_end ? "end" : token.text.trim().replace(/\s+/g, " ") || "␣";
  return text.length > LONGEST_LABEL ? `${text.slice(0, LONGEST_LABEL - 1)}…` : text;
}

function named(token) {
  return token.is_end ? "the end" : `“${token.text.trim() || "space"}”`;
}

function fate(token) {
  const again = token.is_regenerated ? ", in a sentence written again" : "";
  if (token.gate === "overridden") return `overridden; the base wanted “${(token.base_text ?? "").trim() || "space"}”${again}`;
  return `${token.gate === "spike" ? "spike, the same token" : "silent"}${again}`;
}
