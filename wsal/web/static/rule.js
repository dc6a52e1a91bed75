// Writing a rule: a preview after each pause, errors at their place, saving and retiring.
import { post, ServerError } from "./api.js";
import { completeIn } from "./completion.js";
import { byId, el, problem } from "./dom.js";

/**
 * @typedef {{name: string, n: number, low: number | null, high: number | null}} Count
 * @typedef {{kind: string, item: string | number, before: string | null, after: string | null, said: string | null,
 *   others: string[], passages: [string, boolean][]}} Example
 * @typedef {{message: string, hint: string | null, line: number, column: number}} Place
 * @typedef {{problem: Place | null, note: string, n_items: number, n_seen: number, counts: Count[], n_answered: number,
 *   n_right: number, examples: Example[], tests: {example: string, expected: string, got: string, passed: boolean}[]}} Preview
 */

const PAUSE = 250; // milliseconds without a key before the rule is tried

const root = byId("editor");
const rule = root.dataset.rule || null;
const text = /** @type {HTMLTextAreaElement} */ (byId("text"));
const pack = /** @type {HTMLInputElement | HTMLSelectElement} */ (byId("pack"));
const saving = /** @type {HTMLButtonElement} */ (byId("save-button"));

let asked = "";
let asking = false;
let done = false;
/** @type {number | undefined} */
let timer;
const written = text.value;

/** Try the rule as it is now; while the server is at it, only the newest text waits. */
async function preview() {
  const now = text.value;
  if (asking || now === asked) return;
  asking = true;
  asked = now;
  try {
    show(await post("/api/rules/preview", { text: now, pack: pack.value, rule }));
    problem("");
  } catch (error) {
    asked = "";
    problem(`No preview: ${error instanceof Error ? error.message : error}.`);
  } finally {
    asking = false;
  }
  if (text.value !== now) preview();
}

/** @param {Preview} found */
function show(found) {
  showPlace(found.problem);
  const place = byId("preview");
  place.setAttribute("aria-busy", "false");
  if (found.problem) {
    byId("seen").textContent = "as of the last text that could be read";
    return;
  }
  if (found.note) return place.replaceChildren(el("p", { class: "hint reason" }, `${found.note}.`));
  const whole = found.n_seen === found.n_items;
  byId("seen").textContent = whole ? `on ${found.n_items} items` : `in a sample of ${found.n_seen} of ${found.n_items}`;
  const failed = found.tests.filter((test) => !test.passed);
  place.replaceChildren(
    el("dl", { class: "counts" }, ...found.counts.map((one) => count(one, found))),
    found.n_answered
      ? el("p", {}, `${found.n_right} of ${found.n_answered} answers on its items say the same.`)
      : el("p", { class: "soft" }, "Nobody has answered an item that it votes on."),
    found.tests.length
      ? el("p", { class: failed.length ? "bad" : "good" }, failed.length ? `${failed.length} of ${found.tests.length} tests fail` : `${found.tests.length} tests pass`)
      : el("p", { class: "soft" }, "It has no tests."),
    el("ul", { class: "tests" }, ...failed.map((t) => el("li", { class: "bad" }, `expected ${t.expected}, got ${t.got}: `, el("code", {}, t.example)))),
    ...examples(found.examples),
  );
}

/**
 * @param {Count} one
 * @param {Preview} found
 */
function count(one, found) {
  const share = found.n_seen ? ((100 * one.n) / found.n_seen).toFixed(1) : "0";
  const range = one.low === null || one.high === null ? `${share} %` : `${share} %: ${Math.floor(one.low)} to ${Math.ceil(one.high)} of all`;
  return el("div", { class: one.n ? one.name : "none" }, el("dt", {}, one.name), el("dd", {}, el("strong", {}, one.n), " ", el("span", { class: "soft" }, range)));
}

const KINDS = /** @type {Record<string, string>} */ ({
  wrong: "A person said otherwise",
  flipped: "Flipped",
  lost: "Lost",
  gained: "Gained",
  conflict: "Other rules say otherwise",
  votes: "It votes here",
});

/**
 * @param {Example[]} found
 * @returns {Node[]}
 */
