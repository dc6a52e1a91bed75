// The outbox: what a person said, kept in the browser until the server has it on disk.
//
// Every event has an id of its own, so that sending it twice writes it once. Events are sent in order. They wait
// through closed tabs, cut networks and dead servers.
import { post, ServerError } from "./api.js";

/**
 * @typedef {{event_id: string, kind: "decision" | "taken_back", [more: string]: unknown}} Said
 * @typedef {{event_id: string, status: "kept" | "refused", why: string, hints: string[]}} Receipt
 */

const STORE = "said";
const MOST = 100; // events in one request
const LONGEST = 15000; // milliseconds between attempts

/** @returns {string} an id that nobody else makes; randomUUID needs https */
export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((b) => b.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

export class Outbox {
  /**
   * @param {string} name of the database: one a project and person, so that nobody sends another's answers
   * @param {{changed: () => void, received: (receipts: Receipt[], rest: any, said: Said[]) => void, failed: (error: ServerError) => void}} told
   */
  constructor(name, told) {
    this.told = told;
    /** @type {Map<number, Said>} what waits, by its place in the order */
    this.waiting = new Map();
    this.delay = 0;
    this.most = MOST;
    /** @type {Promise<boolean> | null} */
    this.sending = null;
    /** Whether it is known what an earlier visit left. */
    this.known = false;
    this.next = 1;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    /** @type {IDBDatabase | null} null where the browser keeps nothing, as in some private windows */
    this.database = null;
    this.ready = this.open(name);
    addEventListener("online", () => this.send());
  }

  /** How many events the server does not have. */
  get unsaved() {
    return this.waiting.size;
  }

  /** @param {string} name */
  async open(name) {
    try {
      this.database = await new Promise((resolve, reject) => {
        const request = indexedDB.open(name, 1);
        request.onupgradeneeded = () => request.result.createObjectStore(STORE);
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
      await this.read();
    } catch {
      this.database = null; // this page keeps what is said meanwhile, and asks before it is closed
    }
    this.known = true;
    this.told.changed();
    this.send();
  }

  /** Read what an earlier visit, or another tab, left. */
  async read() {
    const database = this.database;
    if (!database) return;
    const [keys, values] = await new Promise((resolve, reject) => {
      const store = database.transaction(STORE).objectStore(STORE);
      const all = [store.getAllKeys(), store.getAll()];
      store.transaction.oncomplete = () => resolve(all.map((one) => one.result));
      store.transaction.onerror = () => reject(store.transaction.error);
    });
    const left = keys.map((/** @type {number} */ key, /** @type {number} */ i) => [key, values[i]]);
    for (const [key, said] of this.waiting) {
      if (!keys.includes(key)) this.written()?.put(said, key);
    }
    this.waiting = new Map([...left, ...this.waiting].sort((a, b) => a[0] - b[0]));
    this.next = Math.max(this.next, ...[...this.waiting.keys()].map((key) => key + 1));
  }

  /**
   * Put an event in; it goes out at once if it can.
   * @param {Said} said
   */
  add(said) {
    // By the clock, so that another tab's events keep their order among ours.
    const key = Math.max(this.next, Date.now() * 1000);
    this.next = key + 1;
    this.waiting.set(key, said);
    this.written()?.put(said, key);
    this.told.changed();
    this.later(0);
  }

  /** @returns {IDBObjectStore | undefined} to write to; none where the browser keeps nothing, or no longer */
  written() {
    try {
      const change = this.database?.transaction(STORE, "readwrite", { durability: "strict" });
      if (change) change.onabort = () => (this.database = null); // the disk is full
      return change?.objectStore(STORE);
    } catch {
      this.database = null; // the browser has closed it
      return undefined;
    }
  }

  /** @param {number} delay in milliseconds */
  later(delay) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.send(), delay);
  }

  /**
   * Send what waits; what is under way already is not sent twice at once.
   * @returns {Promise<boolean>} whether the server answered
   */
  send() {
    this.sending ??= this.deliver().finally(() => {
      this.sending = null;
      if (this.waiting.size) this.later(this.delay);
    });
    return this.sending;
  }

  /**
   * Send until nothing waits.
   * @returns {Promise<boolean>} false where the server cannot be reached
   */
  async flush() {
    await this.ready;
    while (this.waiting.size) if (!(await this.send())) return false;
    return true;
  }

  async deliver() {
    if (!this.waiting.size) return true;
    const batch = [...this.waiting].slice(0, this.most);
    try {
      const answer = await post("/api/label/said", { events: batch.map(([, said]) => said) });
      this.delay = 0;
      this.most = MOST;
      this.drop(batch.map(([key]) => key));
      this.told.received(answer.receipts, answer, batch.map(([, said]) => said));
      return true;
    } catch (error) {
      const failed = error instanceof ServerError ? error : new ServerError(0, String(error));
      if ([400, 413, 422].includes(failed.status)) {
        this.unsendable(batch, failed);
        return true;
      }
      this.delay = Math.min(LONGEST, this.delay ? this.delay * 2 : 500);
      this.told.failed(failed);
      return false;
    }
  }

  /**
   * The server will never take this as it is: find the event that is at fault, and let the others through.
   * @param {[number, Said][]} batch
   * @param {ServerError} failed
   */
  unsendable(batch, failed) {
    if (batch.length === 1) {
      const [[key, said]] = batch;
      this.most = MOST;
      this.drop([key]);
      this.told.received([{ event_id: said.event_id, status: "refused", why: failed.message, hints: [] }], {}, [said]);
    } else {
      this.most = Math.ceil(batch.length / 2);
    }
    this.delay = 0;
  }

  /** @param {number[]} keys of events that the server has */
  drop(keys) {
    const store = this.written();
    for (const key of keys) {
      this.waiting.delete(key);
      store?.delete(key);
    }
    this.told.changed();
  }
}
