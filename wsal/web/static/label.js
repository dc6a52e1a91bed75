// The Label page. A key press changes the page at once; what was said goes through the outbox, and items are
// fetched ahead, so that no key waits for the network.
import { post, get, ServerError } from "./api.js";
import { drawChoices } from "./choices.js";
import { byId, el, problem } from "./dom.js";
import { drawItem, markedRuns } from "./item.js";
import { listen } from "./live.js";
import { newId, Outbox } from "./outbox.js";
import { Tabs } from "./tabs.js";

/** @typedef {import("./item.js").Task} Task */
/** @typedef {import("./outbox.js").Receipt} Receipt */
/** @typedef {{names: string[], since: number}} Classes the row of the ledger since which they are in force */
/** @typedef {{event_id: string, task: Task, outcome: string, label: string | null}} Given */

const AHEAD = 8;
const FEW = 5;
const RENEW = 120000; // milliseconds; leases last ten minutes

const root = byId("label");
const purposes = /** @type {Record<string, string>} */ (JSON.parse(root.dataset.purposes ?? "{}"));
const place = byId("item");
const rationale = /** @type {HTMLTextAreaElement} */ (byId("rationale"));

/** @type {Classes} */
let classes = { names: JSON.parse(root.dataset.labels ?? "[]"), since: Number(root.dataset.since) };
/** @type {Task[]} the item on the page, and those that were fetched ahead */
let queue = [];
/** @type {Given[]} what can be undone without asking the server */
const given = [];
/** @type {Set<string>} items whose votes this person has seen before answering them */
const sawHints = new Set();
/** @type {Set<string>} words that go with the next answer */
const marked = new Set();
let hints = true;
let marking = false;
let since = performance.now();
let fetching = false;
/** @type {number | null} row of the ledger of the last answer that was undone here */
let undoneBefore = null;
/** What is being undone; the server may have to be asked. */
let undoing = Promise.resolve();

let choices = drawChoices(byId("choices"), classes.names, (label) => say("label", label));
const tabs = new Tabs(root.dataset.outbox ?? "wsal", answeredElsewhere);
const outbox = new Outbox(root.dataset.outbox ?? "wsal", { changed: showSaved, received, failed });

// What a person says

/**
 * Keep a decision, and show the next item.
 * @param {string} outcome
 * @param {string | null} label
 */
function say(outcome, label = null) {
  const task = queue[0];
  if (!task) return;
  const event_id = newId();
  outbox.add({
    kind: "decision",
    event_id,
    draw_id: task.draw_id,
    item: task.item,
    outcome,
    label,
    shown_sha256: task.shown_sha256,
    rationale: reasonGiven(task),
    hints_shown: sawHints.has(task.draw_id),
    seconds: Math.round(performance.now() - since) / 1000,
    classes: classes.since,
  });
  given.push({ event_id, task, outcome, label });
  queue.shift();
  tabs.answered(task.draw_id);
  rationale.value = "";
  marked.clear();
  openRationale(false);
  show();
  showLast(label ?? byOutcome(outcome), []);
  if (queue.length < FEW) fetchAhead();
}

/** @param {Task} task */
function reasonGiven(task) {
  const words = markedRuns(task, marked).map((run) => JSON.stringify(run));
  return [rationale.value.trim(), words.length ? `[words: ${words.join(", ")}]` : ""].filter(Boolean).join(" ");
}

/** @param {string} outcome */
function byOutcome(outcome) {
  return { skip: "skipped", unsure: "don’t know", not_applicable: "not applicable", flag: "flagged" }[outcome] ?? outcome;
}

/** Take the last answer back, and then the one before it, however quickly they are asked for. */
function undo() {
  undoing = undoing.then(undoOne).catch((error) => problem(`Nothing was undone: ${error}`));
}

/** Where the last answer was given in an earlier visit, the server says which it was. */
async function undoOne() {
  const last = given.pop() ?? (await lastOfEarlier());
  if (!last) return showLast("nothing is left to undo", []);
  outbox.add({ kind: "taken_back", event_id: newId(), supersedes: last.event_id });
  queue = [last.task, ...queue.filter((task) => task.draw_id !== last.task.draw_id)];
  show();
  choices.show(last.label);
  showLast(`undone: ${last.label ?? byOutcome(last.outcome)}`, []);
}

