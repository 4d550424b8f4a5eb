// The page "Clock": freeze, move and release the emulator's clock, and see what expires.

import { get, path, post } from "../api.js";
import { fill, h } from "../dom.js";
import { bytes, count, counted, dateAndTime, duration } from "../format.js";
import { icon } from "../icons.js";
import { badge, card, empty, head, href, Page } from "../page.js";
import { ahead, isFrozen, learn, now, sync, ticks } from "../time.js";
import { announce } from "../toast.js";
import { field } from "../dialog.js";

const STEPS = [
  ["1s", "1 s"],
  ["10s", "10 s"],
  ["1m", "1 min"],
  ["1h", "1 h"],
  ["1d", "1 day"],
  ["30d", "30 days"],
];
const SHOWN = 12;
const LOOKED_AT = 1000;
const EVERY_MS = 5000;
const NOTICEABLE_MS = 2000;

class ClockPage extends Page {
  #date = h("p.clock-date", {});
  #time = h("p.clock-face", { role: "timer" });
  #state = h("p.badges", {});
  #freeze = h("button.primary", { type: "button", onclick: () => this.#flip() });
  #release = h(
    "button",
    {
      type: "button",
      onclick: () => this.#do("release", undefined, "The clock follows the system's"),
    },
    icon("undo"),
    "Release",
  );
  #by = h("input", { placeholder: "as 90s, 15m, 1h, 7d", autocomplete: "off" });
  #at = h("input", { type: "datetime-local", step: 1 });
  #next = h("div.table-box", {});
  #seen = "";

  build() {
    this.append(
      head("Clock", "Expiry, ages and tokens follow the emulator's clock, not the system's"),
      h(
        "div.columns",
        {},
        h(
          "div.column",
          {},
          h(
            "section.card.clock-card",
            { "aria-label": "The emulator's time" },
            this.#date,
            this.#time,
            this.#state,
            h("div.actions", {}, this.#freeze, this.#release),
          ),
          card(
            "Move forward",
            h(
              "div.actions",
              {},
              STEPS.map(([seconds, text]) =>
                h("button", { type: "button", onclick: () => this.#advance(seconds) }, `+ ${text}`),
              ),
            ),
            this.#form("Another duration", this.#by, "Move", () =>
              this.#advance(this.#by.value.trim()),
            ),
          ),
          card(
            "Set to an instant",
            this.#form("Date and time, UTC", this.#at, "Set", () => this.#set()),
            h(
              "p.hint",
              {},
              "Past or future. Objects that had expired stay gone: a checkpoint brings them back.",
            ),
          ),
        ),
        h("div.column", {}, h("section.card", {}, h("h2", {}, "Expires next"), this.#next)),
      ),
    );
    ticks.addEventListener("tick", () => this.#show(), { signal: this.signal });
    this.#show();
    this.run(() => sync({ force: true }));
    this.every(EVERY_MS, () => this.refresh());
  }

  async refresh() {
    this.#show();
    const { stores } = await get(path(["stores"]), { signal: this.signal });
    const pages = await Promise.all(stores.map(({ name }) => this.#expiring(name)));
    const all = pages
      .flatMap(({ objects }) => objects)
      .sort((one, other) => one.until - other.until);
    const notLooked = pages.filter(({ isAll }) => !isAll).map(({ store }) => store);
    this.#showNext(all.slice(0, SHOWN), all.length, notLooked);
  }

  async #expiring(store) {
    const page = await get(path(["objects", store], { limit: LOOKED_AT }), { signal: this.signal });
    const objects = page.objects.flatMap(({ key, storage, cache }) => {
      const entry = storage ?? cache;
      const until = Date.parse(entry.expires_at ?? "");
      const isLeft = !Number.isNaN(until) && until > now();
      return isLeft ? [{ store, key, until, text: entry.expires_at, size: entry.size }] : [];
    });
    return { store, objects, isAll: page.next === null };
  }

  #showNext(next, known, notLooked) {
    const seen = JSON.stringify([next, known, notLooked]);
    if (seen === this.#seen) return;
    this.#seen = seen;
    if (next.length === 0) {
      fill(
        this.#next,
        empty("Nothing expires", "Objects with a time to live appear here, and count down."),
        limitNote(notLooked),
      );
      return;
    }
    fill(
      this.#next,
      h(
        "table",
        {},
        h(
          "thead",
          {},
          h(
            "tr",
            {},
            h("th", {}, "Object"),
            h("th.right.wide", {}, "Size"),
            h("th.right", {}, "Left"),
          ),
        ),
        h(
          "tbody",
          {},
          next.map(({ store, key, text, size }) =>
            h(
              "tr",
              {},
              h(
                "td",
                {},
                h(
                  "a.mono",
                  { href: href("objects", [store, key]) },
                  h("span.muted", {}, `${store}/`),
                  key,
                ),
              ),
              h("td.right.wide", {}, bytes(size)),
              h("td.right", {}, h("mo-countdown", { until: text })),
            ),
          ),
        ),
      ),
      known > next.length && h("p.hint", {}, `and ${counted(known - next.length, "more object")}`),
      limitNote(notLooked),
    );
  }

  #show() {
    const time = dateAndTime(now());
    fill(
      this.#date,
      new Intl.DateTimeFormat("en", { dateStyle: "full", timeZone: "UTC" }).format(now()),
    );
    fill(this.#time, time.slice(-8));
    const moved = ahead();
    const isMoved = Math.abs(moved) > NOTICEABLE_MS;
    const by = `${duration(Math.abs(moved) / 1000)} ${moved > 0 ? "ahead" : "behind"}`;
    const text = `${isFrozen()}${isMoved && !isFrozen() ? by : isMoved}`;
    if (this.#state.dataset.text === text) return;
    this.#state.dataset.text = text;
    fill(
      this.#state,
      isFrozen() ? badge("Frozen", "info") : badge("Running", "ok"),
      isMoved ? badge(by, "warn") : badge("as the system's clock"),
    );
    fill(
      this.#freeze,
      icon(isFrozen() ? "play" : "snow"),
      isFrozen() ? "Let it run from here" : "Freeze",
    );
    this.#release.disabled = !isFrozen() && !isMoved;
  }

  #form(label, control, submit, act) {
    return h(
      "form.inline",
      {
        onsubmit: (event) => {
          event.preventDefault();
          act();
        },
      },
      field(label, control),
      h("button", { type: "submit" }, submit),
    );
  }

  // To go on from where it stands, a frozen clock is released and then set to that instant.
  #flip() {
    if (!isFrozen()) return this.#do("freeze", {}, "The clock stands still");
    const at = now() / 1000;
    return this.run(async () => {
      await post(path(["clock", "release"]));
      await this.#learn("set", { at }, "The clock runs");
    });
  }

  #advance(seconds) {
    if (!seconds) return this.#by.focus();
    return this.#do("advance", { seconds }, `Moved forward by ${seconds}`);
  }

  #set() {
    if (!this.#at.value) return this.#at.focus();
    return this.#do("set", { at: `${this.#at.value}Z` }, "The clock is set");
  }

  #do(what, body, said) {
    return this.run(() => this.#learn(what, body, said));
  }

  async #learn(what, body, said) {
    learn(await post(path(["clock", what]), body));
    this.#show();
    announce(said);
    await this.refresh();
  }
}

const limitNote = (stores) =>
  stores.length > 0 &&
  h(
    "p.hint",
    {},
    `Of ${stores.join(", ")} only the first ${count(LOOKED_AT)} objects, by key, are looked at.`,
  );

customElements.define("page-clock", ClockPage);
