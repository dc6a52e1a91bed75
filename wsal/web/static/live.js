// News from the background, by server-sent events.

/**
 * @typedef {{kind: "work" | "done" | "problem" | "progress" | "idle", text: string, run: string}} News
 */

/** @type {Set<(news: News) => void>} */
const listeners = new Set();
/** @type {EventSource | null} */
let source = null;

/**
 * Listen to news.
 * @param {(news: News) => void} listener
 */
export function listen(listener) {
  listeners.add(listener);
  if (source) return;
  source = new EventSource("/api/events");
  source.onmessage = (event) => {
    const news = /** @type {News} */ (JSON.parse(event.data));
    for (const told of listeners) told(news);
  };
  addEventListener("pagehide", () => source?.close());
}
