import { byId, clockTime, newKey, problemTextOf, say } from './dom.js';
import { tell } from './log.js';
import { session } from './session.js';
import { drawWaveform, keptWaveform } from './waveform.js';

const STEPS = 1000;
const STUCK_AFTER_MS = 2500;
const NEXT_TRY_MS = 1000;

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

/** Gets a fresh link and goes on where it was. One at a time; it tries until it works or the file is another one. */
function resume(reason = null) {
  resuming ??= goOn(reason).finally(() => { resuming = null; });
  return resuming;
}

async function goOn(reason) {
  if (reason) {
    say(note, 'Waiting for the server…');
  }

  for (let wanted = file; wanted && wanted === file;) {
    const outcome = await tryToGoOn(wanted);
    if (outcome === 'playing' && reason) {
      tell(`The sound goes on at ${clockTime(position)}.`, 'good');
    }

    if (outcome !== 'again') {
      say(note, outcome === 'playing' ? '' : outcome, outcome === 'playing' ? 'plain' : 'bad');
      break;
    }

    await new Promise((done) => { setTimeout(done, NEXT_TRY_MS); });
    wanted = file;
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
    response = await session.fetch(`/uploads/${encodeURIComponent(wanted.name)}/links`, { method: 'POST', headers: { 'Idempotency-Key': newKey() } });
  } catch {
    return 'again';
  }

  if (!response.ok) {
    return response.status >= 500 || response.status === 429 ? 'again' : problemTextOf(response);
  }

  const { url } = await response.json();
  if (wanted !== file) {
    return 'playing';
  }

  return await load(url) ? 'playing' : 'again';
}

/** Whether the element took the sound, at the position where it was and playing if it should. */
async function load(url) {
  const at = position;
  audio.src = url;
  const loaded = await new Promise((done) => {
    const end = (result) => () => {
      audio.removeEventListener('loadedmetadata', onLoaded);
      audio.removeEventListener('error', onError);
      done(result);
    };
    const onLoaded = end(true);
    const onError = end(false);
    audio.addEventListener('loadedmetadata', onLoaded);
    audio.addEventListener('error', onError);
  });
  if (!loaded) {
    return audio.error?.code !== MediaError.MEDIA_ERR_SRC_NOT_SUPPORTED ? false : stillThere();
  }

  duration = audio.duration;
  seek.disabled = false;
  if (at > 0) {
    audio.currentTime = Math.min(at, duration);
  }

  progressAt = performance.now();
  if (wantsPlay) {
    await audio.play().catch(() => { wantsPlay = false; });
  }

  show();
  return true;
}

/** The element says "not supported" both for a server that is away and for bytes that it can't play. */
async function stillThere() {
  const { state } = await session.triggerRecoveryCheck('other');
  if (state === 'ready') {
    say(note, 'This browser can’t play this file.', 'bad');
    wantsPlay = false;
    return true;
  }

  return false;
}

function togglePlay() {
  wantsPlay = !wantsPlay;
  if (!wantsPlay) {
    audio.pause();
  } else if (audio.error || !audio.src) {
    resume();
  } else {
    if (duration && position >= duration - 0.05) {
      moveTo(0);
    }

    progressAt = performance.now();
    audio.play().catch(() => resume('play'));
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
    session.triggerRecoveryCheck('other');
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
    session.triggerRecoveryCheck('other');
    resume('error');
  }
});
playButton.addEventListener('click', togglePlay);
seek.addEventListener('input', () => moveTo(Number(seek.value) / STEPS * duration));
setInterval(watch, 500);
