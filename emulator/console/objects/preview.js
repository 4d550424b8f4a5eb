// <mo-preview>: shows what is in an object. A page of HTML and an SVG run in a sandbox that has no
// scripts and no origin; all the rest is text, or media that cannot run anything.

import { fill, h } from "../dom.js";
import { bytes } from "../format.js";
import { empty } from "../page.js";
import { beginning, bodyPath, whole } from "./body.js";
import { hexDump } from "./hex.js";
import { coloured, pretty } from "./json.js";
import { kindOf, kindOfBytes, mediaType, textOf, typeOf } from "./kinds.js";
import { isExpired } from "./tiers.js";
import "./playlist.js";

const TEXT_BYTES = 512 * 1024;
const HEX_BYTES = 16 * 1024;
const UNASKED_BYTES = 32 * 1024 * 1024;

const NAMES = {
  image: "Image",
  page: "Page",
  playlist: "Playlist",
  audio: "Audio",
  video: "Video",
  json: "JSON",
  text: "Text",
  bytes: "Bytes",
};

/** What a kind can be shown as; the first is shown at first. */
const VIEWS = {
  page: ["page", "text", "bytes"],
  image: ["image", "bytes"],
  audio: ["audio", "bytes"],
  video: ["video", "bytes"],
  playlist: ["playlist", "text", "bytes"],
  json: ["json", "text", "bytes"],
  text: ["text", "bytes"],
  bytes: ["bytes", "text"],
};

class Preview extends HTMLElement {
  #shown = null;
  #ending = new AbortController();
  #players = [];
  #views = h("div.segments", { role: "group", "aria-label": "Show as" });
  #note = h("p.hint", {});
  #content = h("div.preview-content", {});

