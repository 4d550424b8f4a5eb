// Says in words what a permission set allows, as a table.

import { h } from "../dom.js";
import { badge } from "../page.js";

const KINDS = {
  account_management: "Account: its members",
  auth_management: "API keys and roles",
  resource_management: "Stores, caches and clusters",
  cache: "Items of caches",
  topic: "Topics",
  store: "Objects of stores",
  function: "Functions",
  database: "Databases",
};

const SELECTORS = ["caches", "stores", "topics", "functions", "databases", "items", "resources"];
const PERMISSION_KINDS = { read: "ok", list: "info", write: "warn", invoke: "warn" };
const NAMES = { name: "named", prefix: "beginning with", key: "the key", key_prefix: "keys below" };

/** A table of what a permission set allows, and from where. */
export function permissionTable(permissions) {
  if (permissions.super_user) {
    return h("p", {}, badge("everything", "warn"), " Account membership included.");
  }
  const ranges = (permissions.conditions ?? []).flatMap(
    ({ ip_filter: filter }) => filter?.allowed_cidr_ranges ?? [],
  );
  return [
    h(
      "div.table-box",
      {},
      h(
        "table.permissions",
        {},
        h(
          "thead",
          {},
          h(
            "tr",
            {},
            ["On", "May", "Which"].map((title) => h("th", {}, title)),
          ),
        ),
        h(
          "tbody",
          {},
          (permissions.rules ?? []).map((rule) =>
            h(
              "tr",
              {},
              h("td", {}, KINDS[rule.type] ?? rule.type),
              h(
                "td",
                {},
                h(
                  "span.badges",
                  {},
                  inOrder(rule.permissions).map((name) => badge(name, PERMISSION_KINDS[name])),
                ),
              ),
              h("td", {}, selected(rule)),
            ),
          ),
        ),
      ),
    ),
    ranges.length > 0 &&
      h(
        "p.badges",
        {},
        "Only from ",
        ranges.map((range) => badge(range)),
      ),
  ];
}

const inOrder = (names) => {
  const order = Object.keys(PERMISSION_KINDS);
  return [...names].sort((one, other) => order.indexOf(one) - order.indexOf(other));
};

/** What a rule applies to: "every store; keys below live/". */
export function selected(rule) {
  const parts = SELECTORS.filter((name) => rule[name] !== undefined && name !== "resources")
    .map((name) => selector(name, rule[name]))
    .filter(Boolean);
  return parts.length ? parts.join("; ") : "all";
}

function selector(name, value) {
  if (value === "*") return name === "items" ? null : `all ${name}`;
  const [[form, text] = []] = Object.entries(value ?? {});
  if (form === undefined) return JSON.stringify(value);
  return name === "items"
    ? `${NAMES[form] ?? form} ${text}`
    : `${name} ${NAMES[form] ?? form} ${text}`;
}
