// Calls the control API: the token, errors in the server's words, and the stream of events.

const TOKEN = "Momento-Emulator-Control-Token";
const KEPT = "momento-emulator-control-token";
const RECONNECT_MS = 1000;

let token = sessionStorage.getItem(KEPT) ?? "";
let askForToken = null;
let asking = null;

/** An answer with an error status, or no answer at all (status 0). */
export class ApiError extends Error {
  constructor(status, message) {
    super(message);
    this.name = "ApiError";
    this.status = status;
  }
}

/** Set what asks for the control token: an async function that returns it. */
export function onTokenNeeded(ask) {
  askForToken = ask;
}

/** The path of a control operation. Each part is encoded, slashes as well, which keeps the "a/../b"
 * of a key from the browser. Query values null, undefined and "" are left out. */
export function path(parts, query = {}) {
  const given = Object.entries(query).filter(([, value]) => (value ?? "") !== "");
  const text = new URLSearchParams(given).toString();
  return `/_emulator/${parts.map(part).join("/")}${text ? `?${text}` : ""}`;
}

// A browser resolves "." and ".." in paths even when they are encoded.
function part(name) {
  if (name === "." || name === "..") {
    throw new ApiError(0, `A browser cannot send the name "${name}" in a path.`);
  }
  return encodeURIComponent(name);
}

/** Send a request; return the Response once its status is one of success.
 *
 * @throws {ApiError} with the server's message
 */
export async function send(url, options = {}) {
  for (;;) {
    const sent = token;
    const response = await attempt(url, options);
    if (response.ok) return response;
    if (response.status === 401 && askForToken) {
      await newToken(sent);
      continue;
    }
    throw new ApiError(response.status, await messageOf(response));
  }
}

/** Send a request with a JSON body, if there is one; return the JSON of the answer, or null. */
export async function call(method, url, body, { signal } = {}) {
  const options = { method, signal };
  if (body !== undefined) {
    options.body = JSON.stringify(body);
    options.headers = { "Content-Type": "application/json" };
  }
  const response = await send(url, options);
  const text = await response.text();
  return text ? JSON.parse(text) : null;
}

export const get = (url, options) => call("GET", url, undefined, options);
export const post = (url, body, options) => call("POST", url, body, options);
export const put = (url, body, options) => call("PUT", url, body, options);
export const remove = (url, options) => call("DELETE", url, undefined, options);

/** Upload a Blob with its progress, which `fetch` does not tell.
 *
 * @param {function} [progress] called with the part that is sent, from 0 to 1
 */
export function upload(url, blob, { method = "PUT", headers = {}, progress, signal } = {}) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open(method, url);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    if (token) request.setRequestHeader(TOKEN, token);
    request.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable) progress?.(event.loaded / event.total);
    });
    request.addEventListener("load", () => {
      if (request.status < 300) resolve(request.responseText);
      else reject(new ApiError(request.status, messageIn(request.responseText, request.status)));
    });
    request.addEventListener("error", () => reject(unreachable()));
    request.addEventListener("abort", () => reject(new DOMException("Cancelled", "AbortError")));
    signal?.addEventListener("abort", () => request.abort());
    request.send(blob);
  });
}

/** Follow the stream of events until the signal aborts; reconnect, and go on where it ended.
 *
 * @param {object} query the stream's query: since, conditions, logs, calls
 * @param {function} handle called with (type, data) for each event
 * @param {function} [state] called with true once connected, with false when the connection ends
 */
export async function follow(query, handle, { signal, state = () => {} }) {
  let last = null;
  while (!signal.aborted) {
    try {
      const headers = last === null ? {} : { "Last-Event-ID": last };
      const response = await send(path(["events"], query), { signal, headers });
      state(true);
      for await (const event of eventsOf(response.body)) {
        if (event.id !== null) last = event.id;
        const data = event.data ? JSON.parse(event.data) : null;
        if (event.type === "cleared" && data.journal) last = null;
        handle(event.type, data);
      }
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof ApiError && error.status >= 400 && error.status < 500) throw error;
    }
    state(false);
    await pause(RECONNECT_MS, signal);
  }
}

async function* eventsOf(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const blocks = (rest + value).replaceAll("\r\n", "\n").split("\n\n");
    rest = blocks.pop();
    for (const block of blocks) {
      const event = parse(block);
      if (event) yield event;
    }
  }
}

function parse(block) {
  const event = { type: "message", id: null, data: "" };
  let seen = false;
  for (const line of block.split("\n")) {
    const colon = line.indexOf(":");
    if (colon <= 0) continue;
    const value = line.slice(colon + 1).replace(/^ /, "");
    const name = line.slice(0, colon);
    if (name === "event") event.type = value;
    else if (name === "id") event.id = value;
    else if (name === "data") event.data += event.data ? `\n${value}` : value;
    seen = true;
  }
  return seen ? event : null;
}

async function attempt(url, options) {
  const headers = { ...options.headers, ...(token ? { [TOKEN]: token } : {}) };
  try {
    return await fetch(url, { ...options, headers, cache: "no-store" });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw unreachable();
  }
}

// Requests that fail at the same time share one question.
async function newToken(sent) {
  if (sent !== token) return;
  asking ??= askForToken(sent !== "").then((given) => {
    token = given;
    sessionStorage.setItem(KEPT, given);
  });
  try {
    await asking;
  } finally {
    asking = null;
  }
}

const unreachable = () => new ApiError(0, "The emulator does not answer. Is it running?");

const messageOf = async (response) => messageIn(await response.text(), response.status);

function messageIn(text, status) {
  try {
    const { message } = JSON.parse(text);
    if (message) return message;
  } catch {
    // It is not JSON: say what there is.
  }
  return text.slice(0, 300) || `The emulator answered ${status}.`;
}

function pause(milliseconds, signal) {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
