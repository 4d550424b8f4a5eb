// The dialog that uploads files as objects, with the progress of each.

import { path, upload } from "../api.js";
import { ask, field, select } from "../dialog.js";
import { fill, h } from "../dom.js";
import { bytes, counted } from "../format.js";
import { icon } from "../icons.js";
import { toast } from "../toast.js";
import { chosen, dropZone } from "./dropped.js";
import { headersOf, pairs } from "./headers.js";
import { typeOfName } from "./kinds.js";

const AT_ONCE = 3;

/** Ask what to upload and how, and do it.
 *
 * @param {object} to
 * @param {string} to.store
 * @param {string} to.prefix what the keys begin with
 * @param {string} [to.key] the key, where a single object is replaced
 * @param {{file: File, name: string}[]} [to.files] those chosen already
 * @param {(name: string) => boolean} to.has whether the revision has a feature
 * @returns {Promise<boolean>} whether something was uploaded
 */
export async function uploadDialog({ store, prefix, key, files = [], has }) {
  const form = new UploadForm({ store, prefix, key, has });
  form.add(files);
  const given = await ask(
    key === undefined ? `Upload to ${store}` : "Replace the object",
    form.content(),
    { submit: "Upload", wide: true, act: (data) => form.send(data) },
  );
  form.stop();
  if (given !== null) toast(`Uploaded ${counted(form.sent, "object")}`);
  return form.sent > 0;
}

class UploadForm {
  sent = 0;
  #to;
  #rows = [];
  #ending = new AbortController();
  #list = h("ul.uploads", {});
  #key;
  #input;

  constructor(to) {
    this.#to = to;
    this.#key = h("input.mono", { name: "key", value: to.key ?? to.prefix, autocomplete: "off" });
    this.#input = h("input", {
      type: "file",
      multiple: to.key === undefined,
      autofocus: true,
      onchange: () => this.add(chosen(this.#input)),
    });
  }

  content() {
    const { has, key } = this.#to;
    const zone = h(
      "label.drop-zone",
      {},
      icon("upload"),
      h("span", {}, "Drop files here, or choose some"),
      this.#input,
    );
    dropZone(zone, (files) => this.add(files));
    return [
      zone,
      this.#list,
      field(
        key === undefined ? "Folder" : "Key",
        this.#key,
        key === undefined && "What the keys begin with; the name of each file follows.",
      ),
      h(
        "div.fields",
        {},
        field(
          "TTL in seconds",
          h("input", {
            name: "ttl",
            type: "number",
            min: 1,
            step: 1,
            placeholder: "does not expire",
          }),
        ),
        field(
          "Content type",
          h("input", {
            name: "type",
            placeholder: "by the file's name",
            autocomplete: "off",
          }),
        ),
        has("ephemeral") &&
          field(
            "Persistence",
            select({ name: "persistence" }, [
              ["durable", "durable: cache and storage"],
              ["ephemeral", "ephemeral: cache only"],
            ]),
          ),
      ),
      h(
        "div.fields",
        {},
        field(
          "Metadata",
          h("textarea", {
            name: "metadata",
            rows: 3,
            placeholder: "cache-control: max-age=60",
            spellcheck: "false",
          }),
          "One name: value a line.",
        ),
        has("tags") &&
          field(
            "Tags",
            h("textarea", {
              name: "tags",
              rows: 3,
              placeholder: "team: video",
              spellcheck: "false",
            }),
            "One name: value a line, kept only in storage.",
          ),
      ),
    ];
  }

  add(files) {
    for (const { file, name } of this.#to.key === undefined ? files : files.slice(0, 1)) {
      const bar = h("progress", { max: 1, value: 0, "aria-label": `Progress of ${name}` });
      const state = h("span.muted", {}, bytes(file.size));
      const element = h("li", {}, h("span.ellipsis", { title: name }, name), state, bar);
      this.#rows.push({ file, name, bar, state, element, isDone: false });
    }
    if (this.#to.key !== undefined) this.#rows = this.#rows.slice(-1);
    fill(
      this.#list,
      this.#rows.map(({ element }) => element),
    );
  }

  stop() {
    this.#ending.abort();
  }

  /** Send what is not sent yet.
   *
   * @throws {Error} if a file could not be sent; the others are
   */
  async send(data) {
    const waiting = this.#rows.filter(({ isDone }) => !isDone);
    if (this.#rows.length === 0) throw new Error("Choose a file first.");
    const common = {
      metadata: pairs(data.get("metadata"), "Metadata"),
      tags: pairs(data.get("tags") ?? "", "Tags"),
      isEphemeral: data.get("persistence") === "ephemeral",
    };
    const problems = [];
    const rows = waiting.values();
    const worker = async () => {
      for (const row of rows) {
        const problem = await this.#sendOne(row, data, common);
        if (problem) problems.push(problem);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    if (problems.length) {
      const which = waiting.length > 1 ? `${problems.length} of ${waiting.length} failed: ` : "";
      throw new Error(`${which}${problems[0].message}`);
    }
  }

  async #sendOne(row, data, common) {
    const { store, key } = this.#to;
    const target = key === undefined ? data.get("key") + row.name : data.get("key");
    const contentType = data.get("type") || row.file.type || typeOfName(row.name);
    try {
      await upload(path(["bodies", store, target], { ttl_seconds: data.get("ttl") }), row.file, {
        headers: headersOf({ ...common, contentType }),
        progress: (part) => {
          row.bar.value = part;
        },
        signal: this.#ending.signal,
      });
      Object.assign(row, { isDone: true });
      row.bar.value = 1;
      fill(row.state, "uploaded");
      this.sent += 1;
      return null;
    } catch (error) {
      fill(row.state, error.message);
      return error;
    }
  }
}
