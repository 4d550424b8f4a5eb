// The page "Requests": the journal, live, with filters; a request is shown in full beside it.

import { follow, get, path, remove, send } from "../api.js";
import { conditions, OPERATIONS, OUTCOMES, STATUSES } from "../conditions.js";
import { danger, select } from "../dialog.js";
import { debounce, fill, h, save } from "../dom.js";
import { bytes, count, milliseconds, outcomeKind, statusKind, timeOfDay } from "../format.js";
import { icon } from "../icons.js";
import { badge, current, empty, go, head, href, Page } from "../page.js";
import { failed } from "../toast.js";
import { keepNewest, newOnes } from "../waiting.js";
import "../request-details.js";

const PAGE = 200;
const KEPT = 10_000;
const TYPING_MS = 120;
const FILTERS = ["key", "operation", "status", "outcome", "fault"];

const COLUMNS = [
  {
    title: "#",
    width: "52px",
    align: "right",
    wide: 760,
    cell: ({ number }) => h("span.muted", {}, count(number)),
  },
  { title: "Time", width: "94px", wide: 500, cell: ({ time }) => timeOfDay(Date.parse(time)) },
  {
    title: "Status",
    width: "52px",
    cell: (call) => badge(statusText(call), statusKind(call.status)),
  },
  { title: "Operation", width: "120px", wide: 760, cell: operationOf },
  { title: "Store and key", width: "minmax(120px, 1fr)", cell: whatOf },
  { title: "Outcome", width: "212px", wide: 700, cell: outcomeOf },
  {
    title: "Size",
    width: "64px",
    align: "right",
    wide: 760,
    cell: (call) => bytes(Math.max(call.request_size, call.response_size)),
  },
  { title: "Took", width: "64px", align: "right", cell: ({ duration_ms: ms }) => milliseconds(ms) },
];

