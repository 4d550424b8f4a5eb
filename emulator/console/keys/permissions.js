// Says in words what a permission set allows, as a table.

import { h } from "../dom.js";
import { badge } from "../page.js";
import { table } from "../table.js";

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

const COLUMNS = [
  { title: "On", cell: ({ type }) => KINDS[type] ?? type },
  { title: "May", cell: ({ permissions }) => permissionBadges(permissions) },
  { title: "Which", cell: (rule) => selected(rule) },
];

/** A table of what a permission set allows, and from where. */
export function permissionTable(permissions) {
  if (permissions.super_user) {
    return h("p", {}, badge("everything", "warn"), " Account membership included.");
  }
  const ranges = (permissions.conditions ?? []).flatMap(
    ({ ip_filter: filter }) => filter?.allowed_cidr_ranges ?? [],
  );
  return [
    table(COLUMNS, permissions.rules ?? [], { kind: "permissions" }),
    ranges.length > 0 &&
      h(
        "p.badges",
        {},
        "Only from ",
        ranges.map((range) => badge(range)),
      ),
  ];
}

function permissionBadges(names) {
  const order = Object.keys(PERMISSION_KINDS);
  const sorted = [...names].sort((one, other) => order.indexOf(one) - order.indexOf(other));
  return h(
    "span.badges",
    {},
    sorted.map((name) => badge(name, PERMISSION_KINDS[name])),
  );
}

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
