// The list of rules: it is found and sorted without asking the server.
import { byId } from "./dom.js";

const table = byId("rules");
const body = /** @type {HTMLTableSectionElement} */ (table.querySelector("tbody"));
const query = /** @type {HTMLInputElement} */ (byId("q"));

/** Show the rules that hold all the words. */
function find() {
  const words = query.value.toLowerCase().split(/\s+/u).filter(Boolean);
  let n = 0;
  for (const row of body.rows) {
    row.hidden = !words.every((word) => (row.dataset.words ?? "").includes(word));
    if (!row.hidden) n += 1;
  }
  byId("shown").textContent = `${n} of ${body.rows.length} rules`;
  remember("q", query.value);
}

/**
 * @param {string} name
 * @param {string} value
 */
function remember(name, value) {
  const here = new URL(location.href);
  if (value) here.searchParams.set(name, value);
  else here.searchParams.delete(name);
  history.replaceState(null, "", here);
}

/** @param {HTMLTableCellElement} head */
function sort(head) {
  const column = head.cellIndex;
  const figure = "figure" in head.dataset;
  const was = head.getAttribute("aria-sort");
  const down = was ? was === "ascending" : figure;
  const key = (/** @type {HTMLTableRowElement} */ row) => row.cells[column].dataset.by ?? "";
  const rows = [...body.rows].sort((a, b) => (figure ? Number(key(a)) - Number(key(b)) : key(a).localeCompare(key(b))));
  body.append(...(down ? rows.reverse() : rows));
  for (const other of table.querySelectorAll("th[aria-sort]")) other.removeAttribute("aria-sort");
  head.setAttribute("aria-sort", down ? "descending" : "ascending");
  remember("sort", head.dataset.key ?? "");
  remember("down", down ? "true" : "");
}

// Where the server filtered already, the rest is not on the page: the next words go there.
if (!query.value) query.addEventListener("input", find);
for (const head of /** @type {NodeListOf<HTMLTableCellElement>} */ (table.querySelectorAll("thead th"))) {
  head.querySelector("a")?.addEventListener("click", (event) => {
    event.preventDefault();
    sort(head);
  });
}
