// <mo-shell>: the frame around the pages. Navigation, theme, keyboard, token, state of the connection.

import { onTokenNeeded } from "./api.js";
import { ask, closeDialogs, field, stateChanged } from "./dialog.js";
import { fill, h } from "./dom.js";
import { dateAndTime, duration } from "./format.js";
import { icon } from "./icons.js";
import { current, empty, go, href } from "./page.js";
import { PAGES } from "./pages.js";
import { isReachable, overview, sampleNow, samples, start } from "./samples.js";
import { ahead, isFrozen, now, ticks } from "./time.js";
import { announce, failed, regions } from "./toast.js";

const THEME = "momento-emulator-theme";
const THEMES = { system: "System theme", light: "Light theme", dark: "Dark theme" };
const NOTICEABLE_MS = 2000;
const FIRST_LETTER_MS = 1500;

const SHORTCUTS = [
  ["/", "Search on this page"],
  ["?", "Show this help"],
  [
    "g then o r f c k l p s",
    "Go to a page: overview, requests, faults, clock, keys, logs, checkpoints, stores",
  ],
  ["↑ ↓ Home End", "Move in a list"],
  ["Enter", "Open what is selected"],
  ["Esc", "Close a dialog or a panel"],
];

const LETTERS = {
  o: "overview",
  s: "objects",
  r: "requests",
  f: "faults",
  c: "clock",
  k: "keys",
  l: "logs",
  p: "checkpoints",
};

class Shell extends HTMLElement {
  #links = new Map();
  #page = null;
  #shown = null;
  #routing = 0;
  #isMissing = false;
  #revision = null;
  #goPressed = 0;
  #main = h("main", { id: "main", tabindex: "-1" });
  #clock = h("span.clock-time", {});
  #clockState = h("span.clock-state", {});
  #connection = h("p.connection", { role: "status" });
  #lost = h("p.lost", { role: "status" }); // Where the navigation is not seen.
  #themeButton = h("button.icon-button", { type: "button", onclick: () => this.#nextTheme() });

