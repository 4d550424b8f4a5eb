// <mo-logs>: the access logs, newest entries first, with new ones as they come.

import { follow, get, path, remove } from "../api.js";
import { copyButton } from "../copy.js";
import { ask, danger, select } from "../dialog.js";
import { debounce, fill, h } from "../dom.js";
import {
  bytes,
  count,
  counted,
  milliseconds,
  outcomeKind,
  statusKind,
  timeOfDay,
} from "../format.js";
import { icon } from "../icons.js";
import { badge, empty, go, href, Page } from "../page.js";
import { failed } from "../toast.js";
import { keepNewest, newOnes } from "../waiting.js";

const KEPT = 10_000;
const MAY_COME_AGAIN = 1000;
const TYPING_MS = 120;

const COLUMNS = [
  { title: "Time", width: "92px", cell: ({ timestamp }) => timeOfDay(timestamp) },
  {
    title: "Status",
    width: "minmax(100px, 150px)",
    cell: ({ status }) => badge(status, outcomeKind(status)),
  },
  {
    title: "HTTP",
    width: "44px",
    wide: 560,
    cell: ({ http_status_code: status }) => status && badge(status, statusKind(status)),
  },
  { title: "Operation", width: "104px", wide: 640, cell: ({ operation }) => operation },
  { title: "Store", width: "minmax(60px, 120px)", wide: 800, cell: ({ store }) => clipped(store) },
  { title: "Key", width: "minmax(110px, 2fr)", cell: ({ key }) => clipped(key) },
  { title: "Size", width: "64px", align: "right", wide: 500, cell: ({ size }) => bytes(size) },
  {
    title: "Object age",
    width: "76px",
    align: "right",
    wide: 900,
    cell: ({ object_age_us: age }) => milliseconds(age === undefined ? null : age / 1000),
  },
  {
    title: "Took",
    width: "64px",
    align: "right",
    wide: 440,
    cell: ({ total_time_us: time }) => milliseconds(time === undefined ? null : time / 1000),
  },
];

