/**
 * Measures by how much the position of a sound falls behind the clock. The measurement starts again when the user changes the position, and
 * does not include the time in which the user has paused the sound.
 */
export function watchContinuity({ isPlaying, getPosition, audio, player }) {
  let silence = 0;
  let base = isPlaying() ? start() : null;
  let wasPlaying = base !== null;

  function start() {
    return { at: performance.now(), position: getPosition() };
  }

  function close() {
    if (base !== null) {
      const played = (getPosition() - base.position) * 1000 / audio.playbackRate;
      silence += Math.max(0, performance.now() - base.at - played);
      base = null;
    }
  }

  const moved = () => { base = base === null ? null : start(); };
  const paused = () => {
    // The browser module pauses the element while it loads the file again. Only a pause by the user ends the measurement.
    if (!isPlaying() || audio.ended) {
      close();
    }
  };
  const played = () => {
    wasPlaying ||= isPlaying();
    base ??= isPlaying() ? start() : null;
  };
  player.addEventListener('moved', moved);
  audio.addEventListener('pause', paused);
  audio.addEventListener('ended', close);
  audio.addEventListener('playing', played);
  return {
    end: () => {
      close();
      player.removeEventListener('moved', moved);
      audio.removeEventListener('pause', paused);
      audio.removeEventListener('ended', close);
      audio.removeEventListener('playing', played);
      return wasPlaying ? silence : null;
    },
  };
}
