// Fault rules that one often wants, and a rule in words.

import { bytes } from "./format.js";

/** Each with a title, what it does, and the rule's document. */
export const PRESETS = [
  {
    title: "429 on every Put",
    text: "Each Put is refused as over the store's limit of operations.",
    rule: { operation: "PutObject", effect: { type: "status", status: 429 } },
  },
  {
    title: "Storage down",
    text: "Gets are answered from the cache alone; nothing can be written.",
    rule: { effect: "storage_down" },
  },
  {
    title: "Cache cold",
    text: "The cache loses all it has before each Get: everything comes from storage.",
    rule: { operation: "GetObject", effect: "cache_lost" },
  },
  {
    title: "Slow 3G",
    text: "400 ms until the first byte, then 50 kB a second.",
    rule: {
      operation: "GetObject",
      effects: [
        { type: "latency", seconds: 0.4, before: "first_byte" },
        { type: "trickle", bytes_per_second: 50_000 },
      ],
    },
  },
  {
    title: "Truncated downloads",
    text: "Each Get's connection is closed after half of the body.",
    rule: { operation: "GetObject", effect: { type: "truncate", after_fraction: 0.5 } },
  },
  {
    title: "Flaky service",
    text: "One request in five fails with 500.",
    rule: { probability: 0.2, effect: { type: "status", status: 500 } },
  },
  {
    title: "Lost answers",
    text: "Each Put is carried out, but its answer never arrives.",
    rule: { operation: "PutObject", effect: { type: "close", after_work: true } },
  },
  {
    title: "Slow storage",
    text: "Whatever storage does takes a second longer.",
    rule: { effect: { type: "storage_slow", seconds: 1 } },
  },
];

/** What a rule's effects do, in a few words. */
export function effectText(rule) {
  return (rule.effects ?? [rule.effect]).map(one).join(", then ");
}

function one(given) {
  const effect = typeof given === "string" ? { type: given } : given;
  const { type, ...rest } = effect;
  const describe = TEXTS[type];
  const text = describe ? describe(rest) : type.replaceAll("_", " ");
  return effect.after_work ? `${text} after the work` : text;
}

const TEXTS = {
  status: ({ status }) => `answer ${status}`,
  latency: (latency) =>
    `wait ${seconds(latency)}${latency.before === "first_byte" ? " before the first byte" : ""}`,
  close: ({ where = "before_answer", ...portion }) =>
    `close the connection ${where
      .replaceAll("_", " ")
      .replace("before answer", "before the answer")
      .replace("answer body", "in the answer's body")
      .replace("request body", "in the request's body")}${part(portion)}`,
  truncate: (portion) => `cut the body${part(portion)}`,
  trickle: ({ bytes_per_second: rate }) => `send ${bytes(rate)} a second`,
  cache_slow: (latency) => `slow the cache by ${seconds(latency)}`,
  storage_slow: (latency) => `slow storage by ${seconds(latency)}`,
  cache_lost: () => "empty the cache",
  storage_lost: () => "empty storage",
};

function seconds({ seconds: fixed, distribution, ...rest }) {
  if (distribution === "uniform") return `${rest.min_seconds}–${rest.max_seconds} s`;
  if (distribution === "lognormal") return `about ${rest.median_seconds} s`;
  return typeof fixed === "number" ? `${fixed} s` : String(fixed);
}

function part({ after_bytes: size, after_fraction: fraction }) {
  if (fraction !== undefined) return ` after ${Math.round(fraction * 100)} %`;
  return size === undefined ? "" : ` after ${typeof size === "number" ? bytes(size) : size}`;
}

const CONDITIONS = {
  store: "store",
  key: "key",
  role: "role",
  key_id: "API key",
  since: "from",
  until: "until",
};

/** What a rule applies to, in a few words. */
export function conditionText(rule) {
  const parts = [rule.operation ?? "any operation"];
  for (const [name, text] of Object.entries(CONDITIONS)) {
    if (rule[name] !== undefined) parts.push(`${text} ${rule[name]}`);
  }
  if (rule.nth !== undefined) {
    parts.push(rule.times === undefined ? `on match ${rule.nth}` : `from match ${rule.nth} on`);
  }
  if (rule.times !== undefined)
    parts.push(rule.times === 1 ? "once" : `at most ${rule.times} times`);
  if (rule.probability !== undefined)
    parts.push(`with ${Math.round(rule.probability * 100)} % chance`);
  return parts.join(" · ");
}
