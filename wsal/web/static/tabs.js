// Other tabs of the same person: what one has fetched, the others do not fetch as well.
import { newId } from "./outbox.js";

const REPLY = 50; // milliseconds between looks whether all other tabs have said what they hold
const LONGEST = 5000; // milliseconds that a slow tab is waited for
const FORGET = 300000; // milliseconds after which a tab that said nothing is gone

export class Tabs {
  /**
   * @param {string} name one a project and person
   * @param {(draw_id: string) => void} answered told what was answered in another tab
   */
  constructor(name, answered) {
    this.channel = new BroadcastChannel(name);
    this.id = newId();
    this.prefix = `${name} `;
    // Held while the page is there, so that others know whom to wait for; browsers have no locks without https.
    navigator.locks?.request(this.prefix + this.id, () => new Promise(() => {}));
    /** @type {string[]} */
    this.own = [];
    /** @type {Map<string, {at: number, draws: string[]}>} */
    this.others = new Map();
    this.channel.onmessage = ({ data }) => {
      if (data.asks) this.tell();
      else if (data.answered) answered(data.answered);
      else this.others.set(data.from, { at: Date.now(), draws: data.holds });
    };
    addEventListener("pagehide", () => this.hold([]));
  }

  tell() {
    this.channel.postMessage({ from: this.id, holds: this.own });
  }

  /** @param {string[]} draws that are fetched here */
  hold(draws) {
    this.own = draws;
    this.tell();
  }

  /** @param {string} draw_id */
  answered(draw_id) {
    this.channel.postMessage({ answered: draw_id });
  }

  /** @returns {Promise<boolean>} whether a tab that is there has not said what it holds */
  async anySilent() {
    const { held = [] } = (await navigator.locks?.query()) ?? {};
    const there = held.map(({ name = "" }) => name).filter((name) => name.startsWith(this.prefix));
    return there.map((name) => name.slice(this.prefix.length)).some((id) => id !== this.id && !this.others.has(id));
  }

  /** @returns {Promise<string[]>} draws that other tabs hold */
  async elsewhere() {
    this.channel.postMessage({ asks: true });
    const end = Date.now() + LONGEST;
    do await new Promise((resolve) => setTimeout(resolve, REPLY));
    while ((await this.anySilent()) && Date.now() < end);
    return [...this.others.values()].filter((tab) => Date.now() - tab.at < FORGET).flatMap((tab) => tab.draws);
  }
}
