// <mo-playlist>: an HLS playlist as a list of what it names, each with its state in the tiers.

import { fill, h } from "../dom.js";
import { counted } from "../format.js";
import { badge, href } from "../page.js";
import { rowOf, table } from "../table.js";
import { keyOf, parse } from "./hls.js";
import { lookUp } from "./look-up.js";
import { isExpired, newest, tierBadges } from "./tiers.js";

const SHOWN = 200;
const EVERY_MS = 3000;
const STATES = ["there", "expired", "missing", "elsewhere", "unknown"];
const STATE_KINDS = { missing: "bad", unknown: "warn" };

const addressOf = ({ uri, store, key, text }) => [
  key === null
    ? h("span.mono", {}, uri)
    : h("a.mono", { href: href("objects", [store, key]) }, uri),
  text && h("small.muted", {}, ` ${text}`),
];

const COLUMNS = [
  { title: "What", wide: true, cell: ({ entry }) => entry.kind },
  { title: "Address", cell: ({ entry }) => addressOf(entry) },
  { title: "Seconds", align: "right", wide: true, cell: ({ entry }) => entry.seconds },
  { title: "TTL", align: "right", cell: ({ ttl }) => ttl },
  { title: "Tiers", cell: ({ tiers }) => tiers },
];

/** Attributes: `text` of the playlist, and the `store` and `key` that it is from. */
class Playlist extends HTMLElement {
  #rows = [];
  #waiting = [];
  #ending = new AbortController();
  #timer = 0;
  #summary = h("p.playlist-summary", { role: "status" });
  #table = table(COLUMNS, []);
  #more = h("button", { type: "button", onclick: () => this.#showMore() });

  connectedCallback() {
    const { facts, entries } = parse(this.getAttribute("text"));
    const [store, key] = [this.getAttribute("store"), this.getAttribute("key")];
    this.#waiting = entries.map((entry) => ({
      ...entry,
      store,
      key: keyOf(entry.uri, store, key),
    }));
    this.append(
      h(
        "p.playlist-facts",
        {},
        facts.map(([name, value]) => badge(`${name} ${value}`)),
      ),
      this.#summary,
      this.#table,
      this.#more,
    );
    this.#showMore();
  }

  disconnectedCallback() {
    this.#ending.abort();
    clearTimeout(this.#timer);
  }

  #showMore() {
    for (const entry of this.#waiting.splice(0, SHOWN)) {
      const row = {
        entry,
        state: null,
        until: null,
        ttl: h("span", {}),
        tiers: h("span.badges", {}),
      };
      this.#rows.push(row);
      this.#table.querySelector("tbody").append(rowOf(COLUMNS, row));
    }
    this.#more.hidden = this.#waiting.length === 0;
    fill(this.#more, `Show more (${this.#waiting.length} left)`);
    clearTimeout(this.#timer);
    this.#look();
  }

  // Again and again: the segments of a live stream come and go.
  async #look() {
    const { signal } = this.#ending;
    try {
      const store = this.getAttribute("store");
      const keys = this.#rows.map(({ entry }) => entry.key).filter((key) => key !== null);
      const found = await lookUp(store, keys, { signal });
      for (const row of this.#rows) this.#showState(row, found);
      this.#summarize();
    } catch (error) {
      if (error.name !== "ApiError" && error.name !== "AbortError") throw error;
    }
    clearTimeout(this.#timer);
    if (!signal.aborted) this.#timer = setTimeout(() => this.#look(), EVERY_MS);
  }

  #showState(row, found) {
    const { key } = row.entry;
    const object = key === null ? null : found(key);
    row.state = key === null ? "elsewhere" : stateOf(object);
    fill(row.tiers, object ? tierBadges(object) : badge(row.state, STATE_KINDS[row.state]));
    const until = object ? (newest(object).expires_at ?? "") : null;
    if (row.until !== until) fill(row.ttl, object && h("mo-countdown", { until }));
    row.until = until;
  }

  #summarize() {
    const number = (state) => this.#rows.filter((row) => row.state === state).length;
    const parts = STATES.filter((state) => number(state) > 0).map(
      (state) => `${number(state)} ${state}`,
    );
    fill(this.#summary, `${counted(this.#rows.length, "entry", "entries")}: ${parts.join(", ")}`);
  }
}

function stateOf(object) {
  if (object === undefined) return "unknown";
  if (object === null) return "missing";
  const entries = [object.cache, object.storage].filter(Boolean);
  return entries.every(isExpired) ? "expired" : "there";
}

customElements.define("mo-playlist", Playlist);
