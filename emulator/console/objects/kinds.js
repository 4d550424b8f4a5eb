// Decides how an object is shown, from its content type, its key and its first bytes.

import { isPlaylist } from "./hls.js";

const BY_TYPE = [
  [/^image\/svg\+xml$/, "page"],
  [/^(text\/html|application\/xhtml\+xml)$/, "page"],
  [/^image\//, "image"],
  [/^audio\/(x-)?mpegurl$/, "playlist"],
  [/^application\/(vnd\.apple\.mpegurl|x-mpegurl)$/, "playlist"],
  [/^audio\//, "audio"],
  [/^video\//, "video"],
  [/[/+]json$/, "json"],
  [/^text\//, "text"],
  [/[/+](xml|yaml|toml|javascript|ecmascript|x-sh|sql|graphql)$/, "text"],
];

const TYPE_OF_NAME = {
  apng: "image/apng",
  avif: "image/avif",
  bmp: "image/bmp",
  gif: "image/gif",
  ico: "image/x-icon",
  jpeg: "image/jpeg",
  jpg: "image/jpeg",
  png: "image/png",
  svg: "image/svg+xml",
  webp: "image/webp",
  aac: "audio/aac",
  flac: "audio/flac",
  m4a: "audio/mp4",
  mp3: "audio/mpeg",
  oga: "audio/ogg",
  ogg: "audio/ogg",
  opus: "audio/ogg",
  wav: "audio/wav",
  m4s: "video/iso.segment",
  m4v: "video/mp4",
  mov: "video/quicktime",
  mp4: "video/mp4",
  ogv: "video/ogg",
  ts: "video/mp2t",
  webm: "video/webm",
  m3u8: "application/vnd.apple.mpegurl",
  json: "application/json",
  jsonl: "text/plain",
  har: "application/json",
  map: "application/json",
  css: "text/css",
  csv: "text/csv",
  htm: "text/html",
  html: "text/html",
  js: "text/javascript",
  log: "text/plain",
  md: "text/markdown",
  mjs: "text/javascript",
  mpd: "application/xml",
  txt: "text/plain",
  vtt: "text/vtt",
  xhtml: "application/xhtml+xml",
  xml: "application/xml",
  yaml: "application/yaml",
  yml: "application/yaml",
};

const MEANS_NOTHING = new Set(["", "application/octet-stream", "binary/octet-stream"]);
const CONTROL_CHARACTER = /[\0-\b\x0e-\x1a\x1c-\x1f]/;

/** The content type that a file's name stands for, or "". */
export function typeOfName(name) {
  const ending = /\.([a-z0-9]+)$/i.exec(name);
  return (ending && TYPE_OF_NAME[ending[1].toLowerCase()]) || "";
}

/** The content type to show an object as: its own, or else that of its key. */
export function typeOf(key, metadata) {
  const given = mediaType(metadata["content-type"] ?? "");
  return MEANS_NOTHING.has(given) ? typeOfName(key) || given : given;
}

/** How to show an object of that type: image, page, playlist, audio, video, json or text; "bytes"
 * where only its content can tell. */
export function kindOf(type) {
  const found = BY_TYPE.find(([pattern]) => pattern.test(type));
  return found ? found[1] : "bytes";
}

/** How to show bytes of no known type: as playlist, json, text or bytes. */
export function kindOfBytes(bytes) {
  const text = textOf(bytes);
  if (text === null) return "bytes";
  if (isPlaylist(text)) return "playlist";
  return /^\s*[[{]/.test(text) ? "json" : "text";
}

/** The bytes as text, or null if they are not text in UTF-8. The last character may be cut off. */
export function textOf(bytes) {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: true });
    return CONTROL_CHARACTER.test(text) ? null : text;
  } catch {
    return null;
  }
}

/** A content type without its parameters. */
export const mediaType = (text) => text.split(";")[0].trim().toLowerCase();
