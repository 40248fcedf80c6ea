// @ts-check
/** @import { Clock } from '../session-recovery.js' */
/** @import { MediaDelays } from './media-delays.js' */
import { Timer } from './async.js';

/** Detects a server that hangs while an element waits for data. A media element reports no error while its server hangs. */
export class StallWatch {
  #delays;
  #handleStall;
  #timer;
  #isWaiting = false;

  /**
   * Creates an object that calls `handleStall` when the element waits for data for too long.
   * @param {HTMLMediaElement} element
   * @param {Clock} clock
   * @param {MediaDelays} delays
   * @param {AbortSignal} signal ends the watch
   * @param {() => void} handleStall
   */
  constructor(element, clock, delays, signal, handleStall) {
    this.#delays = delays;
    this.#handleStall = handleStall;
    this.#timer = new Timer(clock);
    element.addEventListener('progress', () => this.#restart(), { signal });
    element.addEventListener('pause', () => this.stop(), { signal });
    element.addEventListener('seeking', () => this.#restart(), { signal });
    element.addEventListener('timeupdate', () => this.stop(), { signal });
    signal.addEventListener('abort', () => this.stop(), { once: true });
  }

  /** Starts the watch when the element begins to wait for data. */
  start() {
    this.#isWaiting = true;
    this.#restart();
  }

  stop() {
    this.#isWaiting = false;
    this.#timer.cancel();
  }

  #restart() {
    if (this.#isWaiting) {
      this.#timer.schedule(this.#delays.stallMs, () => {
        this.#isWaiting = false;
        this.#delays.addStall();
        this.#handleStall();
      });
    }
  }
}