/** @returns {Promise<Given | null>} */
async function lastOfEarlier() {
  try {
    if (!(await outbox.flush())) throw new ServerError(0, "the server cannot be reached");
    const last = await get(`/api/label/last${undoneBefore === null ? "" : `?before=${undoneBefore}`}`);
    if (!last.task) return null;
    undoneBefore = last.seq;
    return { event_id: last.event_id, task: last.task, outcome: last.outcome, label: last.label };
  } catch (error) {
    problem(`Undo needs the server for answers of an earlier visit: ${error instanceof Error ? error.message : error}.`);
    return null;
  }
}

// What the server says

/** Fetch more items, and hold on to those that are here. */
async function fetchAhead() {
  if (fetching) return;
  fetching = true;
  try {
    await outbox.ready;
    const waiting = [...outbox.waiting.values()].map((said) => said.draw_id).filter((id) => typeof id === "string");
    const done = [...waiting, ...(await tabs.elsewhere())];
    const holding = queue.map((task) => task.draw_id);
    const wanted = Math.max(0, AHEAD - queue.length);
    const answer = await post("/api/label/take", { n: wanted, holding, done: done.filter((id) => !holding.includes(String(id))) });
    const answered = new Set([...outbox.waiting.values()].map((said) => said.draw_id));
    const here = new Set(queue.map((task) => task.draw_id));
    const before = queue[0];
    queue = queue.filter((task) => !answer.lost.includes(task.draw_id));
    for (const task of answer.tasks) {
      const gave = given.some((one) => one.task.draw_id === task.draw_id);
      if (!here.has(task.draw_id) && (!answered.has(task.draw_id) || !gave)) queue.push(task);
    }
    tabs.hold(queue.map((task) => task.draw_id));
    showProgress(answer.progress);
    useClasses(answer.classes);
    if (queue[0] !== before || !queue[0]) show(answer.note);
    if (!outbox.unsaved) problem("");
  } catch (error) {
    if (!queue.length) show(error instanceof Error ? `${error.message}.` : "");
    else if (error instanceof ServerError && !error.passing) problem(error.message);
  } finally {
    fetching = false;
  }
}

/**
 * @param {Receipt[]} receipts
 * @param {{progress?: any, classes?: Classes}} rest
 * @param {import("./outbox.js").Said[]} said what the receipts are for
 */
function received(receipts, rest, said) {
  if (rest.progress) showProgress(rest.progress);
  if (rest.classes) useClasses(rest.classes);
  problem("");
  receipts.forEach((receipt, i) => receipt.status === "refused" && refuse(receipt, said[i]));
  for (const receipt of receipts) {
    const known = given.find((one) => one.event_id === receipt.event_id);
    if (known && receipt.why && receipt.status === "kept") notice(`Item ${known.task.item}: ${receipt.why}.`);
    if (!known || !receipt.hints.length) continue;
    sawHints.add(known.task.draw_id); // should the answer be undone
    if (known === given[given.length - 1]) showLast(known.label ?? byOutcome(known.outcome), receipt.hints);
  }
  if (queue.length < FEW) fetchAhead();
}

/**
 * Say that something is not kept, until the person has read it, and ask the item again.
 * @param {Receipt} receipt
 * @param {import("./outbox.js").Said} said
 */
function refuse(receipt, said) {
  const i = given.findIndex((one) => one.event_id === receipt.event_id);
  const [known] = i < 0 ? [] : given.splice(i, 1);
  if (known && !queue.some((task) => task.draw_id === known.task.draw_id)) {
    queue.splice(Math.min(1, queue.length), 0, known.task); // behind the item that the person is reading
    if (queue.length === 1) show();
  }
  const what = said.kind === "decision" ? `item ${said.item}, ${said.label ?? byOutcome(String(said.outcome))}` : "an undo";
  const reason = said.rationale ? ` (your rationale: ${said.rationale})` : "";
  notice(`Not kept: ${what}${reason}: ${receipt.why}.`);
}

/**
 * Take the classes that are in force. Keys rest until the person knows: a key may stand for another class now.
 * @param {Classes} found
 */
