/** Simulates an audio element. A test decides when the source has loaded, how far it has played, and when it fails. */
export class FakeMedia extends EventTarget {
  #src = '';
  #time = 0;
  #received = [];

  autoplay = false;
  paused = true;
  ended = false;
  error = null;
  duration = NaN;
  readyState = 0;

  get src() {
    return this.#src;
  }

  /** A new source pauses the element without an event, as the HTML standard says. */
  set src(value) {
    this.#src = value;
    this.#time = 0;
    this.#received = [];
    this.paused = true;
    this.error = null;
    this.readyState = 0;
  }

  get currentTime() {
    return this.#time;
  }

  set currentTime(seconds) {
    this.#time = seconds;
    this.dispatchEvent(new Event('seeking'));
  }

  get buffered() {
    const received = this.#received;
    return { length: received.length, start: (index) => received[index][0], end: (index) => received[index][1] };
  }

  async play() {
    if (this.paused) {
      this.paused = false;
      this.dispatchEvent(new Event('play'));
    }
  }

  pause() {
    this.paused = true;
    this.dispatchEvent(new Event('pause'));
  }

  /** The metadata of the source arrives, if the element waits for it. */
  load() {
    if (this.#src !== '' && this.readyState === 0 && this.error === null) {
      this.readyState = 4;
      this.duration = 100;
      this.dispatchEvent(new Event('loadedmetadata'));
    }
  }

  playTo(seconds) {
    this.#time = seconds;
    this.dispatchEvent(new Event('timeupdate'));
  }

  receiveAll() {
    this.#received = [[0, this.duration]];
  }

  fail(code) {
    this.error = { code };
    this.dispatchEvent(new Event('error'));
  }

  clearError() {
    this.error = null;
  }
}
