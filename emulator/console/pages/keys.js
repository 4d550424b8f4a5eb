// The page "Keys and roles": API keys, what the roles allow, and the members of the account.

import "../age.js";
import { h } from "../dom.js";
import { head, Page } from "../page.js";
import { tabs } from "../tabs.js";
import "../keys/keys-view.js";
import "../keys/members-view.js";
import "../keys/roles-view.js";

const VIEWS = { "": "mo-keys", roles: "mo-roles", members: "mo-members" };

class KeysPage extends Page {
  #tabs = tabs("keys", "Keys and roles", [
    ["", "API keys"],
    ["roles", "Roles"],
    ["members", "Members"],
  ]);
  #view = null;

  build() {
    this.append(head("Keys and roles", "Who may do what in the account."), this.#tabs);
  }

  route([part = ""]) {
    const name = part in VIEWS ? part : "";
    this.#tabs.choose(name);
    this.#view?.remove();
    this.#view = h(VIEWS[name]);
    this.append(this.#view);
  }
}

customElements.define("page-keys", KeysPage);
