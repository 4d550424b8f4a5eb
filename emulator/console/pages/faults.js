// The page "Faults": rules with how often they fired, presets, and rules of one's own.

import { get, path, post, remove } from "../api.js";
import { OPERATIONS } from "../conditions.js";
import { ask, danger, field, select } from "../dialog.js";
import { fill, h } from "../dom.js";
import { conditionText, effectText, PRESETS } from "../fault-presets.js";
import { counted } from "../format.js";
import { icon } from "../icons.js";
import { empty, head, href, Page } from "../page.js";
import { announce, toast } from "../toast.js";

const EVERY_MS = 1500;

const EFFECTS = [
  ["status", "Answer with an error"],
  ["latency", "Wait before the answer"],
  ["close", "Close the connection"],
  ["truncate", "Cut the body"],
  ["trickle", "Send the body slowly"],
  ["storage_down", "Storage is down"],
  ["storage_slow", "Storage is slow"],
  ["storage_lost", "Storage loses its objects"],
  ["cache_down", "The cache is down"],
  ["cache_slow", "The cache is slow"],
  ["cache_lost", "The cache loses its objects"],
];

class Faults extends Page {
  #rows = new Map();
  #chosen = null;
  #list = h("ul.rules", { "aria-label": "Fault rules" });
  #none = empty(
    "No fault rules",
    "Requests are served as they are. Choose a preset below, or write a rule.",
  );
  #clear = h(
    "button",
    { type: "button", hidden: true, onclick: () => this.#removeAll() },
    icon("trash"),
    "Remove all",
  );

  build() {
    this.append(
      head(
        "Faults",
        "Rules that make requests fail, wait or end early",
        this.#clear,
        h(
          "button.primary",
          { type: "button", onclick: () => this.#write() },
          icon("plus"),
          "New rule",
        ),
      ),
      h("section.card.flush", { "aria-label": "Rules" }, this.#list, this.#none),
      h("h2", {}, "Presets"),
      h(
        "div.presets",
        {},
        PRESETS.map((preset) => this.#preset(preset)),
      ),
    );
    this.every(EVERY_MS, () => this.refresh());
  }

  route([id]) {
    this.#chosen = id ?? null;
    for (const [each, row] of this.#rows) row.element.classList.toggle("chosen", each === id);
    this.#rows.get(id)?.element.scrollIntoView({ block: "nearest" });
  }

  async refresh() {
    const { faults } = await get(path(["faults"]), { signal: this.signal });
    const ids = new Set(faults.map(({ id }) => id));
    for (const [id, row] of this.#rows) {
      if (!ids.has(id)) {
        row.element.remove();
        this.#rows.delete(id);
      }
    }
    for (const rule of faults) {
      if (!this.#rows.has(rule.id)) this.#add(rule);
      this.#rows.get(rule.id).update(rule);
    }
    this.#none.hidden = faults.length > 0;
    this.#clear.hidden = faults.length < 2;
  }

  #add(rule) {
    const row = new Row(rule, {
      flip: (isOn) => this.run(() => this.#flip(rule.id, isOn)),
      drop: () => this.run(() => this.#drop(rule.id)),
    });
    row.element.classList.toggle("chosen", rule.id === this.#chosen);
    this.#rows.set(rule.id, row);
    this.#list.append(row.element);
  }

  async #flip(id, isOn) {
    try {
      await post(path(["faults", id, isOn ? "enable" : "disable"]));
      announce(`${id} is ${isOn ? "on" : "off"}`);
    } finally {
      await this.refresh();
    }
  }

  async #drop(id) {
    const { matched: _, fired: __, ...rule } = await remove(path(["faults", id]));
    await this.refresh();
    const again = () => this.run(() => this.#create(rule));
    toast(`Removed ${id}`, { action: { label: "Undo", act: again } });
  }

  #removeAll() {
    return danger({
      title: "Remove every fault rule?",
      message: "Requests are then served as they are.",
      submit: "Remove all",
      done: "Every fault rule is removed",
      act: async () => {
        await remove(path(["faults"]));
        await this.refresh();
      },
    });
  }

  async #create(rule) {
    const made = await post(path(["faults"]), rule);
    await this.refresh();
    return made;
  }

  #preset({ title, text, rule }) {
    return h(
      "button.preset",
      {
        type: "button",
        onclick: () =>
          this.run(async () => {
            const { id } = await this.#create(rule);
            toast(`${title} is on`, {
              action: { label: "Undo", act: () => this.run(() => this.#drop(id)) },
            });
          }),
      },
      h("strong", {}, title),
      h("span", {}, text),
    );
  }

  async #write() {
    const form = new RuleForm();
    const made = await ask("New fault rule", form.content, {
      submit: "Add rule",
      wide: true,
      act: () => this.#create(form.rule()),
    });
    if (made) toast(`Added ${made.id}`);
  }
}

/** One rule of the list. Its counts and its switch change in place. */
class Row {
  #fired = h("strong", {});
  #matched = h("span.muted", {});
  #switch = h("input", { type: "checkbox", role: "switch" });

  constructor(rule, { flip, drop }) {
    this.#switch.setAttribute("aria-label", `Rule ${rule.id}`);
    this.#switch.addEventListener("change", () => flip(this.#switch.checked));
    this.element = h(
      "li.rule",
      {},
      h("label.switch", {}, this.#switch, h("span")),
      h(
        "div.rule-text",
        {},
        h("p", {}, h("strong", {}, sentence(effectText(rule))), " ", h("code.muted", {}, rule.id)),
        h("p.muted", {}, conditionText(rule)),
      ),
      h(
        "a.rule-counts",
        {
          href: href("requests", [], { fault: rule.id }),
          title: "Show the requests on which it fired",
        },
        this.#fired,
        this.#matched,
      ),
      h(
        "button.icon-button",
        { type: "button", "aria-label": `Remove ${rule.id}`, title: "Remove", onclick: drop },
        icon("trash"),
      ),
    );
  }

  update({ enabled = true, fired, matched }) {
    if (this.#switch.checked !== enabled) this.#switch.checked = enabled;
    this.element.classList.toggle("off", !enabled);
    fill(this.#fired, `fired ${counted(fired, "time")}`);
    fill(this.#matched, `of ${counted(matched, "match", "matches")}`);
  }
}

/** The fields of a rule: the common ones as fields, everything else as JSON. */
class RuleForm {
  #effect = select({}, EFFECTS);
  #operation = h("input", { list: "fault-operations", placeholder: "any", autocomplete: "off" });
  #store = h("input", { placeholder: "any, or a pattern", autocomplete: "off" });
  #key = h("input", { placeholder: "any, or as live/*", autocomplete: "off" });
  #times = h("input", { type: "number", min: 1, placeholder: "no limit" });
  #chance = h("input", { type: "number", min: 0, max: 100, placeholder: "100" });
  #details = {
    status: [
      ["status", select({}, ["429", "500", "503", "401", "403", "404", "400"]), "Status", Number],
    ],
    latency: [["seconds", number(1), "Seconds", Number]],
    close: [
      [
        "where",
        select({}, [
          ["before_answer", "before the answer"],
          ["answer_body", "in the answer's body"],
        ]),
        "Where",
        String,
      ],
    ],
    truncate: [["after_fraction", number(0.5, 0.05), "After this part of it (0 to 1)", Number]],
    trickle: [["bytes_per_second", number(50_000, 1), "Bytes a second", Number]],
    storage_slow: [["seconds", number(1), "Seconds", Number]],
    cache_slow: [["seconds", number(1), "Seconds", Number]],
  };
  #detail = h("div", {});
  #json = h("textarea", { rows: 9, spellcheck: "false" });

  constructor() {
    this.#showDetail();
    this.#effect.addEventListener("change", () => this.#showDetail());
    const fields = [
      h("div.fields", {}, field("What happens", this.#effect), this.#detail),
      h(
        "div.fields",
        {},
        field("Operation", this.#operation),
        field("Store", this.#store),
        field("Key", this.#key),
      ),
      h(
        "div.fields",
        {},
        field("At most so many times", this.#times),
        field("Chance in percent", this.#chance),
      ),
      h(
        "datalist",
        { id: "fault-operations" },
        OPERATIONS.map((value) => h("option", { value })),
      ),
    ];
    // The event "toggle" comes later, and would undo what is typed at once.
    const begin = () => {
      if (!this.json.open) this.#json.value = JSON.stringify(this.#fromFields(), null, 2);
    };
    this.json = h(
      "details.as-json",
      {},
      h("summary", { onclick: begin }, "Write it as JSON"),
      field(
        "Rule",
        this.#json,
        "All conditions and effects of the documentation; used instead of the fields.",
      ),
    );
    this.content = [...fields, this.json];
    this.content.forEach((each) => each.addEventListener("input", () => this.#follow(each)));
  }

  /** The rule's document.
   *
   * @throws {SyntaxError} the JSON is none
   */
  rule() {
    return this.json.open ? JSON.parse(this.#json.value) : this.#fromFields();
  }

  #follow(changed) {
    if (changed !== this.json && this.json.open) {
      this.#json.value = JSON.stringify(this.#fromFields(), null, 2);
    }
  }

  #showDetail() {
    const details = this.#details[this.#effect.value] ?? [];
    fill(
      this.#detail,
      details.map(([, control, label]) => field(label, control)),
    );
  }

  #fromFields() {
    const type = this.#effect.value;
    const details = this.#details[type] ?? [];
    const effect =
      details.length === 0
        ? type
        : {
            type,
            ...Object.fromEntries(
              details.map(([name, control, , read]) => [name, read(control.value)]),
            ),
          };
    const rule = {};
    if (this.#operation.value) rule.operation = this.#operation.value;
    if (this.#store.value) rule.store = this.#store.value;
    if (this.#key.value) rule.key = this.#key.value;
    if (this.#times.value) rule.times = Number(this.#times.value);
    if (this.#chance.value) rule.probability = Number(this.#chance.value) / 100;
    return { ...rule, effect };
  }
}

const number = (value, step = 0.1) => h("input", { type: "number", min: 0, step, value });

const sentence = (text) => text[0].toUpperCase() + text.slice(1);

customElements.define("page-faults", Faults);
