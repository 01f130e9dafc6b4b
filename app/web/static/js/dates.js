/* Days and moments as pages write them: days before months, and moments in UTC. */

const code = document.documentElement.lang;
const language = code === "en" ? "en-GB" : code;

/** A format of days and moments; `options` as of Intl.DateTimeFormat. */
export function dateFormat(options) {
  return new Intl.DateTimeFormat(language, { timeZone: "UTC", ...options });
}

/** The format of moments, to the minute. */
export const moments = dateFormat({ dateStyle: "medium", timeStyle: "short", hourCycle: "h23" });