function useClasses(found) {
  if (found.since <= classes.since) return; // an answer of the server that was overtaken by another one
  classes = found;
  choices = drawChoices(byId("choices"), classes.names, (label) => say("label", label));
  redraw();
  byId("classes-now").textContent = classes.names.join(", ");
  const changed = /** @type {HTMLDialogElement} */ (byId("classes-changed"));
  if (!changed.open) changed.showModal();
}

/** @param {string} draw_id that this person answered in another tab */
function answeredElsewhere(draw_id) {
  const [first] = queue;
  queue = queue.filter((task) => task.draw_id !== draw_id);
  if (first !== queue[0]) show();
  if (queue.length < FEW) fetchAhead();
}

/** @param {ServerError} error */
function failed(error) {
  showSaved();
  if (error.status === 401) problem("You are signed out. Your answers wait in this browser: sign in again in another tab.");
  else if (!error.passing) problem(`The answers cannot be saved: ${error.message}`);
}

// Showing

/** @param {string} [note] where there is no item */
function show(note = "") {
  const task = queue[0];
  marking = marking && Boolean(task);
  place.setAttribute("aria-busy", "false");
  if (task) {
    if (hints && !task.blind && task.hints.length) sawHints.add(task.draw_id);
    place.replaceChildren(...drawItem(task, { hints, main: root.dataset.main ?? "", purposes, marking, marked }));
  } else {
    place.replaceChildren(el("p", { class: "empty" }, note || "Fetching items …"));
  }
  choices.show(null);
  root.classList.toggle("blind", Boolean(task?.blind));
  for (const button of document.querySelectorAll(".choice, [data-act=skip], [data-act=unsure], [data-act=not_applicable], [data-act=flag]"))
    /** @type {HTMLButtonElement} */ (button).disabled = !task;
  since = performance.now();
}

function showSaved() {
  const line = byId("saved");
  const n = outbox.unsaved;
  line.textContent = n ? `${n} unsaved` : outbox.known ? "saved" : "…"; // known once it is read what an earlier visit left
  line.classList.toggle("waiting", n > 0);
}

/** @param {string} text that stays until the person has read it */
function notice(text) {
  const close = el("button", { type: "button", onclick: () => line.remove() }, "I have read this");
  const line = el("p", { class: "problem" }, text, " ", close);
  byId("notices").append(line);
}

/**
 * @param {string} text
 * @param {string[]} said what the rules said of a blind item
 */
function showLast(text, said) {
  byId("last").replaceChildren(
    el("strong", {}, text),
    ...(said.length ? [el("span", { class: "revealed" }, ` The rules said: ${said.join("; ")}.`)] : []),
  );
}

/** @param {{own: Record<string, number>, team: Record<string, number>, waiting: number}} progress */
function showProgress(progress) {
  const sum = (/** @type {Record<string, number>} */ counts) => Object.values(counts).reduce((a, b) => a + b, 0);
  const row = (/** @type {string} */ name, /** @type {number} */ own, /** @type {number} */ team) =>
    el("tr", {}, el("th", { scope: "row" }, name), el("td", {}, own), el("td", {}, team));
  const names = Object.keys({ ...progress.team, ...progress.own }).sort();
  byId("tally").replaceChildren(
    ...names.map((name) => row(purposes[name] ?? name, progress.own[name] ?? 0, progress.team[name] ?? 0)),
    row("together", sum(progress.own), sum(progress.team)),
  );
  byId("waiting").textContent = `${progress.waiting} more wait`;
}

/** @param {boolean} open */
function openRationale(open) {
  byId("rationale-box").hidden = !open;
  document.querySelector("[data-act=rationale]")?.setAttribute("aria-expanded", String(open));
  if (open) rationale.focus();
  else if (document.activeElement === rationale) rationale.blur();
}

/** @param {boolean} on */
function mark(on) {
  marking = on && Boolean(queue[0]);
  document.querySelector("[data-act=mark]")?.setAttribute("aria-pressed", String(marking));
  redraw();
  if (marking) /** @type {HTMLElement | null} */ (place.querySelector(".word"))?.focus();
}

