// Drawing an item: its texts with the words that rules match, its fields, and words that the person marks.
import { el } from "./dom.js";

/**
 * @typedef {{name: string, value: unknown, passages: [string, string[]][] | null, image: string | null}} Field
 * @typedef {{draw_id: string, item: string | number, purpose: string, blind: boolean, reason: string,
 *   group_size: number, fields: Field[], hints: string[], shown_sha256: string}} Task
 */

/**
 * Draw an item.
 * @param {Task} task
 * @param {{hints: boolean, main: string, purposes: Record<string, string>, marking: boolean, marked: Set<string>}} how
 * @returns {Node[]}
 */
export function drawItem(task, how) {
  const shown = how.hints && !task.blind;
  const main = task.fields.find((field) => field.name === how.main);
  const rest = task.fields.filter((field) => field !== main);
  const head = el(
    "header",
    { class: "item-head" },
    el("span", { class: `chip ${task.purpose}` }, how.purposes[task.purpose] ?? task.purpose),
    task.group_size > 1 ? el("span", { class: "chip" }, `stands for ${task.group_size} alike`) : null,
    el("span", { class: "item-id" }, `item ${task.item}`),
    shown || task.blind ? el("p", { class: "reason" }, task.reason) : null,
  );
  return [
    head,
    ...(main ? [el("div", { class: "text", dir: "auto" }, ...contents(main, shown, how))] : []),
    ...(rest.length ? [fields(rest, shown, how, !main)] : []),
    ...(shown ? [hints(task)] : []),
  ];
}

/**
 * @param {Field[]} rest
 * @param {boolean} shown
 * @param {{marking: boolean, marked: Set<string>}} how
 * @param {boolean} large where there is no text to read first
 */
function fields(rest, shown, how, large) {
  const rows = rest.map((field) =>
    el(
      "tr",
      {},
      el("th", { scope: "row" }, field.name),
      el("td", { dir: "auto" }, ...(field.image ? [picture(field)] : contents(field, shown, how))),
    ),
  );
  const many = large && rest.length > 8 && rest.every((field) => !field.image && String(field.value ?? "").length < 40);
  return el("table", { class: `fields${large ? " large" : ""}${many ? " many" : ""}` }, el("tbody", {}, ...rows));
}

/** @param {Field} field */
function picture(field) {
  return el("img", { src: field.image, alt: `${field.name}: ${field.value}`, class: "picture" });
}

/**
 * @param {Field} field
 * @param {boolean} shown whether what rules match is highlighted
 * @param {{marking: boolean, marked: Set<string>}} how
 * @returns {Node[]}
 */
function contents(field, shown, how) {
  if (field.image) return [picture(field)];
  if (field.value === null) return [el("span", { class: "missing" }, "missing")];
  const text = String(field.value);
  if (typeof field.value === "string" && (how.marking || how.marked.size)) return words(field.name, text, how);
  if (!shown || !field.passages) return [document.createTextNode(text)];
  return field.passages.map(([part, rules]) =>
    rules.length ? el("mark", { title: rules.join(", ") }, part) : document.createTextNode(part),
  );
}

/**
 * Cut a text into words that can be marked: buttons while marking, afterwards plain.
 * @param {string} name
 * @param {string} text
 * @param {{marking: boolean, marked: Set<string>}} how
 * @returns {Node[]}
 */
function words(name, text, how) {
  let at = 0;
  return text
    .split(/(\s+)/u)
    .filter((part) => part)
    .map((part) => {
      const key = `${name}\n${at}`;
      at += part.length;
      if (!part.trim()) return document.createTextNode(part);
      const marked = how.marked.has(key);
      if (!how.marking) return marked ? el("mark", { class: "own" }, part) : document.createTextNode(part);
      return el("button", { type: "button", class: "word", "data-word": key, "aria-pressed": String(marked) }, part);
    });
}

/**
 * Return the runs of marked words, each as it stands in its text.
 * @param {Task} task
 * @param {Set<string>} marked
 * @returns {string[]}
 */
export function markedRuns(task, marked) {
  /** @type {string[]} */
  const runs = [];
  for (const field of task.fields) {
    if (typeof field.value !== "string") continue;
    let at = 0;
    let run = "";
    for (const part of field.value.split(/(\s+)/u)) {
      const is = part.trim() ? marked.has(`${field.name}\n${at}`) : run !== "";
      if (is) run += part;
      else {
        if (run.trim()) runs.push(run.trim());
        run = "";
      }
      at += part.length;
    }
    if (run.trim()) runs.push(run.trim());
  }
  return runs;
}

/** @param {Task} task */
function hints(task) {
  if (!task.hints.length) return el("p", { class: "hints none" }, "No rule votes here.");
  const list = task.hints.map((hint) => el("li", {}, hint));
  return el("div", { class: "hints" }, el("h2", {}, "What the rules say"), el("ul", {}, ...list));
}
