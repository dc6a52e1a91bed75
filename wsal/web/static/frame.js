// What every page has: signing out, and a line of news from the background.
import { post } from "./api.js";
import { listen } from "./live.js";

const button = document.getElementById("sign-out");
button?.addEventListener("click", async () => {
  await post("/logout", {}).catch(() => undefined);
  location.assign("/login");
});

const line = document.getElementById("news");
if (line) {
  listen((news) => {
    if (news.kind === "progress") return;
    line.textContent = news.kind === "idle" ? "" : news.text + (news.kind === "work" ? " …" : "");
    line.classList.toggle("bad", news.kind === "problem");
  });
}
