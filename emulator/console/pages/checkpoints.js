// The page "Checkpoints": keep the state, go back to it, write it to a file and read it again.

import { get, path, post, put, remove, upload } from "../api.js";
import { danger, stateChanged, UNDO } from "../dialog.js";
import { fill, h, save } from "../dom.js";
import { bytes, dateAndTime, percent } from "../format.js";
import { icon } from "../icons.js";
import { card, empty, head, Page } from "../page.js";
import { table } from "../table.js";
import { toast } from "../toast.js";
import { whole } from "../objects/body.js";
import { dropZone } from "../objects/dropped.js";
import "../age.js";

const EVERY_MS = 3000;

class CheckpointsPage extends Page {
  #seen = "";
  #name = h("input", {
    name: "name",
    placeholder: "two stores",
    required: true,
    "aria-label": "Name of the checkpoint",
    autocomplete: "off",
  });
  #list = h("div", {});
  #progress = h("p.muted", { role: "status" });

  build() {
    const file = h("input", {
      type: "file",
      accept: ".json,application/json",
      onchange: () =>
        this.run(async () => {
          const [chosen] = file.files;
          file.value = "";
          if (chosen) await this.#import(chosen);
        }),
    });
    const zone = h(
      "label.drop-zone",
      {},
      icon("upload"),
      h("span", {}, "Drop an exported file here, or choose it"),
      file,
    );
    dropZone(zone, ([dropped]) => this.run(() => this.#import(dropped.file)), {
      signal: this.signal,
    });
    this.append(
      head(
        "Checkpoints",
        "The whole state: account, stores, objects, caches, clock, fault rules.",
        h(
          "button.quiet.danger",
          { type: "button", onclick: () => this.run(() => this.#reset()) },
          icon("refresh"),
          "Reset",
        ),
      ),
      card(
        "Checkpoints",
        h(
          "form.toolbar",
          { onsubmit: (event) => this.#submitted(event) },
          this.#name,
          h("button.primary", { type: "submit" }, icon("checkpoints"), "Take checkpoint"),
        ),
        this.#list,
      ),
      h(
        "div.cards",
        {},
        card(
          "Export",
          h("p.muted", {}, "The account, the stores, the objects and the clock as a file of JSON."),
          h(
            "div.toolbar",
            {},
            h(
              "button",
              { type: "button", onclick: () => this.run(() => this.#export()) },
              icon("download"),
              "Export",
            ),
            this.#progress,
          ),
        ),
        card("Import", h("p.muted", {}, "Replaces the state with an exported one."), zone),
      ),
    );
    this.every(EVERY_MS, () => this.refresh());
  }

  async refresh() {
    const { checkpoints } = await get(path(["checkpoints"]), { signal: this.signal });
    const seen = JSON.stringify(checkpoints);
    if (seen === this.#seen) return;
    this.#seen = seen;
    fill(
      this.#list,
      checkpoints.length === 0
        ? empty("No checkpoints yet", "Take one, and go back to it as often as you like.")
        : table(this.#columns(), checkpoints),
    );
  }

  #columns() {
    return [
      { title: "Name", cell: ({ name }) => nameOf(name) },
      { title: "Made", wide: true, cell: ({ made_at: made }) => dateAndTime(Date.parse(made)) },
      { title: "Age", cell: ({ made_at: made }) => h("mo-age", { since: made }) },
      { title: "Actions", unseen: true, align: "right", cell: ({ name }) => this.#buttons(name) },
    ];
  }

  #buttons(name) {
    const button = (text, act, kind = "") =>
      h(
        "button",
        {
          type: "button",
          class: kind,
          "aria-label": `${text} ${name}`,
          onclick: () => this.run(act),
        },
        text,
      );
    return [
      button("Restore", () => this.#restore(name)),
      " ",
      button("Delete", () => this.#drop(name), "quiet danger"),
    ];
  }

  #submitted(event) {
    event.preventDefault();
    this.run(async () => {
      const name = this.#name.value;
      await put(path(["checkpoints", name]));
      this.#name.value = "";
      toast(`Took the checkpoint ${name}`);
      await this.refresh();
    });
  }

  async #restore(name) {
    const done = await danger({
      title: `Go back to ${name}?`,
      message: "What has changed since is lost. The journal stays.",
      submit: "Restore",
      done: `Went back to ${name}`,
      undo: name !== UNDO,
      act: () => post(path(["checkpoints", name])),
    });
    if (done) stateChanged();
  }

  async #drop(name) {
    const done = await danger({
      title: `Delete the checkpoint ${name}?`,
      message: "The state that it keeps is lost. This cannot be undone.",
      submit: "Delete",
      done: `Deleted the checkpoint ${name}`,
      undo: false,
      act: () => remove(path(["checkpoints", name])),
    });
    if (done) await this.refresh();
  }

  async #reset() {
    const done = await danger({
      title: "Reset the emulator?",
      message:
        "It goes back to the state that it started with: the first keys and the seed, the " +
        "real time, an empty journal. Checkpoints stay. The journal and the counts of the tiers " +
        "do not come back when it is undone.",
      submit: "Reset",
      done: "The emulator is as it was started",
      act: () => post(path(["reset"])),
    });
    if (done) stateChanged();
  }

  async #export() {
    const blob = await whole(path(["state"]), {
      type: "application/json",
      progress: (size) => fill(this.#progress, `${bytes(size)} so far`),
      signal: this.signal,
    });
    fill(this.#progress, `${bytes(blob.size)} exported`);
    save(blob, "state.json");
  }

  async #import(file) {
    const bar = h("progress", { max: 1, value: 0, "aria-label": "Progress of the import" });
    const state = h("span.muted", { role: "status" });
    const progress = (part) => {
      bar.value = part;
      fill(state, part < 1 ? `${percent(part)} sent` : "The emulator reads it…");
    };
    const done = await danger({
      title: "Import this state?",
      message: [
        `${file.name} (${bytes(file.size)}) replaces the account, the stores, the objects ` +
          "and the clock. Fault rules and checkpoints stay.",
        bar,
        state,
      ],
      submit: "Import",
      done: `Imported ${file.name}`,
      act: () =>
        upload(path(["state"]), file, {
          headers: { "Content-Type": "application/json" },
          progress,
          signal: this.signal,
        }),
    });
    if (done) stateChanged();
  }
}

const nameOf = (name) =>
  name === UNDO
    ? [h("span.mono", {}, name), h("small.muted", {}, " before the last change in the console")]
    : name;

customElements.define("page-checkpoints", CheckpointsPage);
