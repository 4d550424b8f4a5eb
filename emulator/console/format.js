// Writes numbers, sizes, times and durations for people.

const UNITS = ["B", "kB", "MB", "GB", "TB"];
const MINUTE = 60;
const HOUR = 3600;
const DAY = 86_400;

const whole = new Intl.NumberFormat("en");

/** A count with thousands separated. */
export const count = (number) => whole.format(number);

/** A number with its noun: "1 object", "1,024 objects". */
export const counted = (number, noun, plural = `${noun}s`) =>
  `${count(number)} ${number === 1 ? noun : plural}`;

/** A size in bytes, in decimal units: "1.5 MB". */
export function bytes(size) {
  if (size === null || size === undefined) return "–";
  let unit = 0;
  let value = size;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 || value >= 99.5 ? Math.round(value) : value.toFixed(1)} ${UNITS[unit]}`;
}

/** Milliseconds: "0.42 ms", "12 ms", "1.20 s". */
export function milliseconds(value) {
  if (value === null || value === undefined) return "–";
  if (value >= 9_999.5) return `${(value / 1000).toFixed(1)} s`;
  if (value >= 999.5) return `${(value / 1000).toFixed(2)} s`;
  if (value >= 9.95) return `${Math.round(value)} ms`;
  return `${value >= 0.995 ? value.toFixed(1) : value.toFixed(2)} ms`;
}

/** A number of seconds in its two largest units: "2 d 3 h", "4 min 05 s", "12 s". */
export function duration(seconds) {
  const left = Math.max(0, Math.floor(seconds));
  const two = (number) => String(number).padStart(2, "0");
  if (left >= DAY) return `${count(Math.floor(left / DAY))} d ${Math.floor((left % DAY) / HOUR)} h`;
  if (left >= HOUR) {
    return `${Math.floor(left / HOUR)} h ${two(Math.floor((left % HOUR) / MINUTE))} min`;
  }
  if (left >= MINUTE) return `${Math.floor(left / MINUTE)} min ${two(left % MINUTE)} s`;
  return `${left} s`;
}

/** How long ago an instant is, both in milliseconds since the epoch: "now", "3 min". */
export function age(instant, now) {
  const seconds = (now - instant) / 1000;
  if (seconds < 1) return "now";
  if (seconds < MINUTE) return `${Math.floor(seconds)} s`;
  if (seconds < HOUR) return `${Math.floor(seconds / MINUTE)} min`;
  if (seconds < 2 * DAY) return `${Math.floor(seconds / HOUR)} h`;
  return `${count(Math.floor(seconds / DAY))} d`;
}

/** An instant's time of day, in UTC: "12:34:56.789". */
export const timeOfDay = (instant) => new Date(instant).toISOString().slice(11, 23);

/** An instant in UTC: "2030-01-01 00:00:00". */
export function dateAndTime(instant) {
  const [date, time] = new Date(instant).toISOString().split("T");
  return `${date.replace(/^\+0+/, "")} ${time.slice(0, 8)}`;
}

/** A part of a whole: "87 %", "99.5 %". */
export function percent(part) {
  if (part === null) return "–";
  const value = part * 100;
  return `${value > 0 && value < 100 && (value > 99 || value < 1) ? value.toFixed(1) : Math.round(value)} %`;
}

/** The kind of a status: "ok", "info", "warn", "bad", or "none" without one. */
export function statusKind(status) {
  if (status === null || status === undefined) return "none";
  if (status >= 500) return "bad";
  if (status >= 400) return "warn";
  return status >= 300 ? "info" : "ok";
}

/** The kind of an outcome, as for a status. */
export function outcomeKind(outcome) {
  if (outcome === null || outcome === undefined) return "none";
  if (outcome === "ok" || outcome.endsWith("_hit")) return "ok";
  if (outcome === "miss" || outcome.endsWith("_expired")) return "info";
  return outcome === "internal_error" ? "bad" : "warn";
}

/** A text of at most that length; a longer one ends with an ellipsis. */
export const shortened = (text, length) =>
  text.length > length ? `${text.slice(0, length - 1)}…` : text;
