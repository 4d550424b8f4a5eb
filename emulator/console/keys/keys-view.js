// <mo-keys>: the API keys of the account. A key's text is shown once, when it is made.

import { get, path, post, remove } from "../api.js";
import { copyButton } from "../copy.js";
import { ask, danger, field, select } from "../dialog.js";
import { fill, h } from "../dom.js";
import { icon } from "../icons.js";
import { badge, card, empty, Page } from "../page.js";
import { table } from "../table.js";

const EVERY_MS = 3000;

const LIVES = [
  ["", "never"],
  ["3600", "in 1 hour"],
  ["86400", "in 1 day"],
  ["2592000", "in 30 days"],
  ["60", "in 1 minute"],
];

class Keys extends Page {
  #seen = "";
  #roles = [];
  #content = h("div", {});

  build() {
    this.classList.add("view");
    this.append(
      h(
        "div.toolbar",
        {},
        h("p.muted.grow", {}, "What clients send in Authorization."),
        h(
          "button.primary",
          { type: "button", onclick: () => this.run(() => this.#create()) },
          icon("plus"),
          "Create key",
        ),
      ),
      this.#content,
    );
    this.every(EVERY_MS, () => this.refresh());
  }

  async refresh() {
    const { signal } = this;
    const [{ keys }, { roles }] = await Promise.all([
      get(path(["keys"]), { signal }),
      get(path(["roles"]), { signal }),
    ]);
    this.#roles = roles;
    const seen = JSON.stringify([keys, roles]);
    if (seen === this.#seen) return;
    this.#seen = seen;
    fill(
      this.#content,
      keys.length === 0
        ? empty("No API keys", "Every request is refused until there is one.")
        : card(null, table(this.#columns(), keys)),
    );
  }

  #columns() {
    return [
      {
        title: "Description",
        cell: ({ description }) => description || h("span.muted", {}, "none"),
      },
      { title: "Role", cell: ({ role_id: id }) => this.#roleBadge(id) },
      { title: "Key id", wide: true, cell: ({ key_id: id }) => h("span.mono", {}, id) },
      {
        title: "Made",
        wide: true,
        cell: (key) => h("mo-age", { since: instant(key.issued_at_epoch_seconds) }),
      },
      { title: "Expires", cell: expiryOf },
      { title: "Actions", unseen: true, align: "right", cell: (key) => this.#revokeButton(key) },
    ];
  }

  #roleBadge(id) {
    const role = this.#roles.find(({ role_id: each }) => each === id);
    return badge(role?.role_name ?? id, role ? "info" : "warn");
  }

  #revokeButton(key) {
    const name = key.description || key.key_id;
    return h(
      "button.quiet.danger",
      {
        type: "button",
        "aria-label": `Revoke ${name}`,
        onclick: () => this.run(() => this.#revoke(key, name)),
      },
      "Revoke",
    );
  }

  async #create() {
    const made = await ask(
      "Create an API key",
      [
        field(
          "Role",
          select(
            { name: "role", required: true },
            this.#roles.map(({ role_id: id, role_name: name }) => [id, name]),
          ),
        ),
        field("Description", h("input", { name: "description", autocomplete: "off" })),
        field("Expires", select({ name: "life" }, LIVES), "On the emulator's clock."),
        h(
          "label.check",
          {},
          h("input", { type: "checkbox", name: "v1" }),
          "In the older form (v1), which contains the endpoint",
        ),
      ],
      {
        submit: "Create key",
        act: (data) =>
          post(path(["keys"]), {
            role: data.get("role"),
            description: data.get("description"),
            ...(data.get("life") ? { expires_in_seconds: Number(data.get("life")) } : {}),
            ...(data.get("v1") ? { v1: true } : {}),
          }),
      },
    );
    if (made === null) return;
    await Promise.all([this.refresh(), showOnce(made.api_key)]);
  }

  async #revoke({ key_id: id }, name) {
    const done = await danger({
      title: `Revoke ${name}?`,
      message: "Requests with it are refused from now on.",
      submit: "Revoke",
      done: `Revoked ${name}`,
      act: () => remove(path(["keys", id])),
    });
    if (done) await this.refresh();
  }
}

const showOnce = (key) =>
  ask(
    "The new API key",
    [
      h("p", {}, "Copy it now: the emulator keeps only its digest, so it cannot be shown again."),
      h("div.code.secret", {}, key, copyButton("API key", key)),
    ],
    { submit: "Done", cancel: null, required: true },
  );

const expiryOf = ({ expires_at_epoch_seconds: seconds }) =>
  seconds === undefined
    ? h("span.muted", {}, "never")
    : h("mo-countdown", { until: instant(seconds) });

const instant = (seconds) => new Date(seconds * 1000).toISOString();

customElements.define("mo-keys", Keys);
