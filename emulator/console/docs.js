// <mo-docs>: the OpenAPI documents, readable. Each operation opens to its parameters and answers.

import { ApiError, get, onTokenNeeded, path } from "./api.js";
import { fill, h, save } from "./dom.js";

const METHODS = ["get", "put", "post", "patch", "delete", "options"]; // HEAD is GET without a body.
const NAMES = { service: "Service", control: "Control API" };

class Docs extends HTMLElement {
  connectedCallback() {
    this.list = h("div");
    this.about = h("div", { role: "status" });
    this.search = h("input", {
      type: "search",
      placeholder: "Search operations, paths, statuses",
      "aria-label": "Search",
      hidden: true, // Until what is above it is there, which would move it.
      oninput: () => this.filter(),
    });
    this.nav = h("nav", { "aria-label": "Documents" });
    this.append(h("header", {}, this.nav, this.about, this.search), h("main", {}, this.list));
    onTokenNeeded((isWrong) => this.askForToken(isWrong));
    addEventListener("hashchange", () => this.show());
    addEventListener("keydown", (event) => {
      if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.target instanceof HTMLInputElement) return;
      event.preventDefault();
      this.search.focus();
    });
    this.show();
  }

  async show() {
    const name = location.hash.slice(1) in NAMES ? location.hash.slice(1) : "service";
    const links = Object.entries(NAMES).map(([each, title]) =>
      h("a", { href: `#${each}`, "aria-current": each === name && "page" }, title),
    );
    const file = `${name}.json`;
    const href = path(["openapi", file]);
    const saving = h("a", { href, onclick: (event) => this.save(event, file) }, "OpenAPI document");
    fill(this.nav, links, saving, h("a", { href: "." }, "Console"));
    this.shown = name;
    this.document = null;
    let found;
    try {
      found = await get(href);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (this.shown !== name) return;
      fill(this.about, h("p", {}, error.message));
      fill(this.list);
      return;
    }
    if (this.shown !== name) return; // The other was asked for meanwhile.
    this.document = found;
    const { title, version, description } = this.document.info;
    fill(this.about, h("h1", {}, `${title} ${version}`), h("p.muted", {}, description));
    fill(this.list, this.groups());
    this.search.hidden = false;
    this.filter();
  }

  /** Save the document that is shown: a link cannot send the control token. */
  save(event, file) {
    if (!this.document) return;
    event.preventDefault();
    save(new Blob([JSON.stringify(this.document, null, 1)], { type: "application/json" }), file);
  }

  groups() {
    return this.document.tags.map(({ name, description }) => {
      const operations = this.operations(name).map((each) => operationOf(each, this.document));
      return h(
        "section",
        { "aria-label": name },
        h("h2", {}, name),
        description && h("p.muted", {}, description),
        operations,
      );
    });
  }

  operations(tag) {
    return Object.entries(this.document.paths).flatMap(([url, item]) =>
      METHODS.filter((method) => item[method]?.tags.includes(tag)).map((method) => ({
        ...item[method],
        url,
        method,
        parameters: [...(item.parameters ?? []), ...(item[method].parameters ?? [])],
      })),
    );
  }

  filter() {
    const words = this.search.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const section of this.list.children) {
      const operations = [...section.querySelectorAll("details[data-words]")];
      for (const each of operations) {
        each.hidden = !words.every((word) => each.dataset.words.includes(word));
      }
      section.hidden = operations.every((each) => each.hidden);
    }
  }

  askForToken(isWrong) {
    return new Promise((resolve) => {
      const input = h("input", { type: "password", autocomplete: "off", "aria-label": "Control token" });
      const form = h(
        "form",
        {
          onsubmit: (event) => {
            event.preventDefault();
            fill(this.about);
            resolve(input.value);
          },
        },
        h("p", {}, isWrong ? "That is not the token." : "This emulator asks for its control token."),
        input,
      );
      fill(this.about, form);
      input.focus();
    });
  }
}

function operationOf(operation, document) {
  const { url, method, summary, responses } = operation;
  const words = [method, url, summary, operation.operationId, ...Object.keys(responses)];
  const about = h("div.about");
  // What is inside is built when it is opened: a document has thousands of elements.
  return h(
    "details",
    {
      "data-words": words.join(" ").toLowerCase(),
      ontoggle: () => about.hasChildNodes() || fill(about, inside(operation, document)),
    },
    h(
      "summary",
      {},
      [h("span.mono.method", {}, method.toUpperCase()), " "],
      [h("span.mono", {}, url), " "],
      summary,
    ),
    about,
  );
}

function inside({ description, parameters, requestBody, responses }, document) {
  return [
    description && h("p", {}, withCode(description)),
    parameters.length > 0 && [
      h("h3", {}, "Parameters"),
      table(parameters.map((each) => [`${each.name} (${each.in})`, parameterText(each)])),
    ],
    requestBody && [h("h3", {}, "Request body"), contentOf(requestBody.content, document)],
    Object.entries(responses).map(([status, response]) => [
      h("h3", {}, status),
      h("p", {}, response.description),
      response.headers && h("p.muted", {}, `Headers: ${Object.keys(response.headers).join(", ")}`),
      response.content && contentOf(response.content, document),
    ]),
  ];
}

function parameterText({ required, description, schema, example }) {
  const choices = schema.enum && `one of ${schema.enum.join(", ")}`;
  const initial = schema.default !== undefined && `${schema.default} if left out`;
  const shown = example !== undefined && `as in ${example}`;
  const meaning = description?.replace(/\.$/, "");
  const said = [required && "required", meaning, choices, rangeOf(schema), initial, shown];
  return withCode(said.filter(Boolean).join("; "));
}

/** The bounds of a number. */
function rangeOf({ minimum, maximum }) {
  const least = minimum !== undefined && `from ${minimum}`;
  const most = maximum !== undefined && `to ${maximum}`;
  return [least, most].filter(Boolean).join(" ");
}

/** What is between backticks is code. */
function withCode(text) {
  return text.split("`").map((part, index) => (index % 2 ? h("code", {}, part) : part));
}

function contentOf(content, document) {
  return Object.entries(content).map(([type, { schema, examples }]) => [
    h("p.muted", {}, type),
    Object.values(examples ?? {}).map(({ value }) => pre(JSON.stringify(value, null, 2))),
    schema?.format !== "binary" &&
      h(
        "details",
        {
          ontoggle: ({ target }) => {
            const text = JSON.stringify(resolved(schema, document), null, 2);
            target.querySelector("pre").textContent = text;
          },
        },
        h("summary", {}, "Schema"),
        h("div.about", {}, pre()),
      ),
  ]);
}

/** A text that may be scrolled, with the keyboard too. */
function pre(...text) {
  return h("pre", { tabindex: "0" }, text);
}

/** A schema with the schemas that it refers to in their place; one within itself stays a reference. */
function resolved(value, document, within = []) {
  if (Array.isArray(value)) return value.map((each) => resolved(each, document, within));
  if (value === null || typeof value !== "object") return value;
  const name = value.$ref?.split("/").pop();
  if (name && !within.includes(name)) {
    return resolved(document.components.schemas[name], document, [...within, name]);
  }
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [key, resolved(each, document, within)]),
  );
}

function table(rows) {
  return h(
    "table",
    {},
    rows.map(([name, text]) => h("tr", {}, h("td.mono", {}, name), h("td", {}, text))),
  );
}

customElements.define("mo-docs", Docs);
