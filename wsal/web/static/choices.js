// The labels to choose from: a key each, or a field to find one by typing where there are more than nine.
import { el } from "./dom.js";

/**
 * Draw the labels.
 * @param {HTMLElement} place
 * @param {string[]} labels
 * @param {(label: string) => void} choose
 * @returns {{pick: (key: string) => boolean, find: () => void, show: (label: string | null) => void}}
 */
export function drawChoices(place, labels, choose) {
  const buttons = labels.map((label, i) =>
    el(
      "button",
      { type: "button", class: "choice", "aria-keyshortcuts": i < 9 ? String(i + 1) : null, onclick: () => choose(label) },
      i < 9 ? el("kbd", {}, i + 1) : null,
      el("span", {}, label),
    ),
  );
  const finder = labels.length > 9 ? makeFinder(labels, buttons, choose) : null;
  place.replaceChildren(...(finder ? [finder.box] : []), ...buttons);
  place.classList.toggle("many", labels.length > 9);
  return {
    pick(key) {
      const label = /^[1-9]$/.test(key) ? labels[Number(key) - 1] : undefined;
      if (label === undefined) return false;
      choose(label);
      return true;
    },
    find: () => finder?.input.focus(),
    show(label) {
      buttons.forEach((button, i) => button.classList.toggle("before", labels[i] === label));
    },
  };
}

/**
 * @param {string[]} labels
 * @param {HTMLElement[]} buttons
 * @param {(label: string) => void} choose
 */
function makeFinder(labels, buttons, choose) {
  const input = /** @type {HTMLInputElement} */ (
    el("input", { type: "text", autocomplete: "off", spellcheck: "false", "aria-label": "Find a label", placeholder: "/ type to find a label, Enter takes it" })
  );
  const found = () => {
    const typed = input.value.trim().toLowerCase();
    const inside = labels.filter((label) => label.toLowerCase().includes(typed));
    const begins = inside.filter((label) => label.toLowerCase().startsWith(typed));
    return { inside, first: begins[0] ?? inside[0] };
  };
  const show = () => {
    const { inside, first } = found();
    buttons.forEach((button, i) => {
      button.hidden = !inside.includes(labels[i]);
      button.classList.toggle("first", Boolean(input.value.trim()) && labels[i] === first);
    });
  };
  const clear = () => {
    input.value = "";
    show();
    input.blur();
  };
  input.addEventListener("input", show);
  input.addEventListener("keydown", (event) => {
    if (event.key === "Escape") clear();
    if (event.key !== "Enter" || event.isComposing) return;
    event.preventDefault();
    const { first } = found();
    if (!input.value.trim() || first === undefined) return;
    clear();
    choose(first);
  });
  return { input, box: el("div", { class: "finder" }, input) };
}