class Logs extends Page {
  #group = null;
  #entries = [];
  #stream = null;
  #isPaused = false;
  #arrived = [];
  #isDrawing = false;
  #isReading = false;
  #alreadyRead = new Map();
  #dropped = 0;
  #choice = select(
    {
      "aria-label": "Log group",
      onchange: () => go(href("logs", ["", this.#choice.value])),
    },
    [],
  );
  #pause = h("button", { type: "button", onclick: () => this.#pauseOrGoOn() });
  #count = h("p.muted.count", { role: "status" });
  #list = h("mo-list", {});
  #none = h("div.nothing", {});

  build() {
    this.classList.add("view", "fills");
    this.searchField = h("input", {
      type: "search",
      placeholder: "Search entries",
      "aria-label": "Search entries",
      autocomplete: "off",
      spellcheck: "false",
      oninput: debounce(TYPING_MS, () => this.#show()),
    });
    Object.assign(this.#list, { columns: COLUMNS, label: "Log entries", open: showEntry });
    this.append(
      h(
        "div.toolbar",
        {},
        this.#choice,
        h(
          "label.search",
          {},
          icon("search"),
          this.searchField,
          h("kbd", { "aria-hidden": "true" }, "/"),
        ),
        this.#count,
        this.#pause,
        h(
          "button.quiet.danger",
          { type: "button", onclick: () => this.run(() => this.#clear()) },
          icon("trash"),
          "Clear logs",
        ),
      ),
      this.#list,
      this.#none,
    );
    this.#showPause();
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.#stream?.abort();
  }

  async route([, group]) {
    this.#group = group ?? this.#group;
    await this.refresh();
  }

  async refresh() {
    this.#stream?.abort();
    const stream = (this.#stream = new AbortController());
    const { log_groups: groups } = await get(path(["logs"]), { signal: stream.signal });
    const names = groups.map(({ log_group: name }) => name);
    if (!names.includes(this.#group)) this.#group = names[0] ?? null;
    fill(
      this.#choice,
      names.map((name) => h("option", { value: name }, name)),
    );
    this.#choice.hidden = names.length === 0;
    this.#choice.value = this.#group ?? "";
    this.#entries = [];
    this.#arrived = [];
    this.#alreadyRead.clear();
    if (this.#group === null) this.#show();
    else this.#follow(stream.signal);
  }

  // Begin to listen before the entries are read, so that none is missed in between.
  #follow(signal) {
    const group = this.#group;
    const connected = (isConnected) => {
      if (isConnected) this.run(() => this.#read(group, signal));
    };
    follow({ calls: false, logs: group }, (type, data) => this.#event(type, data), {
      signal,
      state: connected,
    }).catch(failed);
  }

  async #read(group, signal) {
    this.#isReading = true;
    let read;
    try {
      read = await get(path(["logs", group]), { signal });
    } finally {
      if (!signal.aborted) this.#isReading = false;
    }
    const { entries, dropped } = read;
    this.#alreadyRead = tally(entries.slice(-MAY_COME_AGAIN));
    this.#arrived = this.#arrived.filter((entry) => !this.#hasRead(entry));
    this.#entries = entries.reverse();
    this.#dropped = dropped;
    this.#show();
    this.#drawSoon();
  }

  // Whether a new entry is one that was read already: the stream may tell of it later.
  #hasRead(entry) {
    const text = textOf(entry);
    const times = this.#alreadyRead.get(text) ?? 0;
    if (times > 0) this.#alreadyRead.set(text, times - 1);
    return times > 0;
  }

  #event(type, data) {
    if (type === "cleared") this.run(() => this.refresh());
    if (type === "dropped" && data.log_group === this.#group) {
      this.#dropped += data.count;
      this.#showCount(this.#list.items.length);
    }
    if (type !== "log" || data.log_group !== this.#group) return;
    if (!this.#isReading && this.#hasRead(data.entry)) return;
    keepNewest(this.#arrived, data.entry, KEPT);
    if (this.#isPaused) this.#showPause();
    else this.#drawSoon();
  }

  #drawSoon() {
    if (this.#isDrawing || this.#isPaused || this.#isReading) return;
    this.#isDrawing = true;
    requestAnimationFrame(() => {
      this.#isDrawing = false;
      const added = this.#arrived.splice(0).reverse();
      if (added.length === 0) return;
      this.#entries = [...added, ...this.#entries].slice(0, KEPT);
      if (this.#list.hidden || this.searchField.value) this.#show();
      else {
        this.#list.prependItems(added, KEPT);
        this.#showCount(this.#entries.length);
      }
    });
  }

  #show() {
    const text = this.searchField.value.toLowerCase();
    const shown = text
      ? this.#entries.filter((entry) => textOf(entry).toLowerCase().includes(text))
      : this.#entries;
    this.#list.hidden = shown.length === 0;
    this.#none.hidden = shown.length > 0;
    this.#list.items = [...shown];
    this.#showCount(shown.length);
    if (shown.length > 0) return;
    fill(
      this.#none,
      this.#group === null
        ? empty("No log groups", "Give a store an access log in its configuration.")
        : text
          ? empty("No entry has that text")
          : empty("No entries yet", "Each operation on an object of a store with this log is one."),
    );
  }

  #showCount(number) {
    const dropped = this.#dropped ? `, ${count(this.#dropped)} older ones dropped` : "";
    fill(this.#count, counted(number, "entry", "entries") + dropped);
  }

  #pauseOrGoOn() {
    this.#isPaused = !this.#isPaused;
    this.#showPause();
    this.#drawSoon();
  }

  #showPause() {
    const waiting = this.#arrived.length;
    this.#pause.setAttribute("aria-pressed", String(this.#isPaused));
    fill(
      this.#pause,
      icon(this.#isPaused ? "play" : "pause"),
      this.#isPaused ? `Go on${newOnes(waiting, KEPT)}` : "Pause",
    );
  }

  async #clear() {
    const done = await danger({
      title: "Clear the logs?",
      message: "The entries of every log group are forgotten. This cannot be undone.",
      submit: "Clear logs",
      done: "The logs are empty",
      undo: false,
      act: () => remove(path(["logs"])),
    });
    if (done) await this.refresh();
  }
}

function showEntry(entry) {
  const text = JSON.stringify(entry, null, 2);
  return ask("Log entry", [h("pre.code", {}, text, copyButton("entry", text))], {
    submit: "Close",
    cancel: null,
    wide: true,
  });
}

/** How often there is each entry. */
function tally(entries) {
  const times = new Map();
  for (const text of entries.map(textOf)) times.set(text, (times.get(text) ?? 0) + 1);
  return times;
}

const textOf = (entry) => JSON.stringify(entry);
const clipped = (text) => h("span.ellipsis", { title: text }, text);

customElements.define("mo-logs", Logs);
