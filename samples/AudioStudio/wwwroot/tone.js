const RATE = 22_050;
const SECONDS = 9;
const HEADER = 44;

/** When each note begins, how high it is in hertz, and where between left (-1) and right (1). */
const NOTES = [
  [0.0, 220.0, -0.5], [0.35, 261.63, 0.4], [0.7, 329.63, -0.2], [1.05, 392.0, 0.6], [1.4, 493.88, 0],
  [2.6, 174.61, -0.5], [2.95, 261.63, 0.5], [3.3, 329.63, -0.3], [3.65, 440.0, 0.4], [4.0, 523.25, 0],
  [5.2, 196.0, -0.4], [5.55, 293.66, 0.4], [5.9, 392.0, -0.2], [6.25, 493.88, 0.3], [6.6, 659.25, 0],
];

/** A few seconds of broken chords as a 16-bit stereo WAV file, made here, so that nobody has to look for one. */
export function testTone() {
  const frames = RATE * SECONDS;
  const left = new Float32Array(frames);
  const right = new Float32Array(frames);
  for (const [begin, pitch, pan] of NOTES) {
    addNote(left, right, begin, pitch, pan);
  }

  const bytes = new DataView(new ArrayBuffer(HEADER + frames * 4));
  writeHeader(bytes, frames);
  for (let frame = 0; frame < frames; frame++) {
    bytes.setInt16(HEADER + frame * 4, toInt16(left[frame]), true);
    bytes.setInt16(HEADER + frame * 4 + 2, toInt16(right[frame]), true);
  }

  return new File([bytes], 'test-tone.wav', { type: 'audio/wav' });
}

function addNote(left, right, begin, pitch, pan) {
  const first = Math.floor(begin * RATE);
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
