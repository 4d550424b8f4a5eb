// <mo-roles>: the roles, and what each allows.

import { get, path } from "../api.js";
import { fill, h } from "../dom.js";
import { counted } from "../format.js";
import { badge, Page } from "../page.js";
import { permissionTable } from "./permissions.js";

const EVERY_MS = 3000;

class Roles extends Page {
  #seen = "";
  #content = h("div.cards.roles", {});

  build() {
    this.classList.add("view");
    this.append(this.#content);
    this.every(EVERY_MS, () => this.refresh());
  }

  async refresh() {
    const { signal } = this;
    const [{ keys }, { roles }] = await Promise.all([
      get(path(["keys"]), { signal }),
      get(path(["roles"]), { signal }),
    ]);
    const seen = JSON.stringify([keys, roles]);
    if (seen === this.#seen) return;
    this.#seen = seen;
    fill(
      this.#content,
      roles.map((role) =>
        roleCard(role, keys.filter(({ role_id: id }) => id === role.role_id).length),
      ),
    );
  }
}

const roleCard = (role, keys) =>
  h(
    "section.card.role",
    {},
    h(
      "header",
      {},
      h("h2", {}, role.role_name),
      h(
        "span.badges",
        {},
        badge(role.role_type),
        badge(counted(keys, "key"), keys ? "info" : "none"),
      ),
    ),
    role.description && h("p.muted", {}, role.description),
    permissionTable(role.permissions),
    h("p.muted", {}, "Id ", h("span.mono", {}, role.role_id)),
  );

customElements.define("mo-roles", Roles);
