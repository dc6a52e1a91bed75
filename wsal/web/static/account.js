// Tokens of programs: making and ending them.
import { call, post } from "./api.js";
import { byId, problem } from "./dom.js";

const form = /** @type {HTMLFormElement} */ (byId("new-token"));
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  problem("");
  const given = new FormData(form);
  const scopes = given.getAll("scopes");
  if (!scopes.length) return problem("Choose what the token may do.");
  try {
    const made = await post("/api/account/tokens", { name: given.get("name"), scopes, days: Number(given.get("days")) });
    byId("token").textContent = made.token;
    byId("made").hidden = false;
    byId("token").focus();
  } catch (error) {
    problem(String(error instanceof Error ? error.message : error));
  }
});

for (const button of document.querySelectorAll("button[data-end]")) {
  button.addEventListener("click", async () => {
    try {
      await call("DELETE", `/api/account/tokens/${button.getAttribute("data-end")}`);
      location.reload();
    } catch (error) {
      problem(String(error instanceof Error ? error.message : error));
    }
  });
}