  connectedCallback() {
    onTokenNeeded(askForToken);
    this.append(
      h("a.skip", { href: "#main", onclick: (event) => this.#skip(event) }, "Skip to content"),
      this.#topBar(),
      this.#navigation(),
      h("div.backdrop", { onclick: () => this.#open(false) }),
      this.#main,
      ...regions(),
    );
    this.#showTheme();
    this.#showClock();
    this.#showConnection();
    addEventListener("hashchange", () => this.#route());
    addEventListener("keydown", (event) => this.#key(event));
    ticks.addEventListener("tick", () => this.#showClock());
    for (const type of ["lost", "found"]) {
      samples.addEventListener(type, () => this.#showConnection());
    }
    samples.addEventListener("found", () => this.#loadAgain());
    samples.addEventListener("sample", () => {
      this.#revision ??= overview.revision;
      this.#showFeatures();
    });
    samples.addEventListener("restarted", () => this.#restarted());
    start().catch(failed);
    this.#route();
  }

  #topBar() {
    return h(
      "header.top-bar",
      {},
      h(
        "button.icon-button",
        {
          type: "button",
          "aria-label": "Menu",
          onclick: () => this.#open(true),
        },
        icon("menu"),
      ),
      h("span.brand", {}, icon("objects"), "Object Store"),
      this.#lost,
    );
  }

  #navigation() {
    const links = PAGES.map(({ id, title }) => {
      const link = h("a", { href: href(id) }, icon(id), h("span", {}, title));
      this.#links.set(id, link);
      return h("li", {}, link);
    });
    return h(
      "nav.side",
      { "aria-label": "Pages" },
      h(
        "a.brand",
        { href: href("overview"), "aria-label": "Momento Object Store emulator" },
        h("span.logo", {}, icon("objects")),
        h("span", {}, h("strong", {}, "Object Store"), h("small", {}, "Momento emulator")),
      ),
      h("ul", {}, links),
      h(
        "div.side-foot",
        {},
        this.#connection,
        h(
          "a.clock-pill",
          { href: href("clock"), title: "The emulator's clock, in UTC" },
          icon("clock"),
          h("span", {}, this.#clock, this.#clockState),
        ),
        h(
          "div.side-tools",
          {},
          this.#themeButton,
          h(
            "button.icon-button",
            {
              type: "button",
              "aria-label": "Keyboard shortcuts",
              title: "Keyboard shortcuts (?)",
              onclick: showHelp,
            },
            icon("help"),
          ),
          h(
            "a.icon-button",
            {
              href: "/_emulator/docs",
              "aria-label": "API documents",
              title: "API documents",
            },
            icon("book"),
          ),
        ),
      ),
    );
  }

  async #route() {
    const { page, parts, query } = current();
    const entry = PAGES.find(({ id }) => id === page);
    if (!entry) {
      go(href("overview"), { replace: true });
      return;
    }
    this.#open(false);
    const turn = ++this.#routing;
    if (this.#shown !== entry.id) {
      try {
        await import(entry.module);
      } catch (error) {
        console.error(error);
        this.#shown = null;
        this.#isMissing = true;
        fill(this.#main, empty("This page could not be loaded", "Is the emulator running?"));
        return;
      }
      if (turn !== this.#routing) return;
      this.#show(entry);
    }
    try {
      await this.#page.route(parts, query);
    } catch (error) {
      failed(error);
    }
  }

  // A browser may remember that a module could not be loaded: only a new document asks again.
  #loadAgain() {
    if (this.#isMissing) location.reload();
  }

  // Another revision has other pages, columns and fields.
  #restarted() {
    if (overview.revision === this.#revision && !this.#isMissing) stateChanged();
    else location.reload();
  }

  #show(entry) {
    const isFirst = this.#shown === null;
    this.#shown = entry.id;
    this.#isMissing = false;
    closeDialogs();
    for (const [id, link] of this.#links) {
      if (id === entry.id) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
    document.title = `${entry.title} · Momento Object Store emulator`;
    this.#page = document.createElement(entry.tag);
    fill(this.#main, this.#page);
    this.#main.scrollTop = 0;
    if (isFirst) return;
    this.#main.focus({ preventScroll: true });
    announce(entry.title);
  }

  #skip(event) {
    event.preventDefault();
    this.#main.focus();
  }

  #open(isOpen) {
    this.classList.toggle("nav-open", isOpen);
    if (isOpen) this.#links.get(this.#shown)?.focus();
  }

  #key(event) {
    if (event.key === "Escape") this.#open(false);
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (isTyping(event.target) || document.querySelector("dialog[open]")) return;
    const waiting = performance.now() - this.#goPressed < FIRST_LETTER_MS;
    this.#goPressed = event.key === "g" ? performance.now() : 0;
    if (event.key === "/") {
      const search = this.#page?.searchField;
      if (!search) return;
      search.focus();
      search.select?.();
    } else if (event.key === "?") {
      showHelp();
    } else if (waiting && LETTERS[event.key]) {
      go(href(LETTERS[event.key]));
    } else {
      return;
    }
    event.preventDefault();
  }

  #showClock() {
    fill(this.#clock, dateAndTime(now()));
    const moved = ahead();
    const by = duration(Math.abs(moved) / 1000);
    const state = isFrozen() ? "frozen" : Math.abs(moved) > NOTICEABLE_MS ? "moved" : "real";
    this.querySelector(".clock-pill").dataset.state = state;
    fill(
      this.#clockState,
      {
        frozen: "Frozen",
        moved: `${by} ${moved > 0 ? "ahead" : "behind"}`,
        real: "System time, UTC",
      }[state],
    );
  }

  #showConnection() {
    const text = { null: "Connecting…", true: "Connected", false: "Not reachable" }[isReachable];
    this.#connection.dataset.state = { null: "wait", true: "ok", false: "bad" }[isReachable];
    fill(this.#connection, text);
    fill(this.#lost, isReachable === false ? "No answer" : "");
  }

  #showFeatures() {
    for (const { id, needs } of PAGES) {
      if (!needs) continue;
      this.#links.get(id).parentElement.hidden = !overview.features.includes(needs);
    }
  }

  #nextTheme() {
    const names = Object.keys(THEMES);
    const next = names[(names.indexOf(theme()) + 1) % names.length];
    if (next === "system") {
      delete document.documentElement.dataset.theme;
      keep(() => localStorage.removeItem(THEME));
    } else {
      document.documentElement.dataset.theme = next;
      keep(() => localStorage.setItem(THEME, next));
    }
    this.#showTheme();
    announce(THEMES[next]);
  }

  #showTheme() {
    const shown = theme();
    const label = `${THEMES[shown]}: change it`;
    fill(this.#themeButton, icon({ system: "system", light: "sun", dark: "moon" }[shown]));
    this.#themeButton.setAttribute("aria-label", label);
    this.#themeButton.title = label;
  }
}

const theme = () => document.documentElement.dataset.theme ?? "system";

function keep(act) {
  try {
    act();
  } catch {
    // A browser that keeps nothing has the theme until the page is left.
  }
}

const isTyping = (target) =>
  target instanceof HTMLElement &&
  (target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName));

async function askForToken(isWrong) {
  const token = h("input", {
    name: "token",
    type: "password",
    autocomplete: "off",
    required: true,
    autofocus: true,
  });
  const given = await ask(
    "This emulator asks for its control token",
    [
      isWrong && h("p.problem", {}, "That is not the token."),
      h(
        "p",
        {},
        "It is what the emulator was given by --control-token, --control-token-file, or the " +
          "variable MOMENTO_EMULATOR_CONTROL_TOKEN. This tab keeps it until it is closed.",
      ),
      field("Control token", token),
    ],
    { submit: "Continue", cancel: null, required: true },
  );
  sampleNow();
  return given?.get("token") ?? "";
}

function showHelp() {
  ask(
    "Keyboard shortcuts",
    [
      h(
        "dl.shortcuts",
        {},
        SHORTCUTS.map(([keys, what]) => [
          h(
            "dt",
            {},
            keys.split(" ").map((key) => (key === "then" ? " then " : h("kbd", {}, key))),
          ),
          h("dd", {}, what),
        ]),
      ),
    ],
    { submit: "Close", cancel: null },
  );
}

customElements.define("mo-shell", Shell);
