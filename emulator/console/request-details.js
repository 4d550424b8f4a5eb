// <mo-request>: one request of the journal in full.

import { copy } from "./copy.js";
import { asCurl } from "./curl.js";
import { fill, h } from "./dom.js";
import { bytes, dateAndTime, milliseconds, outcomeKind, statusKind, timeOfDay } from "./format.js";
import { itemsOf } from "./hints.js";
import { icon } from "./icons.js";
import { badge, href } from "./page.js";
import { overview } from "./samples.js";
import { toast } from "./toast.js";

/** `show(call)` shows a call; "close" tells that it is to be closed. */
class Request extends HTMLElement {
  connectedCallback() {
    this.setAttribute("role", "region");
    this.setAttribute("aria-label", "Request");
  }

  show(call) {
    const items = itemsOf(call);
    fill(
      this,
      h(
        "header",
        {},
        h("h2", { tabindex: "-1" }, `Request ${call.number}`),
        h(
          "button.quiet",
          { type: "button", onclick: () => copyCurl(call) },
          icon("terminal"),
          "Copy as curl",
        ),
        h(
          "button.icon-button",
          {
            type: "button",
            "aria-label": "Close the request",
            title: "Close (Esc)",
            onclick: () => this.dispatchEvent(new Event("close")),
          },
          icon("close"),
        ),
      ),
      h(
        "div.request-line",
        {},
        h("p.code.mono", {}, h("strong", {}, call.method), ` ${call.target}`),
        h(
          "p.badges",
          {},
          badge(call.status ?? (call.running ? "running" : "no answer"), statusKind(call.status)),
          call.outcome && badge(call.outcome, outcomeKind(call.outcome)),
          !call.complete && !call.running && badge("not complete", "bad"),
        ),
      ),
      items.length > 0 && h("ul.hints", {}, items),
      timing(call),
      facts(call),
      headers("Request headers", call.request_headers),
      headers("Response headers", call.response_headers),
    );
    this.scrollTop = 0;
  }
}

function timing({ first_byte_ms: first, duration_ms: whole, running }) {
  if (running || whole === null) return null;
  const waited = first ?? whole;
  const bar = h("div.timing-bar", { "aria-hidden": "true" }, h("span.waited"), h("span.sent"));
  bar.style.setProperty("--waited", `${whole ? Math.max(1, (waited / whole) * 100) : 100}%`);
  return h(
    "section.timing",
    {},
    h("h3", {}, "Timing"),
    bar,
    h(
      "p",
      {},
      h("span.key-waited", {}, `First byte after ${milliseconds(waited)}`),
      h("span.key-sent", {}, `whole answer after ${milliseconds(whole)}`),
    ),
  );
}

function facts(call) {
  const at = Date.parse(call.time);
  const rows = [
    ["Operation", call.operation ?? "none of the service"],
    ["Store", call.store && h("a", { href: href("objects", [call.store]) }, call.store)],
    ["Key", call.key && h("code", {}, call.key)],
    ["Time", `${dateAndTime(at).slice(0, 10)} ${timeOfDay(at)} UTC`],
    [
      "Caller",
      [
        call.role_name ?? call.key_id ?? "not known",
        call.role_name && call.key_id && h("span.muted", {}, ` (key ${call.key_id})`),
      ],
    ],
    ["Address", call.address],
    ["Body received", bytes(call.request_size)],
    ["Body sent", bytes(call.response_size)],
    ["Object's age", call.object_age_ms !== null && milliseconds(call.object_age_ms)],
    [
      "Fault rules",
      call.faults.length > 0 &&
        h(
          "span.badges",
          {},
          call.faults.map((id) => h("a", { href: href("faults", [id]) }, badge(id, "ephemeral"))),
        ),
    ],
  ];
  return h(
    "dl.facts",
    {},
    rows
      .filter(([, value]) => value)
      .map(([name, value]) => [h("dt", {}, name), h("dd", {}, value)]),
  );
}

function headers(title, pairs) {
  return h(
    "section",
    {},
    h("h3", {}, title),
    pairs.length === 0
      ? h("p.muted", {}, "none")
      : h(
          "dl.headers.mono",
          {},
          pairs.map(([name, value]) => [h("dt", {}, name), h("dd", {}, value)]),
        ),
  );
}

async function copyCurl(call) {
  const done = await copy(asCurl(call, overview?.endpoint ?? location.origin));
  const cut = call.request_headers_cut > 0 ? "; some headers were not kept" : "";
  if (done) toast(`Copied as curl; it takes the key from MOMENTO_API_KEY${cut}`);
  else toast("The browser did not let us copy", { kind: "error" });
}

customElements.define("mo-request", Request);
