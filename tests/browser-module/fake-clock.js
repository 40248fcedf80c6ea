/** Simulates a clock that only the test advances. All pending promises settle between two timers. */
export class FakeClock {
  #now = 0;
  #wall = Date.parse('2030-01-01T00:00:00Z');
  #timers = new Map();
  #next = 1;

  now = () => this.#now;

  wallNow = () => this.#wall;

  setTimeout = (callback, milliseconds) => {
    const handle = this.#next++;
    this.#timers.set(handle, { at: this.#now + Math.max(0, milliseconds), handle, callback });
    return handle;
  };

  clearTimeout = (handle) => void this.#timers.delete(handle);

  /** Sets the wall clock of the device. The monotonic clock does not change. */
  setWall(milliseconds) {
    this.#wall = milliseconds;
  }

  get pendingTimers() {
    return this.#timers.size;
  }

  async advance(milliseconds) {
    const until = this.#now + milliseconds;
    await settle();
    for (;;) {
      const due = [...this.#timers.values()].filter((timer) => timer.at <= until).sort((a, b) => a.at - b.at || a.handle - b.handle)[0];
      if (!due) {
        break;
      }

      this.#moveTo(due.at);
      this.#timers.delete(due.handle);
      due.callback();
      await settle();
    }

    this.#moveTo(until);
    await settle();
  }

  #moveTo(at) {
    this.#wall += at - this.#now;
    this.#now = at;
  }
}

/** Waits until all promise chains have settled. Reading a response body takes several turns of the event loop. */
export async function settle() {
  for (let turn = 0; turn < 6; turn++) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}
