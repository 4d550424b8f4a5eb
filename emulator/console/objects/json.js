// Lays out JSON for reading. Numbers stay as they are written, which JSON.parse does not promise.

import { h } from "../dom.js";

const TOKEN = /"(?:\\.|[^"\\])*"|[{}[\],:]|[^\s{}[\],:"]+/g;
const STEP = "  ";
const COLOURED_CHARACTERS = 200_000;

/** The text with a line for each member, or null if it is not JSON. */
export function pretty(text) {
  try {
    JSON.parse(text);
  } catch {
    return null;
  }
  const tokens = text.match(TOKEN) ?? [];
  let depth = 0;
  let written = "";
  for (const [index, token] of tokens.entries()) {
    const before = tokens[index - 1];
    if (token === "}" || token === "]") {
      depth -= 1;
      written += before === "{" || before === "[" ? token : newLine(depth) + token;
    } else {
      if (before === "{" || before === "[") written += newLine(depth);
      written += token === ":" ? ": " : token === "," ? `,${newLine(depth)}` : token;
      if (token === "{" || token === "[") depth += 1;
    }
  }
  return written;
}

/** The text with its names, texts and other values in colours. */
export function coloured(text) {
  if (text.length > COLOURED_CHARACTERS) return [text];
  const pieces = [];
  let done = 0;
  for (const { 0: token, index } of text.matchAll(TOKEN)) {
    if ("{}[],:".includes(token)) continue;
    pieces.push(text.slice(done, index));
    done = index + token.length;
    const isName = token.startsWith('"') && text[done] === ":";
    const kind = isName ? "name" : token.startsWith('"') ? "text" : "value";
    pieces.push(h(`span.json-${kind}`, {}, token));
  }
  return [...pieces, text.slice(done)];
}

const newLine = (depth) => `\n${STEP.repeat(depth)}`;
