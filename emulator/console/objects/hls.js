// Reads HLS playlists: the segments and the other objects that one names.

const ATTRIBUTE = /([A-Z0-9-]+)=("[^"]*"|[^",]*)/g;

const NAMED_IN_TAGS = {
  "EXT-X-MAP": "map",
  "EXT-X-KEY": "key",
  "EXT-X-MEDIA": "playlist",
  "EXT-X-I-FRAME-STREAM-INF": "playlist",
};

/** Whether a text is a playlist: its first line says so. */
export const isPlaylist = (text) => /^\ufeff?#EXTM3U(\s|$)/.test(text);

/** Read a playlist.
 *
 * @returns {{facts: [string, string][], entries: {uri: string, kind: string, seconds: number|null,
 *   text: string}[]}} the entries in their order; a kind is segment, playlist, map or key
 */
export function parse(text) {
  const facts = [];
  const entries = [];
  let next = null;
  for (const line of text.split(/\r?\n/).map((each) => each.trim())) {
    if (line && !line.startsWith("#")) {
      entries.push({ uri: line, kind: "segment", seconds: null, text: "", ...next });
      next = null;
    } else if (line.startsWith("#EXT")) {
      const [tag, value] = line.slice(1).split(/:(.*)/s);
      if (tag === "EXTINF") next = { ...next, ...segmentOf(value ?? "") };
      else if (tag === "EXT-X-STREAM-INF") next = variantOf(value ?? "");
      else if (NAMED_IN_TAGS[tag]) addNamed(entries, NAMED_IN_TAGS[tag], value ?? "");
      else addFact(facts, tag, value);
    }
  }
  return { facts, entries };
}

/** The key of the object that a playlist names, as a player finds it; null if it is elsewhere.
 *
 * @param {string} uri as in the playlist
 * @param {string} store the playlist's store
 * @param {string} key the playlist's key
 */
export function keyOf(uri, store, key) {
  const first = `/objectstore/${encodeURIComponent(store)}/`;
  const base = new URL(first + key.split("/").map(encodeURIComponent).join("/"), location.origin);
  try {
    const found = new URL(uri, base);
    if (found.origin !== location.origin || !found.pathname.startsWith(first)) return null;
    return decodeURIComponent(found.pathname.slice(first.length)) || null;
  } catch {
    return null;
  }
}

function segmentOf(value) {
  const [seconds, text = ""] = value.split(/,(.*)/s);
  const number = Number.parseFloat(seconds);
  return { seconds: Number.isNaN(number) ? null : number, text };
}

function variantOf(value) {
  const given = attributes(value);
  const bandwidth = Number(given.BANDWIDTH);
  const text = [
    given.RESOLUTION,
    Number.isFinite(bandwidth) && bandwidth > 0 && `${Math.round(bandwidth / 1000)} kbit/s`,
    given.CODECS,
  ]
    .filter(Boolean)
    .join(", ");
  return { kind: "playlist", text };
}

function addNamed(entries, kind, value) {
  const { URI: uri, NAME: name, TYPE: type } = attributes(value);
  if (uri) entries.push({ uri, kind, seconds: null, text: [type, name].filter(Boolean).join(" ") });
}

function addFact(facts, tag, value) {
  const name = tag
    .replace(/^EXT-X-/, "")
    .toLowerCase()
    .replaceAll("-", " ");
  if (tag !== "EXTM3U" && facts.length < 8 && !facts.some(([known]) => known === name)) {
    facts.push([name, value ?? "yes"]);
  }
}

const attributes = (text) =>
  Object.fromEntries(
    [...text.matchAll(ATTRIBUTE)].map(([, name, value]) => [name, value.replace(/^"|"$/g, "")]),
  );
