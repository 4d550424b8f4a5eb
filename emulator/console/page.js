// What every page is: an element with a head, that follows the route and cleans up after itself.

import { state } from "./dialog.js";
import { h } from "./dom.js";
import { ticks } from "./time.js";
import { failed } from "./toast.js";

/** Base of the pages.
 *
 * A page builds itself in `build()`, once. `route(parts, query)` follows: at first, and whenever the
 * part of the address behind the page's name changes. `refresh()` reads the page's data again: when
 * the state was replaced or, unless `clockMoved()` does otherwise, the clock was moved.
 * `searchField` is what `/` focuses, if there is one.
 * All that the page starts ends with `this.signal`, when another page is shown.
 */
export class Page extends HTMLElement {
  #ending = new AbortController();
  searchField = null;

  /** Aborts when the page is left: give it to requests and listeners. */
  get signal() {
    return this.#ending.signal;
  }

  connectedCallback() {
    const { signal } = this;
    state.addEventListener("change", () => this.run(() => this.refresh()), { signal });
    ticks.addEventListener("change", () => this.run(() => this.clockMoved()), { signal });
    this.build();
  }

  disconnectedCallback() {
    this.#ending.abort();
  }

  build() {}
  route() {}
  refresh() {}

  clockMoved() {
    return this.refresh();
  }

  /** Do something that may fail or be given up; an error is shown as a message. */
  async run(act) {
    try {
      return await act();
    } catch (error) {
      if (!this.signal.aborted) failed(error);
      return undefined;
    }
  }

  /** Do something now and then, while the page is shown and the tab is visible. Errors are left to
   * the shell, which says that the emulator does not answer. */
  every(milliseconds, act) {
    const step = async () => {
      try {
        if (!document.hidden) await act();
      } catch (error) {
        if (error.name !== "ApiError" && error.name !== "AbortError") console.error(error);
      }
      if (!this.signal.aborted) timer = setTimeout(step, milliseconds);
    };
    let timer = 0;
    this.signal.addEventListener("abort", () => clearTimeout(timer));
    step();
  }
}

/** The head of a page: its title, a line about it, and what can be done there. */
export const head = (title, subtitle, ...actions) =>
  h(
    "header.page-head",
    {},
    h("div", {}, h("h1", { tabindex: "-1" }, title), subtitle && h("p.subtitle", {}, subtitle)),
    h("div.actions", {}, actions),
  );

/** A card with a title. */
export const card = (title, ...content) =>
  h("section.card", {}, title && h("h2", {}, title), content);

/** What stands where there is nothing yet. */
export const empty = (title, ...text) =>
  h("div.empty", {}, h("p.empty-title", {}, title), text.length > 0 && h("p", {}, text));

/** A short word in a coloured box; the kind is ok, info, warn, bad, cache, storage, ephemeral. */
export const badge = (text, kind = "none") => h("span.badge", { class: kind }, text);

/** The address of a page: its id, parts behind it, and a query. */
export function href(page, parts = [], query = {}) {
  const given = Object.entries(query).filter(([, value]) => (value ?? "") !== "");
  const text = new URLSearchParams(given).toString();
  return `#/${[page, ...parts].map(encodeURIComponent).join("/")}${text ? `?${text}` : ""}`;
}

/** Go to a page; with `replace` the browser's history keeps no step for it. */
export function go(address, { replace = false } = {}) {
  if (replace) {
    history.replaceState(null, "", address);
    window.dispatchEvent(new HashChangeEvent("hashchange"));
  } else {
    location.hash = address.slice(1);
  }
}

/** What the address names: the page's id, the parts behind it, and the query. */
export function current() {
  const [names, query = ""] = location.hash.replace(/^#\/?/, "").split(/\?(.*)/s);
  const [page, ...parts] = names.split("/").map(decoded);
  return { page, parts, query: new URLSearchParams(query) };
}

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
