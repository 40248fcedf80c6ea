import { byId, clockTime, newKey, showNote } from './dom.js';
import { addEntry } from './log.js';
import { session } from './session.js';
import { drawWaveform, readStoredWaveform } from './waveform.js';
import { messageForResponse } from './messages.js';

const STEPS = 1000;
const STUCK_AFTER_MS = 2500;
const NEXT_TRY_MS = 1000;
const LOAD_LIMIT_MS = 10_000;

const audio = byId('audio');
const seek = byId('seek');
const playButton = byId('play');
const note = byId('player-note');

/** Holds the file, position and playback state that the user requested. Those of the audio element may differ during an outage. */
let file = null;
let wantsPlay = false;
let position = 0;
let duration = 0;
let resuming = null;
let progressAt = 0;
let cancelLoading = () => {};

export const currentFile = () => file;

/** Puts a file into the player. */
export async function choose(next, { play = false } = {}) {
  stop();
  file = next;
  wantsPlay = play;
  byId('player-title').textContent = next.name;
  playButton.disabled = false;
  drawWaveform(readStoredWaveform(next.sha256));
  await resume();
}

/** Empties the player. */
export function stop() {
  cancelLoading();
  audio.pause();
  audio.removeAttribute('src');
  audio.load();
  file = null;
  wantsPlay = false;
  position = 0;
  duration = 0;
  byId('player-title').textContent = 'Nothing to play yet';
  playButton.disabled = true;
  seek.disabled = true;
  drawWaveform(null);
  showNote(note, '');
  show();
}

/** Gets a new link and resumes at the last position. Retries until playback resumes or the file changes. Concurrent calls share one run. */
function resume(reason = null) {
  resuming ??= resumeUntilPlaying(reason).finally(() => { resuming = null; });
  return resuming;
}

async function resumeUntilPlaying(reason) {
  if (reason) {
    showNote(note, 'Waiting for the server…');
  }

  while (file) {
    const wanted = file;
    const outcome = await tryResume(wanted);
    if (wanted !== file) {
      continue;
    }

    if (outcome === 'again') {
      await new Promise((done) => { setTimeout(done, NEXT_TRY_MS); });
      continue;
    }

    const works = outcome === 'playing';
    showNote(note, works ? '' : outcome, works ? 'plain' : 'bad');
    if (works && reason && wantsPlay) {
      addEntry(`The sound goes on at ${clockTime(position)}.`, 'good');
    }

    return;
  }
}

/** Returns 'playing' on success, 'again' after a transient failure, and otherwise an error message. */
async function tryResume(wanted) {
  const { state } = await session.whenReady();
  if (state !== 'ready') {
    return state === 'signed_out' ? 'Sign in to go on.' : 'again';
  }

  let response;
  try {
    response = await session.fetch(`/uploads/${encodeURIComponent(wanted.name)}/links`, {
      method: 'POST',
      headers: { 'Idempotency-Key': newKey() },
    });
  } catch {
    return 'again';
  }

  if (!response.ok) {
    return response.status >= 500 || response.status === 429 ? 'again' : messageForResponse(response);
  }

  const { url } = await response.json();
  return wanted === file ? load(url) : 'again';
}

/** Loads the sound into the audio element and restores position and playback. Returns the same values as `tryResume`. */
async function load(url) {
  const loaded = new Promise((done) => {
    cancelLoading = () => done(false);
    audio.onloadedmetadata = () => done(true);
    audio.onerror = () => done(false);
    setTimeout(done, LOAD_LIMIT_MS, false);
  });
  audio.src = url;
  if (!await loaded) {
    return couldNotLoad();
  }

  duration = audio.duration;
  seek.disabled = false;
  if (position > 0) {
    audio.currentTime = Math.min(position, duration);
  }

  if (wantsPlay) {
    await playNow();
  }

  show();
  return 'playing';
}

/** The audio element reports "not supported" both for an unreachable server and for an unsupported format. */
async function couldNotLoad() {
  const refused = audio.error?.code === MediaError.MEDIA_ERR_SRC_NOT_SUPPORTED;
  const { state } = await session.triggerRecoveryCheck('request_failed');
  if (!refused || state !== 'ready') {
    return 'again';
  }

  wantsPlay = false;
  show();
  return 'This browser can’t play this file.';
}

/** Starts playback unless the browser requires a click first. Playback errors are reported by the element's error event. */
async function playNow() {
  progressAt = performance.now();
  try {
    await audio.play();
  } catch (error) {
    if (error.name === 'NotAllowedError') {
      wantsPlay = false;
      show();
    }
  }
}

function togglePlay() {
  wantsPlay = !wantsPlay;
  if (!wantsPlay) {
    audio.pause();
  } else if (audio.error || !audio.src) {
    resume('play');
  } else {
    if (duration && position >= duration - 0.05) {
      moveTo(0);
    }

    playNow();
  }

  show();
}

function moveTo(seconds) {
  position = Math.min(Math.max(0, seconds), duration || 0);
  if (audio.readyState > 0) {
    audio.currentTime = position;
  }

  show();
}

function show() {
  playButton.setAttribute('aria-pressed', String(wantsPlay));
  playButton.setAttribute('aria-label', wantsPlay ? 'Pause' : 'Play');
  const share = duration ? position / duration : 0;
  byId('now').textContent = clockTime(position);
  byId('total').textContent = clockTime(duration);
  byId('played').setAttribute('width', String(share * 400));
  seek.value = String(Math.round(share * STEPS));
  seek.setAttribute('aria-valuetext', `${clockTime(position)} of ${clockTime(duration)}`);
}

/** Detects stalled playback. The browser keeps playing from its buffer, so an outage shows only when the buffer is empty. */
function watch() {
  if (wantsPlay && file && !resuming && !audio.ended && performance.now() - progressAt > STUCK_AFTER_MS) {
    progressAt = performance.now();
    session.triggerRecoveryCheck('request_failed');
    resume('stuck');
  }
}

audio.addEventListener('timeupdate', () => {
  if (!resuming && audio.readyState > 0) {
    if (audio.currentTime !== position) {
      progressAt = performance.now();
    }

    position = audio.currentTime;
    show();
  }
});
audio.addEventListener('ended', () => {
  wantsPlay = false;
  show();
});
audio.addEventListener('error', () => {
  if (file && audio.src && !resuming) {
    session.triggerRecoveryCheck('request_failed');
    resume('error');
  }
});
playButton.addEventListener('click', togglePlay);
seek.addEventListener('input', () => moveTo(Number(seek.value) / STEPS * duration));
setInterval(watch, 500);
