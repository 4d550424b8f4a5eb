// The page "Overview": how the emulator is, what it does, and how to connect to it.

import { copyButton } from "../copy.js";
import { quoted } from "../curl.js";
import { fill, h } from "../dom.js";
import { count, dateAndTime, duration, milliseconds, percent, statusKind } from "../format.js";
import { badge, card, empty, head, href, Page } from "../page.js";
import { history, isReachable, overview, samples } from "../samples.js";
import { isFrozen, now, ticks } from "../time.js";

const MASKED = "•".repeat(12);
const TIERS = { cache: "Cache", storage: "Storage", account: "Account" };

const rate = (value) => (value >= 99.5 ? count(Math.round(value)) : value.toFixed(1));

class Overview extends Page {
  #stats = [
    new Stat("Requests", "per second", [["rate", "", (each) => each.rate]], rate, 10),
    new Stat("Cache hit ratio", "of Gets", [["hits", "info", (each) => each.hitRatio]], percent, 1),
    new Stat(
      "Latency",
      "p99",
      [
        ["p99", "", (each) => each.p99],
        ["p50", "info", (each) => each.p50],
      ],
      milliseconds,
      1,
    ),
    new Stat("Errors", "per second", [["errors", "bad", (each) => each.errors]], rate, 1),
  ];
  #subtitle = h("span", {}, "…");
  #facts = h("dl.facts", {});
  #tiers = h("ul.tiers", {});
  #environment = h("div.code", {}, "…");
  #environmentCopy = copyButton("the lines", "");
  #keys = h("ul.key-list", {});
  #answers = h("div.answers", {});
  #uptime = h("span", {});
  #clock = h("span", {});
  #seen = null;

  build() {
    this.append(
      head("Overview", this.#subtitle),
      h(
        "div.stats",
        {},
        this.#stats.map((each) => each.element),
      ),
      h(
        "div.columns",
        {},
        h(
          "div.column",
          {},
          card("Connect", this.#environment, h("h3", {}, "API keys"), this.#keys),
          card("Answers in the last 10 seconds", this.#answers),
        ),
        h("div.column", {}, card("Tiers", this.#tiers), card("Emulator", this.#facts)),
      ),
    );
    const { signal } = this;
    samples.addEventListener("sample", () => this.#show(), { signal });
    samples.addEventListener("lost", () => this.#lost(), { signal });
    ticks.addEventListener("tick", () => this.#tick(), { signal });
    if (overview) this.#show();
    else if (isReachable === false) this.#lost();
  }

  #show() {
    for (const each of this.#stats) each.show(history, overview);
    this.#showTiers();
    this.#showAnswers();
    const {
      uptime_seconds: _,
      clock: __,
      counts: ___,
      recent: ____,
      tiers: _____,
      ...rest
    } = overview;
    delete rest.requests;
    delete rest.dropped;
    const text = JSON.stringify(rest);
    this.#tick();
    if (text === this.#seen) return;
    this.#seen = text;
    this.#showRest();
  }

  #showRest() {
    const { endpoint, revision, version, environment, keys } = overview;
    fill(this.#subtitle, `Revision ${revision} at ${endpoint}`);
    const lines = Object.entries(environment).map(
      ([name, value]) => `export ${name}=${quoted(value)}`,
    );
    this.#environmentCopy.text = `${lines.join("\n")}\n`;
    fill(
      this.#environment,
      lines.map((line) => h("div.ellipsis", {}, line)),
      this.#environmentCopy,
    );
    fill(this.#keys, keys.map(keyRow));
    if (keys.length === 0)
      fill(this.#keys, empty("No keys to show", "It was started without new keys."));
    const tls = overview.tls_endpoint;
    fill(
      this.#facts,
      [
        ["Endpoint", copied("endpoint", endpoint)],
        tls && ["TLS endpoint", copied("TLS endpoint", tls)],
        ["Version", version],
        ["Revision", revision],
        ["Rate limits", overview.limits ? "enforced" : "off"],
        ["Uptime", this.#uptime],
        ["Clock", h("a", { href: href("clock") }, this.#clock)],
      ]
        .filter(Boolean)
        .map(([name, value]) => [h("dt", {}, name), h("dd", {}, value)]),
    );
  }

  #showTiers() {
    const { tiers, counts } = overview;
    const rows = Object.entries(tiers).map(([name, { engine, status, cause }]) => {
      const counted = counts[name];
      const isWell = status === "ok" || status === "healthy" || status === "up";
      return h(
        "li",
        {},
        h("span.tier-name", {}, h("strong", {}, TIERS[name] ?? name), h("span.muted", {}, engine)),
        counted &&
          h(
            "span.muted.tier-counts",
            {},
            `${count(counted.hits)} hits · ${count(counted.misses)} misses`,
          ),
        badge(status, isWell ? "ok" : "bad"),
        cause && h("p.problem", {}, cause),
      );
    });
    fill(this.#tiers, rows);
  }

  #showAnswers() {
    const counts = Object.entries(overview.recent.by_status);
    const bar = h(
      "div.answers-bar",
      { "aria-hidden": "true" },
      counts.map(([status, number]) => {
        const part = h("span", { class: kindOf(status) });
        part.style.flexGrow = String(number);
        return part;
      }),
    );
    fill(
      this.#answers,
      bar,
      h(
        "p.badges",
        {},
        counts.length === 0
          ? h("span.muted", {}, "No requests")
          : counts.map(([status, number]) => badge(`${status} ${count(number)}`, kindOf(status))),
      ),
    );
  }

  #tick() {
    if (!overview) return;
    const since = (performance.now() - history.at(-1).at) / 1000;
    fill(this.#uptime, duration(overview.uptime_seconds + since));
    fill(this.#clock, `${dateAndTime(now())} UTC${isFrozen() ? ", frozen" : ""}`);
  }

  #lost() {
    this.#seen = "";
    fill(this.#subtitle, "The emulator does not answer");
  }
}

/** One number with its chart. */
class Stat {
  #value = h("span.stat-value", {}, "–");
  #note = h("span.stat-note", {});

  constructor(title, note, series, format, least) {
    this.series = series;
    this.format = format;
    this.chart = h("mo-chart", { label: title });
    this.chart.format = format;
    this.chart.least = least;
    fill(this.#note, note);
    this.element = h(
      "section.card.stat",
      {},
      h("h2", {}, title),
      h("p", {}, this.#value, this.#note),
      this.chart,
    );
  }

  show(samplesSoFar) {
    const [, , first] = this.series[0];
    const known = samplesSoFar.map(first);
    const last = known.findLast((value) => value !== null) ?? null;
    fill(this.#value, last === null ? "–" : this.format(last));
    this.chart.update(
      this.series.map(([name, kind, read]) => ({
        name,
        kind,
        values: samplesSoFar.map(read),
      })),
    );
  }
}

function keyRow({ role, name, api_key: key }) {
  if (key === null) return keptRow(role);
  const shown = h("code.ellipsis", {}, MASKED);
  const eye = h(
    "button.quiet.small",
    {
      type: "button",
      "aria-pressed": "false",
      "aria-label": `Show the key of ${role}`,
      onclick: () => {
        const isShown = eye.getAttribute("aria-pressed") === "true";
        eye.setAttribute("aria-pressed", String(!isShown));
        fill(eye, isShown ? "Show" : "Hide");
        fill(shown, isShown ? MASKED : key);
      },
    },
    "Show",
  );
  return h(
    "li",
    {},
    h("strong", {}, role),
    name && name.toLowerCase() !== role.toLowerCase() && h("span.muted", {}, name),
    shown,
    eye,
    copyButton(`the key of ${role}`, key),
  );
}

// A data directory keeps keys from an earlier start, but not what they are.
const keptRow = (role) =>
  h("li", {}, h("strong", {}, role), h("span.muted", {}, "shown only when it was made"));

const kindOf = (status) => statusKind(Number.parseInt(status, 10) * 100 || null);

const copied = (label, text) =>
  h("span.with-copy", {}, h("code", {}, text), copyButton(label, text));

customElements.define("page-overview", Overview);
