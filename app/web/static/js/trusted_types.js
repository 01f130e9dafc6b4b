/* What may become HTML: text from this server's own pages, without scripts, handlers or styles.

   The policy of the site refuses every assignment of plain text to innerHTML and the like; the
   default policy below is asked instead. It lets pass what could not run. */

const FORBIDDEN = "script, iframe, object, embed, base, link, meta[http-equiv], [style]";

function isHarmless(root) {
  if (root.querySelector(FORBIDDEN)) return false;
  return [...root.querySelectorAll("*")].every((element) =>
    [...element.attributes].every(
      ({ name, value }) =>
        !name.startsWith("on") && !name.startsWith("hx-on") && !/^\s*javascript:/i.test(value),
    ),
  );
}

if (window.trustedTypes) {
  const parsing = trustedTypes.createPolicy("presslens", { createHTML: (text) => text });
  trustedTypes.createPolicy("default", {
    createHTML(text) {
      if (!text) return text;
      // Parsing a style or a handler would break the policy already.
      if (/<[^>]*\s(style|on\w+)\s*=/i.test(text)) {
        throw new TypeError("text with a style or a handler is refused");
      }
      const parsed = new DOMParser().parseFromString(parsing.createHTML(text), "text/html");
      const templates = [...parsed.querySelectorAll("template")].map((one) => one.content);
      if ([parsed.body, ...templates].every(isHarmless)) return text;
      throw new TypeError("text with a script, a handler or a style can't become part of the page");
    },
  });
}
