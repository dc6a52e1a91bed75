// Talking to the server: the token against forged requests, and errors in words.

const LONGEST = 60000; // milliseconds that an answer may take

/** An answer of the server that is no success. */
export class ServerError extends Error {
  /**
   * @param {number} status 0 where the server was not reached
   * @param {string} message
   */
  constructor(status, message) {
    super(message);
    this.status = status;
  }
  /** Whether the same request may succeed later. */
  get passing() {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

/**
 * @param {string} method
 * @param {string} path
 * @param {unknown} [body]
 * @returns {Promise<any>}
 */
export async function call(method, path, body) {
  const token = document.querySelector('meta[name="csrf-token"]')?.getAttribute("content") ?? "";
  /** @type {Record<string, string>} */
  const headers = { accept: "application/json", "x-csrf-token": token };
  if (body !== undefined) headers["content-type"] = "application/json";
  const sent = body === undefined ? undefined : JSON.stringify(body);
  let response;
  try {
    // A network that swallows everything would otherwise keep a request, and what waits for it, for minutes.
    response = await fetch(path, { method, headers, body: sent, signal: AbortSignal.timeout(LONGEST) });
    if (response.ok) return await response.json();
  } catch {
    throw new ServerError(0, "the server cannot be reached");
  }
  const said = await response.json().catch(() => ({}));
  const why = response.status === 401 ? "you are signed out" : said.error || `the server said ${response.status}`;
  throw new ServerError(response.status, said.hint ? `${why} (${said.hint})` : why);
}

/** @param {string} path */
export const get = (path) => call("GET", path);

/**
 * @param {string} path
 * @param {unknown} body
 */
export const post = (path, body) => call("POST", path, body);