  connectedCallback() {
    this.append(h("header", {}, h("h2", {}, "Content"), this.#views), this.#content, this.#note);
  }

  disconnectedCallback() {
    this.#end();
  }

  /** Show an object as a tier has it; nothing happens if it is shown already.
   *
   * @param {{store: string, key: string, tier: string, entry: object}} object
   */
  async show(object) {
    const { store, key, tier, entry } = object;
    const identity = JSON.stringify([store, key, tier, entry.version, isExpired(entry)]);
    if (this.#shown?.identity === identity) return;
    const url = bodyPath(store, key, tier);
    this.#shown = { ...object, identity, url, type: typeOf(key, entry.metadata) };
    if (isExpired(entry)) {
      this.#begin();
      this.#offer([]);
      fill(this.#content, empty("It has expired", `A client gets 404 for it from ${tier}.`));
      fill(this.#note);
      return;
    }
    let kind = kindOf(this.#shown.type);
    if (kind === "bytes" && entry.size > 0) {
      const signal = this.#begin();
      const first = await this.#guarded(signal, () => beginning(url, HEX_BYTES, { signal }));
      if (!first) return;
      kind = kindOfBytes(first);
    }
    this.#offer(VIEWS[kind]);
    await this.#view(VIEWS[kind][0]);
  }

  #offer(views) {
    fill(
      this.#views,
      views.map((view) =>
        h(
          "button",
          { type: "button", "data-view": view, onclick: () => this.#view(view) },
          view === "text" && views[0] !== "text" ? "Source" : NAMES[view],
        ),
      ),
    );
    this.#views.hidden = views.length === 0 || this.#shown.entry.size === 0;
  }

  async #view(view) {
    for (const button of this.#views.children) {
      button.setAttribute("aria-pressed", String(button.dataset.view === view));
    }
    const signal = this.#begin();
    fill(this.#note);
    const { size } = this.#shown.entry;
    if (size === 0) {
      fill(this.#content, h("p.muted", {}, "The object is empty."));
      return;
    }
    const isMedia = ["image", "audio", "video", "page"].includes(view);
    if (isMedia && size > UNASKED_BYTES) {
      fill(
        this.#content,
        h(
          "button",
          {
            type: "button",
            onclick: () => this.#draw(view, signal),
          },
          `Load ${bytes(size)}`,
        ),
      );
      return;
    }
    await this.#draw(view, signal);
  }

  async #draw(view, signal) {
    const drawn = await this.#guarded(signal, () => {
      if (view === "bytes") return this.#bytes(signal);
      if (["text", "json", "playlist"].includes(view)) return this.#text(view, signal);
      return this.#media(view, signal);
    });
    if (drawn) fill(this.#content, drawn);
  }

  async #bytes(signal) {
    const read = await beginning(this.#shown.url, HEX_BYTES, { signal });
    this.#say(read.length, "Bytes 0 to");
    return block("hex", [hexDump(read)]);
  }

  async #text(view, signal) {
    const read = await beginning(this.#shown.url, TEXT_BYTES, { signal });
    const text = textOf(read);
    if (text === null) {
      fill(this.#note, "This is not text in UTF-8: its first bytes.");
      return block("hex", [hexDump(read.subarray(0, HEX_BYTES))]);
    }
    if (view === "playlist") {
      const { store, key } = this.#shown;
      return h("mo-playlist", { text, store, key });
    }
    const laidOut = view === "json" ? pretty(text) : null;
    if (view === "json" && laidOut === null && read.length === this.#shown.entry.size) {
      fill(this.#note, "This is not valid JSON: it is shown as it is.");
    } else {
      this.#say(read.length, "Bytes 0 to");
    }
    return block(view, laidOut === null ? [text] : coloured(laidOut));
  }

  async #media(view, signal) {
    const { url, type, key, entry } = this.#shown;
    fill(this.#content, h("p.muted", {}, "Loading…"));
    const given = entry.metadata["content-type"] ?? "";
    const full = mediaType(given) === type ? given : type; // A page's may name its encoding.
    const body = await whole(url, { type: full, signal });
    if (signal.aborted) return null;
    const shown = URL.createObjectURL(body);
    if (view === "page") return sandboxed(shown);
    const broken = () => this.#broken(view, signal);
    if (view === "image") {
      const image = h("img", { src: shown, alt: `Content of ${key}`, onerror: broken });
      image.addEventListener("load", () =>
        fill(this.#note, `${image.naturalWidth} × ${image.naturalHeight} pixels`),
      );
      this.#players.push(image);
      return image;
    }
    const player = h(view, { src: shown, controls: true, preload: "metadata", onerror: broken });
    this.#players.push(player);
    return player;
  }

  async #broken(view, signal) {
    if (signal.aborted) return;
    await this.#view("bytes");
    fill(this.#note, `This browser cannot show it as ${view}: its first bytes.`);
  }

  #say(read, what) {
    const { size } = this.#shown.entry;
    fill(this.#note, read < size ? `${what} ${bytes(read)} of ${bytes(size)}` : "");
  }

  async #guarded(signal, act) {
    try {
      const done = await act();
      return signal.aborted ? null : done;
    } catch (error) {
      if (signal.aborted) return null;
      if (error.name !== "ApiError") throw error;
      fill(this.#content, h("p.problem", {}, error.message));
      return null;
    }
  }

  #begin() {
    this.#end();
    this.#ending = new AbortController();
    return this.#ending.signal;
  }

  #end() {
    this.#ending.abort();
    for (const media of this.#players) {
      const url = media.getAttribute("src");
      media.removeAttribute("src"); // What still loads would find nothing, which is an error.
      URL.revokeObjectURL(url);
    }
    this.#players = [];
  }
}

const block = (kind, content) =>
  h(
    "pre.preview-text",
    { class: kind, tabindex: "0", role: "region", "aria-label": "Content" },
    content,
  );

// The address is of use only once: opened in a window of its own there would be no sandbox.
function sandboxed(url) {
  const frame = h("iframe", { sandbox: "", title: "Content, without scripts", src: url });
  frame.addEventListener("load", () => URL.revokeObjectURL(url), { once: true });
  return frame;
}

customElements.define("mo-preview", Preview);