class Requests extends Page {
  #filter = {};
  #stream = null;
  #isPaused = false;
  #waiting = [];
  #arrived = [];
  #isDrawing = false;
  #hasOlder = false;
  #missed = 0;
  #shown = null;
  #list = h("mo-list", {});
  #details = h("mo-request", { hidden: true });
  #nothing = h("div.list-empty", { hidden: true });
  #found = h("span.muted", { role: "status" });
  #pause = h(
    "button",
    { type: "button", "aria-pressed": "false", onclick: () => this.#pauseOrGoOn() },
    icon("pause"),
    "Pause",
  );
  #fields = {
    operation: this.#choice("operation", "Any operation", OPERATIONS),
    status: this.#choice("status", "Any status", STATUSES),
    outcome: this.#choice("outcome", "Any outcome", OUTCOMES),
  };

  build() {
    this.classList.add("fills");
    this.searchField = h("input", {
      type: "search",
      "aria-label": "Search keys",
      placeholder: "Search keys, or a pattern as live/*",
      autocomplete: "off",
      spellcheck: "false",
      oninput: debounce(TYPING_MS, () => this.#choose("key", this.searchField.value)),
    });
    Object.assign(this.#list, {
      label: "Requests",
      columns: COLUMNS,
      rowClass: ({ running }) => (running ? "running" : ""),
      open: ({ number }) => go(href("requests", [number], this.#filter)),
      more: () => this.run(() => this.#older()),
    });
    this.#details.addEventListener("close", () => go(href("requests", [], this.#filter)));
    document.addEventListener("keydown", (event) => this.#key(event), { signal: this.signal });
    this.append(
      head(
        "Requests",
        this.#found,
        this.#pause,
        h(
          "button",
          { type: "button", onclick: () => this.run(() => this.#saveHar()) },
          icon("download"),
          "Save as HAR",
        ),
        h("button", { type: "button", onclick: () => this.#clear() }, icon("trash"), "Clear"),
      ),
      h(
        "div.toolbar",
        {},
        h(
          "div.search",
          {},
          icon("search"),
          this.searchField,
          h("kbd", { "aria-hidden": "true" }, "/"),
        ),
        Object.values(this.#fields),
      ),
      h("div.split", {}, h("div.list-box", {}, this.#list, this.#nothing), this.#details),
    );
  }

  #key({ key }) {
    const isOpen = !this.#details.hidden && !document.querySelector("dialog[open]");
    if (key === "Escape" && isOpen) go(href("requests", [], this.#filter));
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.#stream?.abort();
  }

  async route([number], query) {
    const filter = {};
    for (const name of FILTERS) if (query.get(name)) filter[name] = query.get(name);
    const isNew = JSON.stringify(filter) !== JSON.stringify(this.#filter) || this.#stream === null;
    this.#filter = filter;
    for (const [name, field] of Object.entries(this.#fields)) field.value = filter[name] ?? "";
    if (document.activeElement !== this.searchField) this.searchField.value = filter.key ?? "";
    if (isNew) await this.#start();
    await this.#open(number);
  }

  refresh() {
    return this.#start();
  }

  // What happened stays as it was.
  clockMoved() {}

  #choice(name, any, options) {
    return select(
      {
        "aria-label": any.replace("Any ", "Filter by "),
        onchange: (event) => this.#choose(name, event.target.value),
      },
      [["", any], ...options],
    );
  }

  // What was typed just before another page was chosen does not lead back here.
  #choose(name, value) {
    if (current().page !== "requests") return;
    go(href("requests", current().parts, { ...this.#filter, [name]: value }), { replace: true });
  }

  // Read the newest page, then follow what comes after it.
  async #start() {
    this.#stream?.abort();
    const stream = (this.#stream = new AbortController());
    const { signal } = stream;
    const wanted = conditions(this.#filter);
    let since;
    try {
      // One after the other: what comes between the two answers is in the page, or told.
      const newest = await get(path(["journal"], { last: 1 }), { signal });
      const answer = await get(path(["journal"], { ...wanted, last: PAGE }), { signal });
      const calls = answer.calls.reverse();
      since = Math.max(newest.calls[0]?.number ?? 0, calls[0]?.number ?? 0);
      this.#arrived = [];
      this.#waiting = [];
      this.#missed = 0;
      this.#hasOlder = calls.length === PAGE;
      this.#list.items = calls;
      this.#count();
    } catch (error) {
      if (signal.aborted) return;
      throw error;
    }
    follow({ ...wanted, since }, (type, data) => this.#event(type, data), { signal }).catch(failed);
  }

  async #older() {
    const oldest = this.#list.items.at(-1);
    if (!this.#hasOlder || !oldest || this.#list.items.length >= KEPT) return;
    const { signal } = this.#stream;
    const before = { max_number: oldest.number - 1, last: PAGE };
    const { calls } = await get(path(["journal"], { ...conditions(this.#filter), ...before }), {
      signal,
    });
    this.#hasOlder = calls.length === PAGE;
    this.#list.appendItems(calls.reverse());
    this.#count();
  }

  #event(type, data) {
    if (type === "cleared" && data.journal) this.run(() => this.#start());
    if (type === "dropped") {
      this.#missed += data.count;
      this.#count();
    }
    if (type !== "call") return;
    keepNewest(this.#isPaused ? this.#waiting : this.#arrived, data, KEPT);
    if (this.#isPaused) this.#showPause();
    else this.#drawSoon();
  }

  // Many requests may end between two frames: draw them together.
  #drawSoon() {
    if (this.#isDrawing) return;
    this.#isDrawing = true;
    requestAnimationFrame(() => {
      this.#isDrawing = false;
      this.#merge(this.#arrived.splice(0));
    });
  }

  #merge(calls) {
    const { items } = this.#list;
    const newest = items[0]?.number ?? 0;
    const added = calls.filter(({ number }) => number > newest).sort((a, b) => b.number - a.number);
    // What is older than the list comes with its page.
    const oldest = this.#hasOlder ? (items.at(-1)?.number ?? 0) : 0;
    const late = calls.filter(({ number }) => number <= newest && number >= oldest);
    if (items.length + added.length > KEPT) this.#hasOlder = true;
    this.#list.prependItems(added, KEPT);
    for (const call of late) {
      this.#list.insertItem(call, (item) => call.number - item.number);
      if (this.#shown?.running && this.#shown.number === call.number) {
        this.#shown = call;
        this.#details.show(call);
      }
    }
    this.#count();
  }

  #pauseOrGoOn() {
    this.#isPaused = !this.#isPaused;
    if (!this.#isPaused) this.#merge(this.#waiting.splice(0));
    this.#showPause();
  }

  #showPause() {
    const waiting = this.#waiting.length;
    this.#pause.setAttribute("aria-pressed", String(this.#isPaused));
    fill(
      this.#pause,
      icon(this.#isPaused ? "play" : "pause"),
      this.#isPaused ? `Go on${newOnes(waiting, KEPT)}` : "Pause",
    );
  }

  #count() {
    const { length } = this.#list.items;
    const isFiltered = Object.keys(this.#filter).length > 0;
    const what = isFiltered ? "matching requests" : "requests";
    fill(
      this.#found,
      length
        ? `${count(length)}${this.#hasOlder ? "+" : ""} ${what}, newest first${this.#missedText()}`
        : "Every request to the service, as it arrives",
    );
    this.#nothing.hidden = length > 0;
    if (length === 0) {
      fill(
        this.#nothing,
        isFiltered
          ? empty("No request matches", "New ones appear as they arrive.")
          : empty("No requests yet", "Send one to the endpoint, and it appears here."),
      );
    }
  }

  #missedText() {
    return this.#missed ? `; ${count(this.#missed)} were dropped before they could be read` : "";
  }

  // On a phone the request covers the list: there is nothing to cover it with if there is none.
  async #open(number) {
    const known = this.#list.items.find((call) => String(call.number) === number);
    let call = known;
    try {
      if (number && !known) call = await get(path(["journal", number]));
    } catch (error) {
      go(href("requests", [], this.#filter), { replace: true });
      throw error;
    }
    this.#shown = call ?? null;
    this.#details.hidden = !call;
    this.classList.toggle("has-details", Boolean(call));
    if (call) this.#details.show(call);
    if (known) this.#list.select(known);
  }

  async #saveHar() {
    const query = { ...conditions(this.#filter), format: "har" };
    save(await (await send(path(["journal"], query))).blob(), "requests.har");
  }

  #clear() {
    return danger({
      title: "Clear the journal?",
      message:
        "All recorded requests are forgotten, and this cannot be undone. Objects, stores and keys stay " +
        "as they are.",
      submit: "Clear the journal",
      done: "The journal is empty",
      undo: false,
      act: async () => {
        await remove(path(["journal"]));
        await this.#start();
      },
    });
  }
}

function statusText({ status, running }) {
  if (status !== null) return String(status);
  return running ? "…" : "none";
}

function operationOf({ operation, method }) {
  return h("span.ellipsis", { title: operation }, operation ?? method);
}

function whatOf({ store, key, target }) {
  if (!store) return h("span.ellipsis.mono", {}, target);
  return h(
    "span.ellipsis.mono",
    { title: `${store}/${key}` },
    h("span.muted", {}, key ? `${store}/` : store),
    key,
  );
}

function outcomeOf({ outcome, complete, running, status, faults }) {
  return [
    outcome && h("span.outcome", { class: outcomeKind(outcome) }, outcome),
    faults.length > 0 &&
      h(
        "span.badge.ephemeral",
        { title: faults.join(", ") },
        icon("faults"),
        h("span.visually-hidden", {}, "fault rules fired"),
      ),
    !complete && !running && status !== null && badge("cut off", "bad"),
  ];
}

customElements.define("page-requests", Requests);
