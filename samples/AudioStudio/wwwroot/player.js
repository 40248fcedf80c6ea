import { byId, clockTime, nameOf, showNote } from './dom.js';
import { addEntry } from './log.js';
import { session } from './session.js';
import { drawWaveform, readStoredWaveform } from './waveform.js';

const STEPS = 1000;

/** The message for each reason why a file cannot be played. */
const FAILURES = {
  signed_out: 'Sign in to go on.',
  not_found: 'This file is no longer there.',
  lost: 'The server has lost the sound of this file.',
  unsupported: 'This browser can’t play this file.',
  rejected: 'The server refused to play this file.',
};

const audio = byId('audio');
const seek = byId('seek');
const playButton = byId('play');
const note = byId('player-note');

let file = null;
let connection = null;

/**
 * Stores the playback state that the user requested, and the last position. While the element loads a new link, its own state and position
 * differ.
 */
let wantsPlay = false;
let position = 0;
let wasWaiting = false;

export const currentFile = () => file;

/** Puts a file into the player. */
export function choose(next, { play = false } = {}) {
  stop();
  file = next;
  wantsPlay = play;
  audio.autoplay = play;
  byId('player-title').textContent = nameOf(next);
  playButton.disabled = false;
  drawWaveform(readStoredWaveform(next.sha256));
  connection = session.media(audio, next.name);
  connection.subscribe(showConnection);
  showConnection();
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
  wasWaiting = false;
  position = 0;
  byId('player-title').textContent = 'Nothing to play yet';
  playButton.disabled = true;
  seek.disabled = true;
  drawWaveform(null);
  showNote(note, '');
  show();
}

function showConnection() {
  const { state, reason } = connection;
  if (state === 'failed') {
    wantsPlay = false;
    showNote(note, FAILURES[reason], 'bad');
  } else {
    showNote(note, state === 'waiting' ? 'Waiting for the server…' : '');
  }

  if (state === 'ready' && wasWaiting && wantsPlay) {
    addEntry(`The sound goes on at ${clockTime(position)}.`, 'good');
  }

  wasWaiting = state === 'waiting' || (wasWaiting && state === 'loading');
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
  show();
}

function show() {
  const duration = audio.duration || 0;
  playButton.setAttribute('aria-pressed', String(wantsPlay));
  playButton.setAttribute('aria-label', wantsPlay ? 'Pause' : 'Play');
  const share = duration ? position / duration : 0;
  byId('now').textContent = clockTime(position);
  byId('total').textContent = clockTime(duration);
  byId('played').setAttribute('width', String(share * 400));
  seek.value = String(Math.round(share * STEPS));
  seek.setAttribute('aria-valuetext', `${clockTime(position)} of ${clockTime(duration)}`);
}

audio.addEventListener('timeupdate', () => {
  if (audio.readyState > 0) {
    position = audio.currentTime;
    show();
  }
});
audio.addEventListener('loadedmetadata', () => {
  seek.disabled = false;
  show();
});
audio.addEventListener('play', () => {
  wantsPlay = true;
  show();
});
audio.addEventListener('ended', () => {
  wantsPlay = false;
  show();
});
playButton.addEventListener('click', togglePlay);
seek.addEventListener('input', () => moveTo(Number(seek.value) / STEPS * audio.duration));
