// @ts-check

const MAX_EPOCHS = 8;

/** Remembers the last eight epochs, because several nodes without shared state respond in turns with one epoch each. */
export class EpochMemory {
  /** @type {string[]} */
  #seen = [];

  /**
   * Adds an epoch.
   *
   * @param {string | null} epoch
   * @returns {boolean} whether the epoch is new; the first one is not, because it replaces no other
   */
  learn(epoch) {
    if (!epoch || this.#seen.includes(epoch)) {
      return false;
    }

    this.#seen.push(epoch);
    if (this.#seen.length > MAX_EPOCHS) {
      this.#seen.shift();
    }

    return this.#seen.length > 1;
  }
}
