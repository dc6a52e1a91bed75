// Suggestions while a rule is written: keys, kinds of conditions, labels, columns and other rules.
import { el } from "./dom.js";

/**
 * @typedef {{rule: string[], tests: string[], kinds: Record<string, string>, options: string[], labels: string[],
 *   columns: string[], rules: string[]}} Facts
 * @typedef {{word: string, adds: string, what: string}} Suggestion
 */

const COLUMNS = /(?:field|number|date|compare|column|confidence|above|below|item|from|to):\s*["']?$/u;

/**
 * Say what may stand at a place.
 * @param {string} before the text up to the caret
 * @param {Facts} facts
 * @returns {{word: string, found: Suggestion[]}}
 */
export function suggest(before, facts) {
  const line = before.slice(before.lastIndexOf("\n") + 1);
  const word = /[\p{L}\p{N}_-]*$/u.exec(line)?.[0] ?? "";
  const lead = line.slice(0, line.length - word.length);
  const plain = (/** @type {string[]} */ words) => words.map((one) => ({ word: one, adds: one, what: "" }));
  const keys = (/** @type {string[]} */ words) => words.map((one) => ({ word: one, adds: `${one}: `, what: facts.kinds[one] ?? "" }));
  /** @type {Suggestion[]} */
  let all;
  if (/(?:^|[{,]\s*)label:\s*["']?$/u.test(lead) || /class:\s*["']?$/u.test(lead)) all = plain(facts.labels);
  else if (/rule:\s*["']?$/u.test(lead)) all = plain(facts.rules);
  else if (/case:\s*$/u.test(lead)) all = plain(["any", "exact"]);
  else if (COLUMNS.test(lead)) all = plain(facts.columns);
  else if (lead === "") all = keys(facts.rule);
  else if (/^\s+$/u.test(lead) && /(?:^|\n)tests:[^\n]*(?:\n\s+[^\n]*)*$/u.test(before)) all = keys(facts.tests);
  else if (/(?:^\s+(?:-\s*)?|[{]\s*|not:\s*)$/u.test(lead)) all = [...keys(Object.keys(facts.kinds)), ...keys(facts.options.filter((one) => !(one in facts.kinds)))];
  else if (/,\s*$/u.test(lead) && lead.includes("{")) all = keys(facts.options);
  else all = [];
  return { word, found: all.filter((one) => one.word.startsWith(word) && one.word !== word).slice(0, 12) };
}

/**
 * Suggest while somebody writes.
 * @param {HTMLTextAreaElement} text
 * @param {HTMLElement} list
 * @param {Facts} facts
 */
export function completeIn(text, list, facts) {
  let chosen = -1;
  /** @type {Suggestion[]} */
  let found = [];
  let word = "";

  /** @param {boolean} asked whether the keys asked for it; then nothing typed is enough */
  function open(asked) {
    ({ word, found } = suggest(text.value.slice(0, text.selectionStart), facts));
    if (!asked && !word) found = [];
    chosen = asked && found.length ? 0 : -1;
    draw();
  }
  function draw() {
    list.hidden = !found.length;
    list.replaceChildren(
      ...found.map((one, i) =>
        el(
          "div",
          { role: "option", id: `suggestion-${i}`, "aria-selected": String(i === chosen), title: one.what || null, onmousedown: (/** @type {Event} */ e) => (e.preventDefault(), take(i)) },
          one.word,
        ),
      ),
    );
    if (chosen >= 0) text.setAttribute("aria-activedescendant", `suggestion-${chosen}`);
    else text.removeAttribute("aria-activedescendant");
  }
  function close() {
    found = [];
    chosen = -1;
    draw();
  }
  /** @param {number} i */
  function take(i) {
    const at = text.selectionStart;
    const adds = found[i].adds;
    close();
    text.setRangeText(adds, at - word.length, at, "end");
    text.dispatchEvent(new Event("input"));
    close();
  }

  text.addEventListener("input", (event) => {
    if (event instanceof InputEvent) open(false);
  });
  text.addEventListener("blur", close);
  text.addEventListener("keydown", (event) => {
    if (event.key === " " && event.ctrlKey) {
      event.preventDefault();
      open(true);
    } else if (!found.length) return;
    else if (event.key === "Escape") close();
    else if (event.key === "ArrowLeft" || event.key === "ArrowRight") close();
    else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      chosen = (chosen + (event.key === "ArrowDown" ? 1 : -1) + found.length) % found.length;
      draw();
    } else if (event.key === "Enter" && chosen >= 0) {
      event.preventDefault();
      take(chosen);
    }
  });
}