function examples(found) {
  return Object.entries(KINDS).flatMap(([kind, title]) => {
    const own = found.filter((one) => one.kind === kind);
    return own.length ? [el("h3", {}, title), el("ul", { class: "examples" }, ...own.map(example))] : [];
  });
}

/** @param {Example} one */
function example(one) {
  const parts = one.passages.map(([part, hit]) => (hit ? el("mark", {}, part) : document.createTextNode(part)));
  const about = [
    `item ${one.item}`,
    one.after ? `votes ${one.after}` : "",
    one.before && one.before !== one.after ? `voted ${one.before}` : "",
    one.said ? `a person said ${one.said}` : "",
    ...one.others,
  ].filter(Boolean);
  return el("li", {}, el("p", { class: "example", dir: "auto" }, ...parts), el("p", { class: "soft" }, about.join(", ")));
}

/** @param {Place | null} wrong */
function showPlace(wrong) {
  const place = byId("place");
  text.setAttribute("aria-invalid", String(Boolean(wrong)));
  saving.disabled = Boolean(wrong);
  number(wrong ? wrong.line : 0);
  if (!wrong) return place.replaceChildren();
  const line = text.value.trim().split("\n")[wrong.line - 1] ?? "";
  const go = el("button", { type: "button", class: "quiet", onclick: () => goTo(wrong) }, "Go there");
  place.replaceChildren(
    el("p", { class: "bad" }, el("strong", {}, `Line ${wrong.line}, column ${wrong.column}: `), wrong.message, " ", go),
    el("pre", { class: "caret", "aria-hidden": "true" }, `${line}\n${" ".repeat(wrong.column - 1)}^`),
    ...(wrong.hint ? [el("p", { class: "soft" }, wrong.hint)] : []),
  );
}

/** @param {Place} wrong */
function goTo(wrong) {
  const lead = text.value.length - text.value.trimStart().length;
  const lines = text.value.trimStart().split("\n");
  const at = lead + lines.slice(0, wrong.line - 1).reduce((sum, line) => sum + line.length + 1, 0) + wrong.column - 1;
  text.focus();
  text.setSelectionRange(at, at);
}

/**
 * Number the lines.
 * @param {number} bad the line with an error, 0 for none
 */
function number(bad) {
  const lines = text.value.split("\n").map((_, i) => el("span", { class: i + 1 === bad ? "bad" : null }, `${i + 1}\n`));
  byId("gutter").replaceChildren(...lines);
  byId("gutter").scrollTop = text.scrollTop;
}

/** @returns {string} the hash of the pack when the page was loaded */
function sha256() {
  const chosen = pack instanceof HTMLSelectElement ? pack.selectedOptions[0] : pack;
  return chosen?.getAttribute("data-sha") ?? "";
}

/**
 * @param {string} path
 * @param {Record<string, unknown>} body
 * @param {(saved: {rule: string}) => string} next
 */
async function send(path, body, next) {
  problem("");
  saving.disabled = true;
  try {
    const saved = await post(path, { ...body, sha256: sha256() });
    done = true;
    location.assign(next(saved));
  } catch (error) {
    saving.disabled = false;
    const why = error instanceof ServerError ? error.message : String(error);
    problem(`Not saved: ${why}.`);
  }
}

byId("save").addEventListener("submit", (event) => {
  event.preventDefault();
  const reason = /** @type {HTMLInputElement} */ (byId("reason")).value;
  send("/api/rules/save", { text: text.value, pack: pack.value, rule, reason }, (saved) => `/rules/rule?name=${encodeURIComponent(saved.rule)}`);
});
document.getElementById("retire")?.addEventListener("submit", (event) => {
  event.preventDefault();
  const reason = /** @type {HTMLInputElement} */ (byId("retire-reason")).value;
  send("/api/rules/retire", { rule, reason }, () => "/rules");
});
text.addEventListener("input", () => {
  number(0);
  clearTimeout(timer);
  timer = window.setTimeout(preview, PAUSE);
});
text.addEventListener("scroll", () => {
  byId("gutter").scrollTop = text.scrollTop;
});
pack.addEventListener("change", () => {
  asked = "";
  preview();
});
addEventListener("beforeunload", (event) => {
  if (!done && text.value !== written) event.preventDefault();
});
completeIn(text, byId("completion"), JSON.parse(root.dataset.facts ?? "{}"));
number(0);
preview();
