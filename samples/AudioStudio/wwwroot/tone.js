const RATE = 22_050;
const CHORD_SECONDS = 2.6;
const NOTE_SECONDS = 0.35;
const FADE_SECONDS = 2;
const HEADER = 44;

/**
 * The notes of each arpeggio from low to high, in hertz: the chords A minor, F, C over G and E minor, and then the same four chords at
 * higher pitches.
 */
const CHORDS = [
  [220.0, 261.63, 329.63, 392.0, 493.88],
  [174.61, 261.63, 329.63, 440.0, 523.25],
  [196.0, 293.66, 392.0, 493.88, 659.25],
  [164.81, 246.94, 329.63, 392.0, 587.33],
  [220.0, 329.63, 440.0, 523.25, 659.25],
  [174.61, 349.23, 440.0, 523.25, 783.99],
  [196.0, 392.0, 523.25, 659.25, 880.0],
  [164.81, 329.63, 493.88, 659.25, 783.99],
];

/** Creates a test file: some seconds of arpeggios as a 16-bit stereo WAV. */
export function testTone() {
  const frames = Math.round(RATE * (CHORDS.length * CHORD_SECONDS + FADE_SECONDS));
  const left = new Float32Array(frames);
  const right = new Float32Array(frames);
  CHORDS.forEach((chord, turn) => chord.forEach((pitch, step) => {
    const pan = Math.sin(turn * 2.1 + step * 1.7) * 0.6;
    addNote(left, right, turn * CHORD_SECONDS + step * NOTE_SECONDS, pitch, pan);
  }));

  const bytes = new DataView(new ArrayBuffer(HEADER + frames * 4));
  writeHeader(bytes, frames);
  for (let frame = 0; frame < frames; frame++) {
    bytes.setInt16(HEADER + frame * 4, toInt16(left[frame]), true);
    bytes.setInt16(HEADER + frame * 4 + 2, toInt16(right[frame]), true);
  }

  return new File([bytes], 'test-tone.wav', { type: 'audio/wav' });
}

function addNote(left, right, begin, pitch, pan) {
  const first = Math.round(begin * RATE);
  const angle = (pan + 1) * Math.PI / 4;
  const [toLeft, toRight] = [Math.cos(angle), Math.sin(angle)];
  for (let frame = first; frame < left.length; frame++) {
    const time = (frame - first) / RATE;
    const attack = Math.min(1, time / 0.012);
    const release = Math.min(1, (left.length - frame) / (RATE * 0.4));
    const turn = 2 * Math.PI * pitch * time;
    const body = Math.sin(turn) + 0.32 * Math.sin(2 * turn) * Math.exp(-3 * time) + 0.12 * Math.sin(3 * turn) * Math.exp(-6 * time);
    const value = 0.2 * attack * release * Math.exp(-1.3 * time) * body;
    left[frame] += value * toLeft;
    right[frame] += value * toRight;
  }
}

function toInt16(value) {
  return Math.round(Math.max(-1, Math.min(1, value)) * 32_767);
}

function writeHeader(bytes, frames) {
  const text = (offset, letters) => [...letters].forEach((letter, index) => bytes.setUint8(offset + index, letter.charCodeAt(0)));
  text(0, 'RIFF');
  bytes.setUint32(4, HEADER - 8 + frames * 4, true);
  text(8, 'WAVEfmt ');
  bytes.setUint32(16, 16, true);
  bytes.setUint16(20, 1, true);
  bytes.setUint16(22, 2, true);
  bytes.setUint32(24, RATE, true);
  bytes.setUint32(28, RATE * 4, true);
  bytes.setUint16(32, 4, true);
  bytes.setUint16(34, 16, true);
  text(36, 'data');
  bytes.setUint32(40, frames * 4, true);
}
