import { byId, clockTime, onClick, setEnabled, setText, showNote } from './dom.js';
import { recall, remember } from './memory.js';
import { titleOf } from './names.js';
import { session } from './session.js';
import { watchContinuity } from './continuity.js';
import { drawBands, drawWaveform, readStoredWaveform } from './waveform.js';

const SEEK_SECONDS = 5;
const STEPS = 1000;
const MAX_BANDS = 20;
const MAX_PLACES = 100;

/** The message for each reason why a file cannot be played. */
const FAILURES = {
  signed_out: 'Sign in to go on.',
  not_found: 'This sound is no longer here.',
  lost: 'The server has lost this sound. Upload it again.',
  unsupported: 'This browser can’t play this sound.',
  rejected: 'The server refused to play this sound.',
};

const WAITING = 'The sound waits for the server and goes on by itself.';

/**
 * Dispatches the events `changed` (another file or no file is selected), `started` (the sound plays) and `moved` (the user has changed the
 * position).
 */
export const player = new EventTarget();

const audio = byId('audio');
const seek = byId('seek');
const playButton = byId('play');
const note = byId('player-note');

let file = null;
let connection = null;
let bands = [];

/**
 * The playback state that the user requested, and the last position. While the element loads a new link, its own state and position differ.
 */
let wantsPlay = false;
let position = 0;
let startAt = 0;
let rememberedAt = 0;

/** The last positions with their times. A change of the position by the user, a pause or another file begins a new list. */
let places = [];

export const currentFile = () => file;

export const isPlaying = () => file !== null && wantsPlay;

/** Puts a file into the player. The position is in seconds. */
export function choose(next, { play = false, at = 0 } = {}) {
  stop();
  file = next;
  wantsPlay = play;
  startAt = at;
  position = at;
  places = [];
  bands = recall(`bands.${next.name}`) ?? [];
  audio.autoplay = play;
  setText(byId('player-title'), titleOf(next));
  setEnabled(playButton, true);
  drawWaveform(readStoredWaveform(next.sha256));
  connection = session.media(audio, next.name);
  connection.subscribe(showConnection);
  showConnection();
  rememberPlace();
  player.dispatchEvent(new Event('changed'));
}

/** Empties the player. */
export function stop() {
  connection?.dispose();
  connection = null;
  audio.pause();
  audio.removeAttribute('src');
  audio.load();
  file = null;
  wantsPlay = false;
  position = 0;
  bands = [];
  byId('player').dataset.skeleton = 'false';
  setText(byId('player-title'), 'Nothing to play yet');
  setEnabled(playButton, false);
  seek.disabled = true;
  drawWaveform(null);
  drawBands([], 0);
  showNote(note, '');
  show();
  player.dispatchEvent(new Event('changed'));
}

/** Returns the file and the playback position, in seconds, at the end of the last visit, or null. */
export const lastPlace = () => recall('last');

/**
 * Begins a band in the waveform at the playback position of the given time, which may be some seconds ago. The function `extend` of the
 * result moves the end of the band to the current position, and `end` sets the label of the band. If the user changes the position, another
 * band begins. If no sound is loaded, no band is drawn.
 */
export function beginBand(since) {
  const played = file;
  let beginning = places.find(({ at }) => at >= since)?.position ?? position;
  let band = null;
  const extend = () => {
    if (file === null || file !== played || !wantsPlay) {
      band = null;
      return;
    }

    if (band === null || position < band.to) {
      band = { from: Math.min(beginning, position), to: position, label: '' };
      bands = [...bands, band].slice(-MAX_BANDS);
    }

    band.to = position;
    drawBands(bands, audio.duration);
  };
  const split = () => { band = null; };
  player.addEventListener('moved', split);
  extend();
  beginning = Infinity;
  return {
    extend,
    end: (label) => {
      extend();
      player.removeEventListener('moved', split);
      if (band !== null) {
        band.label = label;
        drawBands(bands, audio.duration);
      }

      if (played !== null && file === played) {
        bands = bands.filter(({ from, to }) => to > from);
        remember(`bands.${played.name}`, bands);
      }
    },
  };
}

/**
 * Begins to measure the sound. The function `end` of the result returns for how many milliseconds the sound was silent, or null if no sound
 * was requested.
 */
export const watchSound = () => watchContinuity({ isPlaying, getPosition: currentPosition, audio, player });

function currentPosition() {
  return audio.readyState > 0 && !audio.seeking ? audio.currentTime : position;
}

function showConnection() {
  const { state, reason } = connection;
  if (state === 'failed') {
    wantsPlay = false;
    showNote(note, FAILURES[reason], 'bad');
  } else {
    const text = state === 'waiting' && wantsPlay ? WAITING : '';
    if (text || note.textContent === WAITING) {
      showNote(note, text);
    }
  }

  seek.disabled = state === 'failed' || !(audio.duration > 0);
  show();
}

function togglePlay() {
  wantsPlay = !wantsPlay;
  if (wantsPlay) {
    if (audio.duration && position >= audio.duration - 0.05) {
      moveTo(0);
    }

    // A rejected promise is ignored, because the element also reports the failure as an event. The playback continues with the next link.
    audio.play().catch(() => {});
  } else {
    audio.pause();
  }

  show();
}

function moveTo(seconds) {
  position = Math.min(Math.max(0, seconds), audio.duration || 0);
  audio.currentTime = position;
  places = [];
  player.dispatchEvent(new Event('moved'));
  show();
}

function show() {
  const duration = audio.duration || 0;
  setText(byId('play-text'), wantsPlay ? 'Pause' : 'Play');
  const share = duration ? position / duration : 0;
  setText(byId('now'), clockTime(position));
  setText(byId('total'), clockTime(duration));
  byId('played').setAttribute('width', String(share * 400));
  seek.value = String(Math.round(share * STEPS));
  seek.setAttribute('aria-valuetext', `${clockTime(position)} of ${clockTime(duration)}`);
}

function rememberPlace() {
  rememberedAt = performance.now();
  if (file !== null) {
    remember('last', { name: file.name, title: titleOf(file), position });
  }
}

audio.addEventListener('timeupdate', () => {
  if (audio.readyState > 0) {
    position = audio.currentTime;
    places = wantsPlay ? [...places, { at: performance.now(), position }].slice(-MAX_PLACES) : [];
    show();
    if (performance.now() - rememberedAt > 1_000) {
      rememberPlace();
    }
  }
});
audio.addEventListener('loadedmetadata', () => {
  seek.disabled = false;
  if (startAt > 0) {
    audio.currentTime = startAt;
    startAt = 0;
  }

  drawBands(bands, audio.duration);
  show();
});
audio.addEventListener('playing', () => player.dispatchEvent(new Event('started')));
audio.addEventListener('play', () => {
  wantsPlay = true;
  show();
});
audio.addEventListener('ended', () => {
  wantsPlay = false;
  show();
});
onClick(playButton, togglePlay);
seek.addEventListener('input', () => moveTo(Number(seek.value) / STEPS * audio.duration));
seek.addEventListener('keydown', (event) => {
  const direction = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 }[event.key];
  if (direction && !event.altKey && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    moveTo(position + direction * SEEK_SECONDS);
  }
});
addEventListener('pagehide', rememberPlace);
