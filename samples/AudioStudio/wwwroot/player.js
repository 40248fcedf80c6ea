import { byId, clockTime, newKey, say } from './dom.js';
import { logEvent } from './log.js';
import { session } from './session.js';
import { drawWaveform, keptWaveform } from './waveform.js';
import { readMessage } from './messages.js';

const STEPS = 1000;
const STUCK_AFTER_MS = 2500;
const NEXT_TRY_MS = 1000;
const LOAD_LIMIT_MS = 10_000;

const audio = byId('audio');
const seek = byId('seek');
const playButton = byId('play');
const note = byId('player-note');

/** What the user wants to hear, whatever the audio element is able to do at the moment. */
let file = null;
let wantsPlay = false;
let position = 0;
let duration = 0;
let resuming = null;
let progressAt = 0;
let cutLoading = () => {};

export const currentFile = () => file;

/** Puts a file into the player. */
export async function choose(next, { play = false } = {}) {
  stop();
  file = next;
  wantsPlay = play;
  byId('player-title').textContent = next.name;
  playButton.disabled = false;
  drawWaveform(keptWaveform(next.sha256));
  await resume();
}

/** Empties the player. */
export function stop() {
  cutLoading();
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
  say(note, '');
  show();
}

/** Gets a fresh link and goes on where it was. One at a time; it repeats until it works or the file is another one. */
function resume(reason = null) {
  resuming ??= goOn(reason).finally(() => { resuming = null; });
  return resuming;
}

async function goOn(reason) {
  if (reason) {
    say(note, 'Waiting for the server…');
  }

  while (file) {
    const wanted = file;
    const outcome = await tryToGoOn(wanted);
    if (wanted !== file) {
      continue;
    }

    if (outcome === 'again') {
      await new Promise((done) => { setTimeout(done, NEXT_TRY_MS); });
      continue;
    }

    const works = outcome === 'playing';
    say(note, works ? '' : outcome, works ? 'plain' : 'bad');
    if (works && reason && wantsPlay) {
      logEvent(`The sound goes on at ${clockTime(position)}.`, 'good');
    }

    return;
  }
}

/** 'playing' when the element has the sound again, 'again' when that may come, else a sentence. */
async function tryToGoOn(wanted) {
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
    return response.status >= 500 || response.status === 429 ? 'again' : readMessage(response);
  }

  const { url } = await response.json();
  return wanted === file ? load(url) : 'again';
}

/** Makes the element take the sound, at the position where it was and playing if it should. Answers as `tryToGoOn` does. */
async function load(url) {
  const loaded = new Promise((done) => {
    cutLoading = () => done(false);
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

/** The element says "not supported" both for a server that is away and for bytes that it can't play. */
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

/** Plays, unless the browser wants a click of the user's first. A broken sound is reported by the element's own event. */
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

/** Watches that sound which should play does. The browser goes on as long as its buffer lasts; only then is there work to do. */
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
