// Work that somebody asks for: a button begins it, news tell that it ended, and the page shows what was found.
import { get, post } from "./api.js";
import { problem } from "./dom.js";
import { listen } from "./live.js";

for (const button of document.querySelectorAll("button[data-errand]")) {
  button.addEventListener("click", async () => {
    /** @type {HTMLButtonElement} */ (button).disabled = true;
    problem("");
    try {
      await post("/api/errands", {
        kind: button.getAttribute("data-errand"),
        subject: button.getAttribute("data-subject") ?? "",
      });
      location.reload();
    } catch (error) {
      problem(String(error instanceof Error ? error.message : error));
      /** @type {HTMLButtonElement} */ (button).disabled = false;
    }
  });
}

const running = [...document.querySelectorAll("[data-running]")];

/** Show the page anew where an errand ended. */
async function look() {
  for (const line of running) {
    const asked = new URLSearchParams({
      kind: line.getAttribute("data-running") ?? "",
      subject: line.getAttribute("data-subject") ?? "",
    });
    const found = await get(`/api/errands?${asked}`).catch(() => ({ state: "running" }));
    if (found.state !== "running") location.reload();
  }
}

if (running.length) {
  listen((news) => {
    if (news.kind !== "work" && news.kind !== "progress") void look();
  });
  setInterval(look, 10000); // should the news be missed
  setInterval(() => {
    for (const line of running) {
      const seconds = Math.max(0, Math.round(Date.now() / 1000 - Number(line.getAttribute("data-began"))));
      const place = line.querySelector(".elapsed");
      if (place) place.textContent = `${seconds} s`;
    }
  }, 1000);
}
