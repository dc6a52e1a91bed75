// Making elements. Text is set as text, never read as HTML.

/**
 * Make an element.
 * @param {string} tag
 * @param {Record<string, unknown>} [attributes] `class`, `aria-…`, `data-…`; `onclick` and the like take a function; false and null are left out
 * @param {...(Node | string | number | null)} children
 * @returns {HTMLElement}
 */
export function el(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === "function") made.addEventListener(name.slice(2), /** @type {EventListener} */ (value));
    else made.setAttribute(name, value === true ? "" : String(value));
  }
  for (const child of children) if (child !== null) made.append(child instanceof Node ? child : String(child));
  return made;
}

/**
 * Find an element that the template has.
 * @template {HTMLElement} T
 * @param {string} id
 * @returns {T}
 */
export function byId(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`the page has no #${id}`);
  return /** @type {T} */ (found);
}

/**
 * Say what went wrong, or clear it.
 * @param {string} text
 */
export function problem(text) {
  const place = byId("problem");
  place.textContent = text;
  place.hidden = !text;
}
