// Tokens of programs: making and ending them.
import { call, post } from "./api.js";
import { byId, problem } from "./dom.js";

const form = /** @type {HTMLFormElement} */ (byId("new-token"));
form.addEventListener("submit", (event) => {
  event.preventDefault();
  const given = new FormData(form);
  const scopes = given.getAll("scopes");
  if (!scopes.length) return problem("Choose what the token may do.");
  change(async () => {
    const made = await post("/api/account/tokens", { name: given.get("name"), scopes, days: Number(given.get("days")) });
    byId("token").textContent = made.token;
    byId("made").hidden = false;
    form.reset();
    byId("token").focus();
  });
});

addEventListener("click", (event) => {
  const digest = event.target instanceof HTMLElement ? event.target.dataset.end : "";
  if (digest) change(() => call("DELETE", `/api/account/tokens/${digest}`));
});

/**
 * Change the tokens, and draw the list anew without losing the token that is shown this once.
 * @param {() => Promise<unknown>} act
 */
async function change(act) {
  problem("");
  try {
    await act();
    const page = new DOMParser().parseFromString(await (await fetch("/account")).text(), "text/html");
    byId("tokens").replaceWith(page.getElementById("tokens") ?? "");
  } catch (error) {
    problem(String(error instanceof Error ? error.message : error));
  }
}
