// <mo-members>: the people of the account, and open invitations.

import { get, path, post, put, remove } from "../api.js";
import { ask, danger, field, select } from "../dialog.js";
import { fill, h } from "../dom.js";
import { icon } from "../icons.js";
import { badge, card, Page } from "../page.js";
import { table } from "../table.js";
import { failed, toast } from "../toast.js";

const EVERY_MS = 3000;
const SYSTEM_ROLES = [
  ["viewer", "Viewer"],
  ["operator", "Operator"],
  ["owner", "Owner"],
];

class Members extends Page {
  #seen = "";
  #members = h("div", {});
  #invitations = h("div", {});

  build() {
    this.classList.add("view");
    this.append(
      h(
        "div.toolbar",
        {},
        h("p.muted.grow", {}, "There is always an Owner."),
        h(
          "button.primary",
          { type: "button", onclick: () => this.run(() => this.#invite()) },
          icon("plus"),
          "Invite",
        ),
      ),
      card("Members", this.#members),
      card("Invitations", this.#invitations),
    );
    this.every(EVERY_MS, () => this.refresh());
  }

  async refresh() {
    const { signal } = this;
    const [{ members }, { invitations }] = await Promise.all([
      get(path(["members"]), { signal }),
      get(path(["invitations"]), { signal }),
    ]);
    const seen = JSON.stringify([members, invitations]);
    if (seen === this.#seen) return;
    this.#seen = seen;
    fill(this.#members, table(this.#memberColumns(), members));
    fill(
      this.#invitations,
      invitations.length
        ? table(this.#invitationColumns(), invitations)
        : h("p.muted", {}, "No open invitations."),
    );
  }

  #memberColumns() {
    const removal = (name) => this.#button("Remove", name, () => this.#remove(name));
    return [
      { title: "Member", cell: ({ user_name: name }) => name },
      { title: "Role", cell: (member) => this.#roleChoice(member) },
      {
        title: "Actions",
        unseen: true,
        align: "right",
        cell: ({ user_name: name }) => removal(name),
      },
    ];
  }

  #invitationColumns() {
    const actions = ({ id, account_member: { user_name: name } }) => [
      this.#button("Accept", `the invitation of ${name}`, () => this.#accept(id, name), ""),
      " ",
      this.#button("Revoke", `the invitation of ${name}`, () => this.#revoke(id, name)),
    ];
    return [
      { title: "Invited", cell: ({ account_member: member }) => member.user_name },
      { title: "Role", cell: ({ account_member: member }) => badge(member.role_name, "info") },
      { title: "Actions", unseen: true, align: "right", cell: actions },
    ];
  }

  #button(text, what, act, kind = "quiet danger") {
    const label = `${text} ${what}`;
    return h(
      "button",
      { type: "button", class: kind, "aria-label": label, onclick: () => this.run(act) },
      text,
    );
  }

  #roleChoice({ user_name: name, role_id: role }) {
    const choice = select(
      { "aria-label": `Role of ${name}`, onchange: () => this.#change(name, choice) },
      SYSTEM_ROLES,
    );
    choice.value = role;
    return choice;
  }

  async #change(name, choice) {
    try {
      await put(path(["members", name]), { role: choice.value });
      toast(`${name} is ${choice.selectedOptions[0].textContent} now`);
    } catch (error) {
      failed(error);
    }
    this.#seen = "";
    await this.run(() => this.refresh());
  }

  async #accept(id, name) {
    await post(path(["members"]), { invitation_id: id });
    toast(`${name} is a member now`);
    await this.refresh();
  }

  async #invite() {
    const done = await ask(
      "Invite somebody",
      [
        field(
          "User name",
          h("input", {
            name: "name",
            required: true,
            placeholder: "new@example.com",
            autocomplete: "off",
          }),
        ),
        field("Role", select({ name: "role" }, SYSTEM_ROLES)),
      ],
      {
        submit: "Invite",
        act: (data) =>
          post(path(["invitations"]), {
            user_name: data.get("name"),
            role: data.get("role"),
          }),
      },
    );
    if (done === null) return;
    toast("Invited");
    await this.refresh();
  }

  async #remove(name) {
    const done = await danger({
      title: `Remove ${name}?`,
      message: "They are no member of the account then. Keys that they made stay valid.",
      submit: "Remove",
      done: `Removed ${name}`,
      act: () => remove(path(["members", name])),
    });
    if (done) await this.refresh();
  }

  async #revoke(id, name) {
    const done = await danger({
      title: `Revoke the invitation of ${name}?`,
      message: "It cannot be accepted any more.",
      submit: "Revoke",
      done: "Invitation revoked",
      act: () => remove(path(["invitations", id])),
    });
    if (done) await this.refresh();
  }
}

customElements.define("mo-members", Members);
