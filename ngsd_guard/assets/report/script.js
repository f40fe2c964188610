"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const { stats, verification } = data;
  const { requests, verdicts } = stats;
  const PAGE = 50;
  const main = document.getElementById("main");

  // ---- text: nothing from the log is ever read as markup

  const visible = (text) => String(text).replace(
    /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/gu,
    (c) => `⟨${c.codePointAt(0).toString(16).padStart(4, "0")}⟩`);
  const brief = (text) => (text.length > 60 ? `${text.slice(0, 60)}…` : text);
  const count = (number) => number.toLocaleString("en-GB");
  const many = (number, noun) => `${count(number)} ${noun}${number === 1 ? "" : "s"}`;
  const share = (part, whole, noun) => {
    if (!whole) return `no ${noun}`;
    if (!part) return `0 % of ${noun}`;
    const percent = (100 * part) / whole;
    return `${percent > 0 && percent < 0.1 ? "< 0.1" : percent.toFixed(percent < 10 ? 1 : 0)} % of ${noun}`;
  };
  const decimal = (value, digits = 2) => (value == null ? "–" : value.toFixed(digits));
  const duration = (s) => {
    if (s == null) return "–";
    if (s < 0.001) return `${(1e6 * s).toFixed(0)} µs`;
    if (s < 1) return `${+(1e3 * s).toPrecision(3)} ms`;
    return s < 120 ? `${+s.toPrecision(3)} s` : `${(s / 60).toFixed(0)} min`;
  };
  const clock = (time) => (time ? visible(time.slice(0, 19).replace("T", " ")) : "unknown");
  const short = (digest) => (digest ? visible(digest.slice(0, 12)) + "…" : "–");

  // ---- elements

  const fill = (node, attributes, children) => {
    for (const [name, value] of Object.entries(attributes || {})) {
      if (value == null || value === false) continue;
      if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
      else node.setAttribute(name, value === true ? "" : value);
    }
    node.append(...children.flat(Infinity).filter((child) => child != null && child !== false));
    return node;
  };
  const el = (tag, attributes, ...children) =>
    fill(document.createElement(tag), attributes, children);
  const svg = (tag, attributes, ...children) =>
    fill(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);
  const bdi = (text) => el("bdi", {}, visible(text));
  const mono = (text) => el("bdi", { class: "mono" }, visible(text));
  const card = (title, about, ...children) =>
    main.appendChild(el("section", { class: "card" }, el("h2", {}, title),
      about && el("p", { class: "faint" }, about), ...children));
  const table = (caption, heads, rows, className) =>
    el("table", { class: className },
      caption && el("caption", {}, caption),
      el("thead", {}, el("tr", {}, heads.map((head) =>
        el("th", { scope: "col", class: head.n ? "n" : null }, head.n || head)))),
      el("tbody", {}, rows.map((cells) => el("tr", {}, cells.map((cell, i) =>
        el(i ? "td" : "th", { scope: i ? null : "row", class: heads[i].n ? "n" : null }, cell))))));

  // ---- charts: drawn anew when their width changes

  const drawings = new Map();
  const observer = new ResizeObserver((entries) => requestAnimationFrame(() => {
    for (const { target } of entries) {
      const drawing = drawings.get(target);
      const width = Math.floor(target.clientWidth);
      if (!drawing || !width || width === drawing.width) continue;
      drawing.width = width;
      target.replaceChildren(drawing.draw(width));
    }
  }));
  const chart = (draw) => {
    const holder = el("div", {});
    drawings.set(holder, { draw, width: 0 });
    observer.observe(holder);
    return holder;
  };
  const picture = (width, height, label, ...children) =>
    svg("svg", { viewBox: `0 0 ${width} ${height}`, height, role: "img", "aria-label": label },
      ...children);
  const niceTop = (value) => {
    const size = 10 ** Math.floor(Math.log10(Math.max(1, value)));
    return [1, 2, 4, 6, 8, 10].map((n) => n * size).find((top) => top >= value) || 10 * size;
  };
  const key = (className, text) =>
    el("li", {}, svg("svg", { viewBox: "0 0 16 12", "aria-hidden": "true" },
      svg("rect", { class: className, x: 2, y: 1, width: 11, height: 11, rx: 2 })), text);

  /** Bars of two parts; `bins` are {label, about, all, marked}, labels are under their left end. */
  const barChart = ({ label, bins, names, limitAt, limitName, endLabel }) => {
    const top = niceTop(Math.max(...bins.map((bin) => bin.all)));
    const draw = (width) => {
      const height = 168, left = 8 + 6.6 * count(top).length, right = width - 6;
      const high = 18, low = 140, step = (right - left) / bins.length;
      const y = (value) => low - (value / top) * (low - high);
      const labelled = bins.map((bin, i) => [bin.label, left + i * step]);
      if (endLabel) labelled.push([endLabel, right]);
      let free = -Infinity;
      const labels = labelled.filter(([text, x]) => {
        const size = 6.4 * text.length, from = endLabel ? x - size / 2 : x;
        if (!text || from < free || (!endLabel && from + size > width + 2)) return false;
        free = from + size + 14;
        return true;
      });
      const anchor = endLabel ? "middle" : "start";
      return picture(width, height, label,
        (top === 1 ? [0, 1] : [0, 0.5, 1]).map((part) => [
          svg("path", { class: part ? "grid" : "axis", d: `M${left} ${y(part * top)}H${right}` }),
          svg("text", { x: left - 6, y: y(part * top) + 4, "text-anchor": "end" },
            count(part * top)),
        ]),
        bins.map((bin, i) => {
          const gap = Math.min(2, step * 0.2), thick = endLabel ? step - gap : Math.min(step - gap, 44);
          const x = left + i * step + (endLabel ? (step - thick) / 2 : 0);
          const part = (className, from, to) => to > from && svg("rect", {
            class: className, x, width: thick, rx: Math.min(2, thick / 4),
            y: Math.min(y(to), y(from) - 1.5), height: Math.max(1.5, y(from) - y(to)),
          });
          return [part("warm-fill", 0, bin.marked), part("quiet", bin.marked, bin.all),
            svg("rect", { class: "hit", x: left + i * step, y: high, width: step,
              height: low - high }, svg("title", {}, bin.about))];
        }),
        limitAt != null && [
          svg("path", { class: "limit", d: `M${left + limitAt * step} ${high - 4}V${low}` }),
          svg("text", { class: "limit-text", x: left + limitAt * step + 5, y: high + 4 },
            limitName),
        ],
        labels.map(([text, x]) => svg("text", { x, y: low + 18, "text-anchor": anchor }, text)));
    };
    const used = bins.filter((bin) => bin.all);
    return el("div", {},
      names[0] && el("ul", { class: "legend" },
        key("warm-fill", names[0]), key("quiet", names[1])),
      chart(draw),
      el("details", { class: "numbers" }, el("summary", {}, "Numbers"),
        el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": `${label}: numbers` },
          table(null, names[0] ? [names[2], { n: "all" }, { n: names[0] }]
            : [names[2], { n: "all" }],
          used.map((bin) => [bin.range, count(bin.all), count(bin.marked)]
            .slice(0, names[0] ? 3 : 2))))));
  };

  const histogram = (title, spread, names, options) => {
    const { edges, counts, num_marked: marked } = spread;
    if (!counts.some(Boolean)) return null;
    const show = options.show || ((edge) => String(+edge.toFixed(2)));
    const bins = counts.map((all, i) => {
      const isLast = i === counts.length - 1 && options.isOpen;
      const range = isLast ? `${show(edges[i])} or more` : `${show(edges[i])} to ${show(edges[i + 1])}`;
      return { all, marked: marked[i], range, label: show(edges[i]),
        about: `${range}: ${count(all)}${names[0] ? `, of these ${count(marked[i])} ${names[0]}` : ""}` };
    });
    const total = counts.reduce((sum, n) => sum + n, 0);
    return el("div", {}, el("h3", {}, title), barChart({
      label: `${title}: ${many(total, "value")}`, bins, names: [...names, options.unit],
      endLabel: show(edges[edges.length - 1]) + (options.isOpen ? "+" : ""),
      limitAt: options.limitAt, limitName: options.limitName }));
  };

  // ---- the seal

  const SEALS = {
    vouched: ["Intact, and signed throughout", "M20 6L9 17l-5-5",
      "Every record and signature, the index and the end of every chain are as the holder of the key wrote them."],
    unchecked: ["Intact; signatures were not checked", "M12 8v5m0 4v.01",
      "The hashes fit. The log is signed, but no public key was given: make the report with --public-key."],
    unsigned: ["Intact; not signed", "M12 8v5m0 4v.01",
      "The hashes fit."],
    broken: ["Not intact", "M6 6l12 12M18 6L6 18",
      "The log is not what was written. What follows was read from it as it is."],
  };
  const seal = () => {
    const [title, path, about] = SEALS[verification.state];
    const chains = verification.chains;
    const signatures = { none: "not signed", valid: "valid", unchecked: "not checked" };
    main.append(el("section", { class: `card seal ${verification.state}` },
      svg("svg", { class: "mark", viewBox: "0 0 24 24", fill: "none", stroke: "currentColor",
        "stroke-width": 2.4, "stroke-linecap": "round", "stroke-linejoin": "round",
        "aria-hidden": "true" },
      svg("circle", { cx: 12, cy: 12, r: 11, "stroke-width": 1.6 }),
      svg("path", { d: path, transform: "translate(3.6 3.6) scale(.7)" })),
      el("h2", {}, title),
      el("p", {}, `${many(verification.num_records, "record")} verified in ${many(chains.length, "chain")}. ${about}`,
        verification.key_id && [" Key ", mono(verification.key_id), "."]),
      el("div", { class: "more" },
        chains.filter((chain) => chain.problem).map((chain) =>
          el("p", { class: "problem" }, bdi(chain.problem))),
        verification.log_problems.map((problem) => el("p", { class: "problem" }, bdi(problem))),
        el("p", {}, bdi(verification.limits)),
        stats.num_unreadable > 0 && el("p", { class: "problem" },
          `${many(stats.num_unreadable, "line")} could not be read as a record and is left out of all figures.`),
        el("details", { open: chains.length < 3 }, el("summary", {}, "Chains"),
          el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Chains" },
            table(null, ["File", { n: "Records" }, "Signatures", "End", "Notes"], chains.map((chain) => [
              bdi(chain.log), count(chain.num_records), signatures[chain.signatures],
              chain.is_closed ? "closed in order" : "open",
              bdi(chain.notes.join("; ") || "–"),
            ])))))));
  };

  // ---- figures

  const tiles = () => {
    const events = stats.by_kind;
    const sum = (counts) => Object.values(counts).reduce((total, n) => total + n, 0);
    const faults = (requests.by_status.failed || 0) + (verdicts.by_evaluation.error || 0)
      + (verdicts.by_evaluation.timeout || 0) + (events.error || 0);
    const list = [
      ["Requests", requests.num_requests, `${count(requests.num_tokens_released)} tokens released`],
      ["With intervention", requests.num_intervened,
        share(requests.num_intervened, requests.num_requests, "requests"), "warm"],
      ["Tokens overridden", requests.num_tokens_overridden,
        share(requests.num_tokens_overridden, requests.num_tokens_released, "tokens"), "warm"],
      ["Verdicts", verdicts.num_verdicts,
        verdicts.num_shadow ? `${count(verdicts.num_shadow)} in shadow mode` : "by the guard"],
      ["Flagged", verdicts.num_flagged,
        share(verdicts.num_flagged, verdicts.num_verdicts, "verdicts"), "warm"],
      ["Faults", faults, "failed, not judged, errors", "fault"],
      ["Gaps", events.gap || 0, stats.num_records_lost
        ? `${many(stats.num_records_lost, "record")} known lost` : "in the log", "fault"],
      ["Human overrides", sum(stats.by_override),
        Object.entries(stats.by_override).map(([name, n]) => `${count(n)} ${visible(name)}`).join(", ")
        || "decided otherwise"],
    ];
    main.append(el("dl", { class: "tiles" }, list.map(([name, number, about, tone]) =>
      el("div", { class: `tile ${number ? tone || "" : ""}` }, el("dt", {}, name),
        el("dd", { class: "number" }, count(number)), el("dd", { class: "faint" }, about)))));
  };

  const UNITS = [[604800, "week"], [86400, "day"], [3600, "hour"], [60, "minute"], [1, "second"]];
  const unit = (() => {
    const [size, name] = UNITS.find(([size]) => stats.bucket_s % size === 0);
    return stats.bucket_s === size ? name : many(stats.bucket_s / size, name);
  })();
  const timeline = () => {
    const buckets = stats.timeline;
    if (!buckets.length) return;
    const days = stats.bucket_s >= 86400, oneDay = new Set(buckets.map((b) => b.start_utc.slice(0, 10))).size === 1;
    const stamp = (time) => (days ? time.slice(0, 10)
      : oneDay ? time.slice(11, stats.bucket_s < 60 ? 19 : 16) : time.slice(5, 16).replace("T", " "));
    const over = (title, all, marked, names) => buckets.some((b) => b[all]) && el("div", {},
      el("h3", {}, title), barChart({
        label: `${title} per ${unit}, from ${clock(buckets[0].start_utc)} on`,
        names: [...names, "From (UTC)"],
        bins: buckets.map((b) => ({
          label: stamp(b.start_utc), range: clock(b.start_utc), all: b[all], marked: b[marked],
          about: `${clock(b.start_utc)} UTC: ${count(b[all])}, of these ${count(b[marked])} ${names[0]}` +
            (b.num_faults ? `; ${many(b.num_faults, "fault")}` : "") })),
      }));
    card("Over time", `Per ${unit}, in UTC.`, el("div", { class: "columns" },
      over("Requests", "num_requests", "num_intervened", ["with intervention", "left alone"]),
      over("Verdicts", "num_verdicts", "num_flagged", ["flagged", "clean"])));
  };

  const bar = (parts, whole, label) => el("span", { class: "bar", role: "img", "aria-label": label },
    parts.filter(([, n]) => n).map(([className, n]) => {
      const part = el("i", { class: className });
      part.style.width = `max(2px, ${(100 * n) / whole}%)`;
      return part;
    }));
  const findings = () => {
    if (!verdicts.num_verdicts) return;
    const most = Math.max(...verdicts.stages.map((stage) => stage.num_verdicts));
    const found = verdicts.categories.filter((c) => c.num_flagged || c.num_shadow);
    const top = Math.max(1, ...found.map((c) => c.num_flagged + c.num_shadow));
    const actions = (counts) => Object.entries(counts).map(([name, n]) => `${count(n)} ${name}`).join(", ");
    card("What the guard found", "Verdicts by the stage the text came from, and by the policy's categories.",
      el("div", { class: "columns" },
        el("div", {}, table("By stage", ["Stage", "Flagged and clean", { n: "Flagged" }, { n: "All" }],
          verdicts.stages.map((stage) => [visible(stage.stage),
            [bar([["fill-warm", stage.num_flagged], ["fill-quiet", stage.num_verdicts - stage.num_flagged]],
              most, `${count(stage.num_flagged)} flagged of ${count(stage.num_verdicts)}`),
            el("span", { class: "faint" }, actions(stage.by_action))],
            count(stage.num_flagged), count(stage.num_verdicts)]), "bars")),
        el("div", {}, found.length
          ? table("By category", ["Category", "Flagged; striped: in shadow", { n: "Flagged" }, { n: "Shadow" }],
            found.slice(0, 25).map((c) => [bdi(brief(c.name)),
              bar([["fill-warm", c.num_flagged], ["fill-shadow", c.num_shadow]], top,
                `${count(c.num_flagged)} flagged, ${count(c.num_shadow)} in shadow`),
              count(c.num_flagged), count(c.num_shadow)]), "bars")
          : el("p", { class: "faint" }, "No category reached its threshold."),
        found.length > 25 && el("p", { class: "faint" }, `and ${many(found.length - 25, "more category").replace("categorys", "categories")}`))));
  };

  const spreads = () => {
    const gate = ["with intervention", "left alone"], guard = ["flagged", "clean"];
    const peak = { unit: "Share of the threshold", isOpen: true, limitAt: 10, limitName: "threshold" };
    const rating = { unit: "Risk" };
    const panels = [
      histogram("Risk of requests, 0 to 10", stats.request_risk, gate, rating),
      histogram("Peak potential of requests, as a share of the threshold", stats.request_potential, gate, peak),
      histogram("Risk of judged texts, 0 to 10", stats.verdict_risk, guard, rating),
      histogram("Peak potential of judged texts, as a share of the threshold", stats.verdict_potential, guard, peak),
    ].filter(Boolean);
    if (panels.length) {
      card("Risk and potential", "How dangerous the base itself rated the texts, and how near the gate came to firing.",
        el("div", { class: "columns" }, panels));
    }
  };

  const LATENCIES = { total_s: "Request, whole", time_to_first_token_s: "Request, first token",
    reflection_s: "Request, reflection", guard_latency_s: "Guard, one verdict" };
  const latency = () => {
    const known = Object.entries(stats.latency).filter(([, spread]) => spread.num_values);
    if (!known.length) return;
    card("Latency", "Percentiles to 3 %; the bins of the pictures grow by the same factor.",
      table(null, ["", { n: "p50" }, { n: "p95" }, { n: "Longest" }, { n: "Number" }],
        known.map(([name, spread]) => [LATENCIES[name], duration(spread.p50_s), duration(spread.p95_s),
          duration(spread.max_s), count(spread.num_values)])),
      el("div", { class: "columns apart" }, known.filter(([name]) => name === "total_s" || name === "guard_latency_s")
        .map(([name, spread]) => histogram(LATENCIES[name], spread.histogram, [null, null],
          { unit: "Time", show: duration }))));
  };

  const endings = () => {
    const list = (title, counts) => Object.keys(counts).length > 0 && el("div", {}, table(title, ["", { n: "Number" }],
      Object.entries(counts).map(([name, n]) => [bdi(name), count(n)])));
    const lists = [
      list("Requests by status", requests.by_status),
      list("Requests by evaluation", requests.by_evaluation),
      list("Answers by end", requests.by_finish_reason),
      list("Requests that failed, by error", requests.by_error_type),
      list("Verdicts by evaluation", verdicts.by_evaluation),
      list("Verdicts by action", verdicts.by_action),
      list("Texts that were not judged, by error", verdicts.by_error_type),
      list("Other errors", stats.by_error), list("Gaps by reason", stats.by_gap),
    ].filter(Boolean);
    if (lists.length) {
      card("How it ended", "A text that could not be judged is kept apart from one that was found clean.",
        el("div", { class: "columns narrow" }, lists));
    }
  };

  const identities = () => {
    if (!stats.identities.length) return;
    card("What it was judged by", "Models, options, calibrations and policies that the records name, with SHA-256 digests.",
      el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Models and policies" },
        table(null, ["", "Name", "Digest", { n: "Records" }], stats.identities.map((item) => [
          item.subject, bdi(item.name), item.digest ? mono(item.digest) : "–", count(item.num_records)]))));
  };

  // ---- one request

  const traceChart = (trace) => {
    const values = trace.potential.map((value) => (value == null ? Infinity : value));
    const finite = values.filter(Number.isFinite);
    const top = Math.max(1.25 * trace.threshold, ...finite), bottom = Math.min(0, ...finite);
    const last = Math.max(1, trace.num_tokens - 1);
    const spikes = new Set(trace.spikes), changed = new Set(trace.overridden);
    const about = `Membrane potential along ${many(trace.num_tokens, "token")}; the gate fires at ${+trace.threshold.toFixed(3)} and did so at ${many(spikes.size, "token")}; ${many(changed.size, "token")} overridden.`;
    const draw = (width) => {
      const height = 190, left = 44, right = width - 10, high = 16, low = 150;
      const x = (index) => left + 8 + (index / last) * (right - left - 16);
      const y = (value) => low - ((Math.min(value, top) - bottom) / (top - bottom)) * (low - high);
      const points = trace.index.map((index, i) => `${x(index).toFixed(1)} ${y(values[i]).toFixed(1)}`);
      const ground = y(0), limit = y(trace.threshold);
      const step = (right - left) / trace.index.length, thick = Math.max(0.8, Math.min(9, step / 2));
      return picture(width, height, about,
        svg("rect", { class: "zone", x: left, y: high - 10, width: right - left, height: limit - high + 10 }),
        svg("path", { class: "axis", d: `M${left} ${ground}H${right}` }),
        svg("path", { class: "limit", d: `M${left} ${limit}H${right}` }),
        svg("text", { class: "limit-text", x: left - 6, y: limit + 4, "text-anchor": "end" }, decimal(trace.threshold)),
        svg("text", { x: left - 6, y: ground + 4, "text-anchor": "end" }, "0"),
        trace.current.map((value, i) => value > 0 && svg("rect", { class: "current",
          x: x(trace.index[i]) - thick / 2, width: thick, y: y(value), height: ground - y(value) })),
        points.length > 1 && [
          svg("path", { class: "area", d: `M${x(trace.index[0])} ${ground}L${points.join("L")}L${x(trace.index.at(-1))} ${ground}Z` }),
          svg("path", { class: "trace", d: `M${points.join("L")}` })],
        points.length === 1 && svg("circle", { class: "peak", cx: x(0), cy: y(values[0]), r: 3 }),
        trace.index.map((index, i) => spikes.has(index) && [
          svg("path", { class: "spike", d: `M${x(index)} ${y(values[i])}V${high - 6}` }),
          svg("circle", { class: "peak", cx: x(index), cy: y(values[i]), r: step < 7 ? 2 : 3.3 })]),
        trace.index.map((index) => changed.has(index) && svg("path", { class: "changed",
          d: `M${x(index)} ${low + 6}l4.5 8h-9z` })),
        trace.index.map((index, i) => svg("rect", { class: "hit", x: x(index) - step / 2, y: high - 10,
          width: step, height: low - high + 10 }, svg("title", {},
          `token ${index}: potential ${trace.potential[i] == null ? "not finite" : decimal(values[i])}` +
          (trace.current[i] == null ? "" : `, current ${decimal(trace.current[i])}`) +
          (spikes.has(index) ? ", spike" : "") + (changed.has(index) ? ", overridden" : "")))),
        svg("text", { x: left + 8, y: height - 8 }, "token 0"),
        svg("text", { x: right, y: height - 8, "text-anchor": "end" }, `${trace.num_tokens - 1}`));
    };
    const mark = (...shapes) => svg("svg", { viewBox: "0 0 16 12", "aria-hidden": "true" }, shapes);
    return el("figure", {},
      el("ul", { class: "legend" },
        el("li", {}, mark(svg("path", { class: "trace", d: "M0 10L9 2V10L16 7" })), "potential"),
        trace.current.length > 0 && el("li", {}, mark(svg("rect", { class: "current", x: 4, y: 2, width: 7, height: 10 })), "input current"),
        el("li", {}, mark(svg("path", { class: "limit", d: "M0 6H16" })), "threshold"),
        el("li", {}, mark(svg("path", { class: "spike", d: "M8 1V7" }), svg("circle", { class: "peak", cx: 8, cy: 8, r: 3.2 })), "spike"),
        el("li", {}, mark(svg("path", { class: "changed", d: "M8 2l4.5 8h-9z" })), "overridden token")),
      chart(draw),
      trace.num_tokens > trace.index.length && el("p", { class: "faint" },
        `Of ${count(trace.num_tokens)} tokens the highest of each stretch is drawn.`));
  };

  const overridesOf = new Map();
  for (const event of data.events) {
    if (event.kind === "override") overridesOf.set(event.event_id, [...(overridesOf.get(event.event_id) || []), event]);
  }
  const indices = (list, number) => (number
    ? `at ${list.slice(0, 24).join(", ")}${number > 24 ? ` and ${count(number - 24)} more` : ""}` : "none");
  const facts = (pairs) => el("dl", { class: "facts" }, pairs.filter(([, value]) => value != null && value !== "").map(
    ([name, value, isWide]) => el("div", { class: isWide ? "wide" : null }, el("dt", {}, name), el("dd", {}, value))));
  const ownFacts = (row) => {
    if (row.stage !== "request") {
      return [["source", row.source == null ? null : bdi(row.source)],
        ["risk", row.risk == null ? null : `${decimal(row.risk, 1)} of 10` + (row.risk_threshold == null ? "" : `; flagged from ${row.risk_threshold}`)],
        ["injection", row.injection == null ? null : `${decimal(row.injection, 1)} of 10`],
        ["potential", row.peak == null ? null : `at most ${decimal(row.peak)}` + (row.threshold == null ? "" : `; flagged from ${decimal(row.threshold)}`)],
        ["spikes", row.num_spikes ? indices(row.spikes, row.num_spikes) : null],
        ["parts shown", row.num_spans ? count(row.num_spans) : null],
        ["allow rules", row.num_exemptions ? `${many(row.num_exemptions, "match")} cut out first`.replace("matchs", "matches") : null],
        ["policy", [bdi(row.policy), " ", mono(short(row.policy_digest))]]];
    }
    const s = row.scores, t = row.timing;
    return [
      ["risk", s && `${decimal(s.risk, 1)} of 10; severity ${decimal(s.severity, 1)}, actionability ${decimal(s.actionability, 1)}, evasion ${decimal(s.evasion, 1)}, targeting ${decimal(s.targeting, 1)}`],
      ["potential", row.initial == null ? null : `from ${decimal(row.initial)} to at most ${decimal(row.peak)}; fires at ${decimal(row.threshold)}`],
      ["spikes", indices(row.spikes, row.num_spikes)],
      ["overridden", indices(row.overridden, row.num_overridden)],
      ["answer", `${many(row.num_tokens, "token")}${row.finish_reason ? `, ended by ${row.finish_reason}` : ""}`],
      ["time", t && `${duration(t.total_s)}: reflection ${duration(t.reflection_s)}, prefill ${duration(t.prefill_s)}, first token after ${duration(t.time_to_first_token_s)}`],
      ["decoding", Object.entries(row.decoding).map(([name, value]) => `${name} ${value}`).join(", ")],
    ];
  };
  const detail = (row) => el("div", { class: "inside" },
    row.error_type && el("p", { class: "note" }, el("strong", {}, bdi(row.error_type)), row.error_message && [": ", bdi(row.error_message)]),
    (overridesOf.get(row.id) || []).map((event) => el("p", { class: "note" },
      `A human decided otherwise: ${event.decision}, by `, bdi(event.reviewer),
      event.reason_code && [" (", bdi(event.reason_code), ")"], `, ${clock(event.time)} UTC`)),
    row.trace && row.trace !== "left out" && traceChart(row.trace),
    row.stage === "request" && row.trace == null && el("p", { class: "note" },
      "The gate was not recorded token by token. AuditLog(…, trace_rate=1.0) does that for every request."),
    row.trace === "left out" && el("p", { class: "note" }, "There is no room on this page for its trace: see ngsd-guard audit show."),
    row.categories && row.categories.length > 0 && table("Categories that scored highest", ["Category", { n: "Score" }, { n: "Threshold" }, ""],
      row.categories.map((c) => [bdi(brief(c.name)), decimal(c.score, 1), decimal(c.threshold, 1),
        c.flagged ? el("span", { class: "badge warm" }, c.shadow ? "shadow" : "flagged") : ""])),
    facts([...ownFacts(row),
      ["session", row.session && mono(row.session)], ["trace id", row.trace_id && mono(row.trace_id)],
      ["actor", row.actor && mono(row.actor)],
      ["pair", [bdi(row.base), " with ", bdi(row.expert)]],
      ["options", [bdi(row.preset), " ", mono(short(row.config_digest))]],
      ["record", row.sequence == null ? "of a version without a chain" : [`${count(row.sequence)} of chain `, mono(row.chain)]],
      ["event id", mono(row.id), true], ["hash", row.hash && mono(row.hash), true]]));

  // ---- all requests

  const badges = (row) => {
    const list = [], badge = (text, tone) => list.push(el("span", { class: `badge ${tone || ""}` }, text));
    if (row.stage === "request") {
      if (row.status === "failed") badge("failed", "fault");
      else if (row.evaluation === "error") badge("gate failed", "fault");
      if (row.status === "cancelled") badge("cancelled");
      if (row.num_spikes) badge("intervened", "warm");
      else if (row.num_overridden) badge("overridden", "warm");
      if (row.finish_reason === "blocked") badge("blocked", "warm");
      if (row.evaluation === "skipped") badge("gate off");
      if (!list.length) badge("left alone");
    } else {
      if (row.evaluation === "error" || row.evaluation === "timeout") badge(`not judged: ${row.evaluation}`, "fault");
      else if (row.flagged) badge(row.enforced ? `flagged: ${row.action}` : `flagged, not enforced: ${row.action}`, "warm");
      else badge(row.evaluation === "skipped" ? "skipped" : row.action === "allow" ? "clean" : row.action);
      if (row.shadow) badge("shadow");
    }
    for (const event of overridesOf.get(row.id) || []) badge(`human: ${event.decision}`, "human");
    return list;
  };
  const FILTERS = {
    all: ["Everything", () => true],
    intervened: ["With intervention", (row) => row.stage === "request" && row.num_spikes > 0],
    flagged: ["Flagged", (row) => row.flagged],
    faults: ["Faults", (row) => row.interest === 3],
    human: ["Decided otherwise by a human", (row) => overridesOf.has(row.id)],
    requests: ["Requests", (row) => row.stage === "request"],
    verdicts: ["Verdicts", (row) => row.stage !== "request"],
    traced: ["With a trace", (row) => row.trace && row.trace !== "left out"],
  };
  const peak = (row) => (row.stage === "request" && row.initial == null ? null : row.peak);
  const COLUMNS = [
    ["Time (UTC)", (row) => row.time || ""],
    ["What", (row) => row.stage],
    ["Outcome", (row) => row.interest],
    ["Risk", (row) => row.risk ?? -1, "n", (row) => decimal(row.risk, 1)],
    ["Peak", (row) => peak(row) ?? -1, "n", (row) => decimal(peak(row))],
    ["Spikes", (row) => row.num_spikes, "n", (row) => count(row.num_spikes)],
    ["Changed", (row) => row.num_overridden ?? -1, "n", (row) => (row.num_overridden == null ? "–" : count(row.num_overridden))],
    ["Time taken", (row) => row.latency_s ?? -1, "n", (row) => duration(row.latency_s)],
    ["Id", (row) => row.id],
  ];
  const requestsTable = () => {
    const total = requests.num_requests + verdicts.num_verdicts;
    const rows = data.rows.map((row) => ({ ...row, words: [row.id, row.stage, row.action, row.status, row.evaluation, row.source,
      row.session, row.trace_id, row.error_type, row.base, row.preset, ...(row.categories || []).filter((c) => c.flagged).map((c) => c.name)]
      .filter(Boolean).join(" ").toLowerCase() }));
    const state = { filter: "all", words: [], column: 2, up: false, shown: PAGE };
    const body = el("tbody", {}), status = el("p", { class: "faint", role: "status" });
    const more = el("button", { type: "button", class: "button more-rows", onclick: () => { state.shown += PAGE; draw(); } });
    const heads = COLUMNS.map(([name, , className], i) => el("th", { scope: "col", class: className },
      el("button", { type: "button", onclick: () => {
        state.up = state.column === i ? !state.up : false;
        state.column = i;
        draw();
      } }, name)));
    const toggle = (row, tr, button) => {
      const isOpen = button.getAttribute("aria-expanded") === "true";
      button.setAttribute("aria-expanded", String(!isOpen));
      tr.classList.toggle("open", !isOpen);
      if (isOpen) tr.nextSibling.remove();
      else tr.after(el("tr", { class: "detail" }, el("td", { colspan: COLUMNS.length }, detail(row))));
    };
    const line = (row) => {
      const button = el("button", { type: "button", class: "opener", "aria-expanded": "false",
        "aria-label": `${clock(row.time)}, ${row.stage}: details` }, clock(row.time));
      const tr = el("tr", { class: "row" },
        el("td", { class: "first" }, button),
        el("td", {}, row.stage),
        el("td", { class: "outcome" }, badges(row)),
        COLUMNS.slice(3, 8).map(([name, , className, show]) => {
          const text = show(row);
          return el("td", { class: text === "–" || text === "0" ? `${className} blank` : className, "data-name": name.toLowerCase() }, text);
        }),
        el("td", { class: "blank" }, mono(short(row.id))));
      tr.addEventListener("click", () => { if (!String(getSelection())) toggle(row, tr, button); });
      return [tr, button];
    };
    const draw = (openId) => {
      const [, wanted] = FILTERS[state.filter], [, by] = COLUMNS[state.column];
      const found = rows.filter((row) => wanted(row) && state.words.every((word) => row.words.includes(word)));
      const order = state.up ? 1 : -1;
      found.sort((a, b) => (by(a) < by(b) ? -order : by(a) > by(b) ? order : 0) || (a.time < b.time ? 1 : -1));
      const place = found.findIndex((row) => row.id === openId);
      state.shown = Math.max(state.shown, place + 1);
      const shown = found.slice(0, state.shown);
      body.replaceChildren(...shown.map((row) => line(row)[0]));
      heads.forEach((head, i) => {
        if (i === state.column) head.setAttribute("aria-sort", state.up ? "ascending" : "descending");
        else head.removeAttribute("aria-sort");
      });
      status.textContent = found.length ? `${count(shown.length)} of ${count(found.length)} shown` : "";
      empty.hidden = found.length > 0;
      more.hidden = shown.length === found.length;
      more.textContent = `Show ${count(Math.min(PAGE, found.length - shown.length))} more`;
      if (place >= 0) {
        const tr = body.children[place];
        tr.querySelector(".opener").click();
        tr.querySelector(".opener").focus();
        tr.scrollIntoView({ block: "start" });
      }
    };
    const empty = el("p", { class: "nothing" }, "Nothing matches.");
    const again = () => { state.shown = PAGE; draw(); };
    const search = el("input", { type: "search", placeholder: "id, category, source, session …", oninput: () => {
      state.words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
      again();
    } });
    const filter = el("select", { onchange: () => { state.filter = filter.value; again(); } },
      Object.entries(FILTERS).map(([name, [label, wanted]]) => el("option", { value: name }, `${label} (${count(rows.filter(wanted).length)})`)));
    const section = card("Requests and verdicts", total > rows.length
      ? `${count(rows.length)} of ${count(total)}: faults, interventions and findings first, then the newest. The others are in the log.`
      : rows.length ? "All that the log holds." : "The log holds none.");
    section.id = "requests";
    section.tabIndex = -1;
    if (!rows.length) return;
    section.append(el("div", { class: "tools" }, el("label", { class: "grow" }, "Search", search), el("label", {}, "Show", filter)),
      status, el("div", { class: "rows" }, el("table", {}, el("thead", {}, el("tr", {}, heads)), body)), empty, more);
    draw(decodeURIComponent(location.hash.slice(1)));
    addEventListener("hashchange", () => {
      const id = decodeURIComponent(location.hash.slice(1));
      if (!rows.some((row) => row.id === id)) return;
      Object.assign(state, { filter: "all", words: [], column: 2, up: false, shown: PAGE });
      filter.value = "all";
      search.value = "";
      draw(id);
    });
  };

  // ---- what happened beside them

  const eventText = (event) => {
    switch (event.kind) {
      case "gap": return [visible(event.reason).replace("_", " "), event.num_records != null && `, ${many(event.num_records, "record")}`, event.num_bytes != null && `, ${many(event.num_bytes, "byte")}`];
      case "error": return [visible(event.source), ": ", bdi(event.error_type)];
      case "override": return [visible(event.decision), " by ", bdi(event.reviewer), event.reason_code && [" (", bdi(event.reason_code), ")"], " of ",
        el("a", { href: `#${encodeURIComponent(event.event_id)}` }, mono(short(event.event_id)))];
      case "change": return [visible(event.subject), " ", bdi(event.name), " ", mono(short(event.digest)), event.previous_digest && [" before ", mono(short(event.previous_digest))]];
      default: return ["ngsd-guard ", bdi(event.package_version), ", Python ", bdi(event.python_version), event.previous_end && `; the writer before ended ${event.previous_end === "closed" ? "in order" : "without closing"}`, event.set_aside && ["; set aside ", bdi(event.set_aside)]];
    }
  };
  const TONES = { gap: "fault", error: "fault", override: "human" };
  const events = () => {
    if (!data.events.length) return;
    const rows = data.events.map((event) => [clock(event.time),
      el("span", { class: `badge ${TONES[event.kind] || ""}` }, event.kind), el("span", {}, eventText(event)),
      event.sequence == null ? "–" : count(event.sequence)]);
    card("Other events", "Gaps, errors, human overrides, changes of what is judged by, and starts; the newest 100 of each kind.",
      el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Other events" },
        table(null, ["Time (UTC)", "Kind", "What", { n: "Record" }], rows, "events")));
  };

  const theme = document.getElementById("theme");
  const isDark = () => (document.documentElement.dataset.theme || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
  const nameTheme = () => { theme.textContent = isDark() ? "Light" : "Dark"; theme.setAttribute("aria-label", `Use the ${isDark() ? "light" : "dark"} colours`); };
  theme.addEventListener("click", () => { document.documentElement.dataset.theme = isDark() ? "light" : "dark"; nameTheme(); });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", nameTheme);
  nameTheme();

  document.getElementById("log-name").append(bdi(data.log));
  document.getElementById("span").textContent = stats.first_time_utc
    ? `${clock(stats.first_time_utc)} to ${clock(stats.last_time_utc)} UTC` : "No record has a time.";
  document.getElementById("foot").append(
    el("p", {}, `Made ${clock(data.made_utc)} UTC by ngsd-guard ${visible(data.version)} from the log; it holds no prompt and no answer.`),
    el("p", {}, "A page can be changed like any file. The evidence is the log: ", el("code", {}, "ngsd-guard audit verify"), "."));
  for (const draw of [seal, tiles, timeline, findings, spreads, latency, requestsTable, endings, identities, events]) draw();
})();