/** Open a draft of a rule made of the marked words, beside this page. */
function makeRule() {
  if (!queue[0] || !document.querySelector("[data-act=rule]")) return; // not everybody writes rules
  const words = markedRuns(queue[0], marked);
  if (!words.length) return problem("Mark words first (w); then m makes a rule of them.");
  open(`/rules/new?${new URLSearchParams(words.slice(0, 30).map((word) => ["words", word.slice(0, 200)]))}`, "_blank", "noopener");
}

/** Draw the same item again; the clock of the answer goes on. */
function redraw() {
  const began = since;
  show();
  since = began;
}

// Keys and buttons

/** @type {Record<string, () => void>} */
const acts = {
  skip: () => say("skip"),
  unsure: () => say("unsure"),
  not_applicable: () => say("not_applicable"),
  flag: () => say("flag"),
  undo,
  rationale: () => openRationale(byId("rationale-box").hidden),
  mark: () => mark(!marking),
  hints: () => {
    hints = !hints;
    document.querySelector("[data-act=hints]")?.setAttribute("aria-pressed", String(hints));
    redraw();
  },
  rule: makeRule,
  help: () => /** @type {HTMLDialogElement} */ (byId("help")).showModal(),
};
const KEYS = /** @type {Record<string, string>} */ ({
  " ": "skip", d: "unsure", n: "not_applicable", f: "flag", u: "undo", Backspace: "undo", r: "rationale", w: "mark", m: "rule", h: "hints", "?": "help",
}); // prettier-ignore

for (const button of document.querySelectorAll("[data-act]")) {
  button.addEventListener("click", () => {
    acts[button.getAttribute("data-act") ?? ""]?.();
    if (!["rationale", "mark", "help"].includes(button.getAttribute("data-act") ?? "")) place.focus({ preventScroll: true });
  });
}

addEventListener("keydown", (event) => {
  const target = /** @type {HTMLElement} */ (event.target);
  if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (target === rationale && event.key === "Escape") return openRationale(false);
  if (/^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) || target.isContentEditable) return; // never while typing
  if (document.querySelector("dialog[open]")) return;
  if (marking && markKey(event, target)) return;
  // The button of a dialog that was closed just now has the focus until the page is drawn again.
  const onButton = /^(BUTTON|A|SUMMARY)$/.test(target.tagName) && !target.closest("dialog");
  if ((event.key === " " || event.key === "Enter") && onButton) return;
  if (event.repeat && KEYS[event.key] !== "undo") return event.preventDefault(); // a key that stays down answers once
  if (choices.pick(event.key)) return event.preventDefault();
  if (event.key === "/") choices.find();
  else if (KEYS[event.key]) acts[KEYS[event.key]]();
  else return;
  event.preventDefault();
});

/**
 * Handle a key while words are marked: arrows move, Enter and Space mark, Escape ends.
 * @param {KeyboardEvent} event
 * @param {HTMLElement} target
 * @returns {boolean} whether that was all it did
 */
function markKey(event, target) {
  if (event.key === "Escape") {
    mark(false);
    event.preventDefault();
    return true;
  }
  const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
  if (!target.dataset.word || step === undefined) return Boolean(target.dataset.word) && /^( |Enter)$/.test(event.key);
  const words = /** @type {HTMLElement[]} */ ([...place.querySelectorAll(".word")]);
  words[Math.min(words.length - 1, Math.max(0, words.indexOf(target) + step))].focus();
  event.preventDefault();
  return true;
}

place.addEventListener("click", (event) => {
  const word = /** @type {HTMLElement} */ (event.target).closest?.(".word");
  const key = word?.getAttribute("data-word");
  if (!word || !key) return;
  if (!marked.delete(key)) marked.add(key);
  word.setAttribute("aria-pressed", String(marked.has(key)));
});

// Keeping up

listen((news) => {
  if (news.kind === "idle" && queue.length < FEW) fetchAhead();
});
setInterval(fetchAhead, RENEW);
addEventListener("visibilitychange", () => document.visibilityState === "visible" && fetchAhead());
addEventListener("beforeunload", (event) => {
  if (outbox.unsaved && !outbox.database) event.preventDefault(); // nothing else keeps them
});
fetchAhead();
