// Accounts: adding people, links, roles, closing.
import { call, post } from "./api.js";
import { byId, problem } from "./dom.js";

/** @param {() => Promise<void>} work */
async function tried(work) {
  problem("");
  try {
    await work();
  } catch (error) {
    problem(String(error instanceof Error ? error.message : error));
  }
}

/**
 * @param {string} name
 * @param {string} path
 */
function show(name, path) {
  byId("whose").textContent = name;
  byId("link").textContent = location.origin + path;
  byId("made").hidden = false;
  byId("link").focus();
}

const form = /** @type {HTMLFormElement} */ (byId("new-person"));
form.addEventListener("submit", (event) => {
  event.preventDefault();
  const given = new FormData(form);
  const name = String(given.get("name"));
  tried(async () => show(name, (await post("/api/people", { name, role: given.get("role") })).link));
});

for (const button of document.querySelectorAll("button[data-link]")) {
  const name = button.getAttribute("data-link") ?? "";
  button.addEventListener("click", () =>
    tried(async () => show(name, (await post(`/api/people/${encodeURIComponent(name)}/link`, {})).link)),
  );
}
for (const button of document.querySelectorAll("button[data-disable]")) {
  const path = `/api/people/${encodeURIComponent(button.getAttribute("data-disable") ?? "")}`;
  button.addEventListener("click", () =>
    tried(async () => {
      await call("PATCH", path, { disabled: button.getAttribute("data-to") === "true" });
      location.reload();
    }),
  );
}
for (const select of /** @type {NodeListOf<HTMLSelectElement>} */ (document.querySelectorAll("select[data-role]"))) {
  const path = `/api/people/${encodeURIComponent(select.dataset.role ?? "")}`;
  select.addEventListener("change", () => tried(async () => void (await call("PATCH", path, { role: select.value }))));
}
