// @ts-check

const FIRST_CAPACITY = 8;
const MAX_CAPACITY = 512;

/**
 * Remembers the latest epochs. If several server nodes have no shared state, each node sends its own epoch. At first, eight epochs are
 * remembered. If the server sends a forgotten epoch again, the server has more nodes than remembered epochs, and the number of remembered
 * epochs doubles.
 */
export class EpochMemory {
  /** @type {string[]} the remembered epochs in the order in which they were received; the latest epoch is the last element */
  #seen = [];

  /** @type {string[]} */
  #forgotten = [];
  #capacity = FIRST_CAPACITY;

  /**
   * The number of new epochs after the first one. If the number has increased since a request was sent, the request may wait for a process
   * that has ended.
   */
  generation = 0;

  /** Gets a value that indicates whether the server has sent an epoch to this page. */
  get hasSeenAny() {
    return this.#seen.length > 0;
  }

  /**
   * Returns whether the server has not sent the epoch before. The function does not remember the epoch.
   *
   * @param {string | null} epoch
   * @returns {boolean} whether `learn` would report the epoch as new
   */
  isNew(epoch) {
    return Boolean(epoch) && this.hasSeenAny && !this.#seen.includes(/** @type {string} */ (epoch));
  }

  /**
   * Remembers an epoch.
   *
   * @param {string | null} epoch
   * @returns {boolean} whether the epoch is new; the first epoch is not new, because it replaces no other epoch
   */
  learn(epoch) {
    if (!epoch || this.#seen.includes(epoch)) {
      return false;
    }

    const isForgotten = this.#forgotten.includes(epoch);
    if (isForgotten) {
      this.#capacity = Math.min(2 * this.#capacity, MAX_CAPACITY);
      this.#forgotten = this.#forgotten.filter((other) => other !== epoch);
    }

    this.#seen.push(epoch);
    if (this.#seen.length > this.#capacity) {
      this.#forgotten.push(...this.#seen.splice(0, 1));
      this.#forgotten.splice(0, this.#forgotten.length - MAX_CAPACITY);
    }

    const isNew = this.#seen.length > 1;
    this.generation += isNew && !isForgotten ? 1 : 0;
    return isNew;
  }
}
