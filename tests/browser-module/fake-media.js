const IDLE = 1;
const LOADING = 2;

/** Simulates an audio element. A test decides when the source has loaded, how far it has played, and when it fails. */
export class FakeMedia extends EventTarget {
  #src = '';
  #time = 0;
  #received = [];
  #canAutoplay = true;

  autoplay = false;
  preload = 'metadata';
  networkState = 0;
  defaultPlaybackRate = 1;
  playbackRate = 1;
  paused = true;
  ended = false;
  error = null;
  duration = NaN;
  readyState = 0;

  get src() {
    return this.#src;
  }

  /** A new source pauses the element without an event and resets the playback rate, as the HTML standard requires. */
  set src(value) {
    this.#src = value;
    this.load();
  }

  removeAttribute(name) {
    if (name === 'src') {
      this.#src = '';
    }
  }

  /** Discards all loaded data, and begins to load the current source. */
  load() {
    this.#time = 0;
    this.#received = [];
    this.#canAutoplay = true;
    this.paused = true;
    this.error = null;
    this.readyState = 0;
    this.playbackRate = this.defaultPlaybackRate;
    this.networkState = this.#src === '' ? 0 : LOADING;
  }

  get currentTime() {
    return this.#time;
  }

  set currentTime(seconds) {
    this.#time = seconds;
    if (this.readyState > 0) {
      this.dispatchEvent(new Event('seeking'));
    }
  }

  get buffered() {
    const received = this.#received;
    return { length: received.length, start: (index) => received[index][0], end: (index) => received[index][1] };
  }

  async play() {
    if (this.networkState === IDLE && this.readyState === 0) {
      this.networkState = LOADING;
    }

    if (this.paused) {
      this.paused = false;
      this.dispatchEvent(new Event('play'));
    }
  }

  pause() {
    this.#canAutoplay = false;
    if (!this.paused) {
      this.paused = true;
      this.dispatchEvent(new Event('pause'));
    }
  }

  /** Simulates the arrival of the metadata of the source, if the element waits for the metadata. */
  receiveMetadata() {
    if (this.#src !== '' && this.networkState === LOADING && this.readyState === 0 && this.error === null) {
      this.readyState = 4;
      this.duration = 100;
      if (this.autoplay && this.#canAutoplay) {
        this.#time += 0.01;
        void this.play();
      }

      this.dispatchEvent(new Event('loadedmetadata'));
    }
  }

  /** Simulates a browser that loads nothing until the playback starts, as with `preload="none"`. */
  suspend() {
    this.networkState = IDLE;
    this.dispatchEvent(new Event('suspend'));
  }

  /** Simulates the arrival of a part of the file. */
  receiveSome() {
    this.dispatchEvent(new Event('progress'));
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
}
