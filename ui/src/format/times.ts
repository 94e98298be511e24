// Times and durations for people. A time is RFC 3339 text, as the API gives it.

const MINUTE_S = 60;
const HOUR_S = 3_600;
const DAY_S = 86_400;

const ABSOLUTE = new Intl.DateTimeFormat("en-GB", {
  year: "numeric", month: "short", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false,
});
const DAY = new Intl.DateTimeFormat("en-GB", { year: "numeric", month: "short", day: "numeric" });

/** `31 Jan 2026, 12:30:00` in the reader's time zone. */
export function absoluteTime(time: string): string {
  const ms = Date.parse(time);
  return Number.isNaN(ms) ? time : ABSOLUTE.format(ms);
}

/** How long ago: `just now`, `5 min ago`, `3 h ago`, `2 d ago`, and the date beyond a month. */
export function relativeTime(time: string, nowMs: number): string {
  const ms = Date.parse(time);
  if (Number.isNaN(ms)) return time;
  const age = (nowMs - ms) / 1_000;
  const later = age < 0;
  const seconds = Math.abs(age);
  if (seconds < MINUTE_S) return later ? "in a moment" : "just now";
  if (seconds >= 30 * DAY_S) return DAY.format(ms);
  const [count, unit] = seconds < HOUR_S ? [seconds / MINUTE_S, "min"] : seconds < DAY_S ? [seconds / HOUR_S, "h"] : [seconds / DAY_S, "d"];
  return later ? `in ${Math.floor(count)} ${unit}` : `${Math.floor(count)} ${unit} ago`;
}

/** A stretch of time: `0.42 s`, `3.9 s`, `2 min 05 s`, `1 h 20 min`, `3 d 4 h`. */
export function duration(ms: number): string {
  const seconds = Math.max(0, ms) / 1_000;
  if (seconds < 1) return `${seconds.toFixed(2)} s`;
  if (seconds < MINUTE_S) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  const two = (value: number): string => String(value).padStart(2, "0");
  if (whole < HOUR_S) return `${Math.floor(whole / MINUTE_S)} min ${two(whole % MINUTE_S)} s`;
  if (whole < DAY_S) return `${Math.floor(whole / HOUR_S)} h ${two(Math.floor((whole % HOUR_S) / MINUTE_S))} min`;
  return `${Math.floor(whole / DAY_S)} d ${Math.floor((whole % DAY_S) / HOUR_S)} h`;
}

/** How long from one time to a later one, in ms; null where either is missing. */
export function between(start: string | undefined, end: string | undefined): number | null {
  const ms = Date.parse(end ?? "") - Date.parse(start ?? "");
  // What was imported began, as far as the service knows, after it had ended: that tells nothing.
  return Number.isNaN(ms) || ms < 0 ? null : ms;
}
