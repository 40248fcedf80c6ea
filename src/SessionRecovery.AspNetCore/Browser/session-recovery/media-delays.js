// @ts-check
/** @import { Clock } from '../session-recovery.js' */
import { getExponentialDelay } from './retry.js';

const RETRY_MS = 1_000;
const STALL_MS = 3_000;
const LOAD_TIMEOUT_MS = 10_000;

/** The maximum delay. After the file has played for this time, the delays are reset to their initial length. */
const MAX_MS = 60_000;

/** Computes how long a media connection waits. Each delay doubles while the same problem repeats, up to a minute. */
export class MediaDelays {
  #clock;
  #failures = 0;
  #stalls = 0;
  #timeouts = 0;

  /** The time of the last load, in monotonic milliseconds. */
  #loadedAt = 0;

  /** @param {Clock} clock */
  constructor(clock) {
    this.#clock = clock;
  }

  /**
   * Gets the delay after a request that returned no link, before the link is requested again. In addition to this delay, `session.fetch`
   * repeats each request with its own delays.
   */
  get linkMs() {
    return RETRY_MS;
  }

  /** Gets the delay before the file is loaded again. The first delay is 0. */
  get retryMs() {
    return this.#failures === 0 ? 0 : getExponentialDelay(RETRY_MS, this.#failures - 1, MAX_MS);
  }

  /** Gets the time without data after which the server is assumed to hang. */
  get stallMs() {
    return getExponentialDelay(STALL_MS, this.#stalls, MAX_MS);
  }

  /** Gets the time without data after which a load is abandoned. */
  get loadTimeoutMs() {
    return getExponentialDelay(LOAD_TIMEOUT_MS, this.#timeouts, MAX_MS);
  }

  addFailure() {
    this.#failures++;
  }

  addStall() {
    this.#stalls++;
  }

  addTimeout() {
    this.#timeouts++;
  }

  handleLoad() {
    this.#loadedAt = this.#clock.now();
  }

  /** Resets the delays after a minute of playback. */
  handlePlayback() {
    if (this.#clock.now() - this.#loadedAt > MAX_MS) {
      this.#failures = 0;
      this.#stalls = 0;
      this.#timeouts = 0;
    }
  }
}
