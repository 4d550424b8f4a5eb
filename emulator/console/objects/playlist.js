// <mo-playlist>: an HLS playlist as a list of what it names, each with its state in the tiers.

import { get, path } from "../api.js";
import { fill, h } from "../dom.js";
import { counted } from "../format.js";
import { badge, href } from "../page.js";
import { keyOf, parse } from "./hls.js";
import { isExpired, tierBadges } from "./tiers.js";

const SHOWN = 200;
const AT_ONCE = 6;
const EVERY_MS = 3000;

/** Attributes: `text` of the playlist, and the `store` and `key` that it is from. */
class Playlist extends HTMLElement {
  #rows = [];
  #waiting = [];
  #ending = new AbortController();
  #timer = 0;
  #summary = h("p.playlist-summary", { role: "status" });
  #body = h("tbody", {});
  #more = h("button", { type: "button", onclick: () => this.#showMore() });

  connectedCallback() {
    const { facts, entries } = parse(this.getAttribute("text"));
    const [store, key] = [this.getAttribute("store"), this.getAttribute("key")];
    this.#waiting = entries.map((entry) => (
      { ...entry, store, key: keyOf(entry.uri, store, key) }));
    this.append(
      h("p.playlist-facts", {}, facts.map(([name, value]) => badge(`${name} ${value}`))),
      this.#summary,
      h("div.table-box", {}, h("table", {},
        h("thead", {}, h("tr", {},
          ["What", "Address", "Seconds", "TTL", "Tiers"].map((title) => h("th", {}, title)))),
        this.#body)),
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
      const row = { entry, state: null, ttl: h("td", {}), tiers: h("td.tiers", {}) };
      this.#rows.push(row);
      this.#body.append(h("tr", {},
        h("td", {}, entry.kind), h("td", {}, addressOf(entry)),
        h("td", {}, entry.seconds ?? ""), row.ttl, row.tiers));
    }
    this.#more.hidden = this.#waiting.length === 0;
    fill(this.#more, `Show more (${this.#waiting.length} left)`);
    clearTimeout(this.#timer);
    this.#look();
  }

  // Several at a time, and again and again: a live stream's segments come and go.
  async #look() {
    const { signal } = this.#ending;
    const rows = this.#rows.values();
    const worker = async () => {
      for (const row of rows) {
        await this.#lookAt(row, signal);
        if (signal.aborted) return;
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    if (signal.aborted) return;
    this.#summarize();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#look(), EVERY_MS);
  }

  async #lookAt(row, signal) {
    const { store, key } = row.entry;
    if (key === null) {
      row.state = "elsewhere";
      fill(row.tiers, badge("elsewhere"));
      return;
    }
    try {
      const object = await get(path(["objects", store, key]), { signal });
      const entry = object.cache ?? object.storage;
      row.state = [object.cache, object.storage].every((each) => !each || isExpired(each))
        ? "expired" : "there";
      fill(row.tiers, tierBadges(object));
      if (row.ttl.dataset.until !== String(entry.expires_at)) {
        row.ttl.dataset.until = String(entry.expires_at);
        fill(row.ttl, h("mo-countdown", { until: entry.expires_at }));
      }
    } catch (error) {
      if (signal.aborted) return;
      if (error.name !== "ApiError") throw error;
      row.state = error.status === 404 ? "missing" : "unknown";
      fill(row.tiers, badge(row.state, "bad"));
      fill(row.ttl);
      delete row.ttl.dataset.until;
    }
  }

  #summarize() {
    const number = (state) => this.#rows.filter((row) => row.state === state).length;
    const parts = ["there", "expired", "missing", "elsewhere", "unknown"]
      .filter((state) => number(state) > 0).map((state) => `${number(state)} ${state}`);
    fill(this.#summary, `${counted(this.#rows.length, "entry", "entries")}: ${parts.join(", ")}`);
  }
}

const addressOf = ({ uri, store, key, text }) => [
  key === null
    ? h("span.mono", {}, uri)
    : h("a.mono", { href: href("objects", [store, key]) }, uri),
  text && h("small.muted", {}, ` ${text}`),
];

customElements.define("mo-playlist", Playlist);
