// <mo-object>: one object. Its content, its details, and which tiers have it.

import { path, post, remove } from "../api.js";
import { copyButton } from "../copy.js";
import { danger, stateChanged } from "../dialog.js";
import { fill, h, save } from "../dom.js";
import { bytes, count } from "../format.js";
import { icon } from "../icons.js";
import { badge, card, empty, go, head, href, Page } from "../page.js";
import { toast } from "../toast.js";
import { bodyPath, whole } from "./body.js";
import { lookUpOne } from "./look-up.js";
import { breadcrumbs, nameOf, prefixOf } from "./names.js";
import { isExpired, newest } from "./tiers.js";
import { typeOf } from "./kinds.js";
import { uploadDialog } from "./upload.js";
import "./preview.js";

const EVERY_MS = 2000;

class ObjectView extends Page {
  has = () => false;
  #store = null;
  #key = null;
  #object = null;
  #tier = null;
  #seen = "";
  #top = h("div", {});
  #crumbs = h("div", {});
  #preview = h("mo-preview.card", {});
  #choice = h("div.segments", { role: "group", "aria-label": "Content of which tier" });
  #side = h("div.object-side", {});
  #grid = h(
    "div.object-grid",
    {},
    h("div.object-main", {}, this.#choice, this.#preview),
    this.#side,
  );
  #none = empty("No tier has this object", "It may have been deleted, or never been there.");

