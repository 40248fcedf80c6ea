// @ts-check
/** @import { Environment } from '../session-recovery.js' */
import { sleep } from './async.js';
import { SafeStorage } from './environment.js';
import { addJitter } from './retry.js';

const LEASE_MS = 20_000;
const LEASE_POLL_MS = 100;
const MAX_WAIT_MS = 20_000;

/** The time to wait until a value that one browser process stores is visible in the other processes. */
const LEASE_SETTLE_MS = 50;
const PROPAGATION_MS = 100;

/**
 * Runs a callback in one tab at a time. The lock uses the Web Locks API. On a page without Web Locks (plain http), the lock uses a lease in
 * the shared storage. The wait for the lock is limited, so that an unresponsive tab cannot block the other tabs permanently.
 */
export class BrowserLock {
  #environment;
  #storage;
  #name;

  /**
   * Creates a lock that all tabs of the same origin share.
   *
   * @param {Environment} environment
   * @param {string} name
   */
  constructor(environment, name) {
    this.#environment = environment;
    this.#storage = new SafeStorage(environment.storage);
    this.#name = `session-recovery:lock:${name}`;
  }

  /**
   * Runs a callback while no other tab runs a callback with the same lock. The returned promise settles when the callback has completed.
   * The lock is released some time later, when the other tabs can read the values that the callback has stored.
   *
   * @template T
   * @param {() => Promise<T>} work
   * @returns {Promise<T>}
   */
  run(work) {
    return new Promise((resolve, reject) => {
      this.#runAny(async () => {
        await work().then(resolve, reject);
        await this.#waitForOtherProcesses(PROPAGATION_MS);
      }).catch(reject);
    });
  }

  /** @param {() => Promise<void>} work */
  async #runAny(work) {
    if (!(await this.#runLocked(work))) {
      await this.#runLeased(work);
    }
  }

  /**
   * Runs the callback while the tab holds the lock.
   *
   * @param {() => Promise<void>} work
   * @returns {Promise<boolean>} whether the callback has run
   */
  async #runLocked(work) {
    const { locks, clock } = this.#environment;
    if (locks === null) {
      return false;
    }

    const waiting = new AbortController();
    const timer = clock.setTimeout(() => waiting.abort(), MAX_WAIT_MS);
    let hasStarted = false;
    try {
      await locks.request(this.#name, { signal: waiting.signal }, async () => {
        hasStarted = true;
        clock.clearTimeout(timer);
        await work();
      });
    } catch (error) {
      if (hasStarted) {
        throw error;
      }

      // If the wait for the lock timed out, the callback runs without the lock. Any other error means that the page has an opaque origin
      // and cannot use Web Locks.
      if (waiting.signal.aborted) {
        hasStarted = true;
        await work();
      }
    } finally {
      clock.clearTimeout(timer);
    }

    return hasStarted;
  }

  /** @param {() => Promise<void>} work */
  async #runLeased(work) {
    const { clock, random } = this.#environment;
    const owner = Math.floor(random() * 2 ** 32).toString(36) + clock.wallNow().toString(36);
    const latest = clock.now() + MAX_WAIT_MS;
    while (!(await this.#takeLease(owner)) && clock.now() < latest) {
      await sleep(clock, addJitter(LEASE_POLL_MS, random));
    }

    try {
      await work();
    } finally {
      if (this.#readLease()?.owner === owner) {
        this.#storage.remove(this.#name);
      }
    }
  }

  /** @param {string} owner */
  async #takeLease(owner) {
    if (this.#readLease() !== null) {
      return false;
    }

    this.#storage.setJson(this.#name, { owner, until: this.#environment.clock.wallNow() + LEASE_MS });

    // If several tabs write a lease at the same moment, the last write remains in the storage. Only the tab that wrote last owns the lease.
    await this.#waitForOtherProcesses(LEASE_SETTLE_MS);
    return this.#readLease()?.owner === owner;
  }

  /**
   * Waits until a stored value is visible in all tabs. If the page has replaced the storage, the function does not wait, because only the
   * browser's own storage is shared by several processes.
   *
   * @param {number} milliseconds
   */
  async #waitForOtherProcesses(milliseconds) {
    if (typeof Storage === 'function' && this.#environment.storage instanceof Storage) {
      await sleep(this.#environment.clock, milliseconds);
    }
  }

  /**
   * Reads a valid lease. A lease that ends later than the maximum lease time is ignored, because it was written before the device's clock
   * was set back.
   *
   * @returns {{ owner: string, until: number } | null}
   */
  #readLease() {
    const lease = this.#storage.getJson(this.#name);
    const remaining = Number(lease?.until) - this.#environment.clock.wallNow();
    return remaining > 0 && remaining <= LEASE_MS ? lease : null;
  }
}