  build() {
    this.classList.add("view");
    this.append(this.#top, this.#crumbs, this.#grid, this.#none);
    this.#grid.hidden = this.#none.hidden = true;
  }

  async route([store, key]) {
    this.#store = store;
    this.#key = key;
    fill(this.#top, head(nameOf(key), null, this.#actions()));
    fill(this.#crumbs, breadcrumbs(store, key));
    this.every(EVERY_MS, () => this.#read());
  }

  refresh() {
    return this.#read();
  }

  #actions() {
    const act = (name, symbol, listener, kind = "") =>
      h("button", { type: "button", class: kind, onclick: listener }, icon(symbol), name);
    return [
      act("Download", "download", () => this.run(() => this.#download())),
      act("Replace", "upload", () => this.run(() => this.#replace())),
      act("Expire now", "clock", () => this.run(() => this.#expire())),
      act("Delete", "trash", () => this.run(() => this.#drop(null)), "quiet danger"),
    ];
  }

  async #read() {
    const object = await lookUpOne(this.#store, this.#key, { signal: this.signal });
    this.#object = object;
    this.#grid.hidden = object === null;
    this.#none.hidden = object !== null;
    for (const button of this.querySelectorAll(".page-head button")) {
      button.disabled = object === null && !button.querySelector(".icon-upload");
    }
    if (object === null) return;
    const expired = this.#tiers().map((tier) => isExpired(object[tier]));
    const seen = JSON.stringify([object, this.#tier, expired]);
    if (seen === this.#seen) return;
    this.#seen = seen;
    this.#show();
  }

  #tiers() {
    return ["cache", "storage"].filter((tier) => this.#object[tier]);
  }

  #show() {
    const tiers = this.#tiers();
    const shown = tiers.includes(this.#tier)
      ? this.#tier
      : (tiers.find((tier) => !isExpired(this.#object[tier])) ?? tiers[0]);
    fill(
      this.#choice,
      tiers.length > 1 &&
        tiers.map((tier) =>
          h(
            "button",
            {
              type: "button",
              "aria-pressed": String(tier === shown),
              onclick: () => this.#choose(tier),
            },
            `From ${tier}`,
          ),
        ),
    );
    this.#choice.hidden = tiers.length < 2;
    const entry = this.#object[shown];
    fill(
      this.#side,
      this.#details(entry),
      this.#tierCard(),
      pairsCard("Metadata", entry.metadata, "No metadata."),
      this.has("tags") && pairsCard("Tags", (this.#object.storage ?? entry).tags ?? {}, "No tags."),
    );
    this.run(() => this.#preview.show({ store: this.#store, key: this.#key, tier: shown, entry }));
  }

  #choose(tier) {
    this.#tier = tier;
    this.run(() => this.#read());
  }

  #details(entry) {
    const url = new URL(
      `/objectstore/${encodeURIComponent(this.#store)}/${this.#key
        .split("/")
        .map(encodeURIComponent)
        .join("/")}`,
      location.href,
    ).href;
    return card(
      "Details",
      h(
        "dl.facts",
        {},
        fact("Key", h("span.mono", {}, this.#key), copyButton("key", this.#key)),
        fact("URL", h("span.mono", {}, url), copyButton("URL", url)),
        fact("Size", `${bytes(entry.size)}${entry.size > 999 ? ` (${count(entry.size)} B)` : ""}`),
        fact("Type", typeOf(this.#key, entry.metadata) || "none"),
        fact("Age", h("mo-age", { since: entry.created_at })),
        fact("TTL", h("mo-countdown", { until: entry.expires_at })),
        fact("Version", h("span.mono", {}, String(entry.version))),
      ),
    );
  }

  #tierCard() {
    const { cache, storage } = this.#object;
    const newer = newest(this.#object);
    const row = (tier, entry) =>
      h(
        "li.tier",
        {},
        badge(tier, tier),
        h("span.tier-state", {}, stateOf(entry, newer)),
        entry &&
          h(
            "button.icon-button",
            {
              type: "button",
              "aria-label": `Download from ${tier}`,
              title: `Download from ${tier}`,
              onclick: () => this.run(() => this.#download(tier)),
            },
            icon("download"),
          ),
        entry &&
          h(
            "button.icon-button",
            {
              type: "button",
              "aria-label": `Take out of ${tier}`,
              title: `Take out of ${tier}`,
              onclick: () => this.run(() => this.#drop(tier)),
            },
            icon("trash"),
          ),
      );
    return card("Tiers", h("ul.tier-list", {}, row("cache", cache), row("storage", storage)));
  }

  async #download(tier) {
    const name = nameOf(this.#key);
    const blob = await whole(bodyPath(this.#store, this.#key, tier), {
      type: "application/octet-stream",
      signal: this.signal,
    });
    save(blob, name);
    toast(`Downloaded ${name}`);
  }

  async #replace() {
    const done = await uploadDialog({
      store: this.#store,
      prefix: "",
      key: this.#key,
      has: this.has,
    });
    if (done) stateChanged();
  }

  async #expire() {
    const done = await danger({
      title: "Let it expire now?",
      message: `The time to live of ${this.#key} ends in every tier that has it.`,
      submit: "Expire now",
      done: "The object has expired",
      act: () => post(path(["expire", this.#store, this.#key])),
    });
    if (done) stateChanged();
  }

  async #drop(tier) {
    const done = await danger({
      title: tier ? `Take it out of ${tier}?` : "Delete the object?",
      message: tier
        ? `${this.#key} is removed from ${tier}. The other tier keeps what it has.`
        : `${this.#key} is removed from every tier.`,
      submit: tier ? "Take out" : "Delete",
      done: tier ? `Taken out of ${tier}` : "Object deleted",
      act: () => remove(path(["objects", this.#store, this.#key], { tier })),
    });
    if (!done) return;
    stateChanged();
    if (tier === null) go(href("objects", [this.#store], { prefix: prefixOf(this.#key) }));
  }
}

const fact = (name, ...content) => [h("dt", {}, name), h("dd", {}, content)];

function pairsCard(title, pairs, none) {
  const names = Object.entries(pairs);
  return card(
    title,
    names.length
      ? h(
          "dl.facts",
          {},
          names.map(([name, value]) => fact(name, h("span.mono", {}, value))),
        )
      : h("p.muted", {}, none),
  );
}

function stateOf(entry, newer) {
  if (!entry) return h("span.muted", {}, "not there");
  return [
    lifeOf(entry),
    entry.ephemeral && badge("ephemeral", "ephemeral"),
    entry.version !== newer.version && badge("older version", "warn"),
  ];
}

function lifeOf(entry) {
  if (isExpired(entry)) return badge("expired", "warn");
  return entry.expires_at
    ? h("mo-countdown", { until: entry.expires_at })
    : h("span.muted", {}, "does not expire");
}

customElements.define("mo-object", ObjectView);
