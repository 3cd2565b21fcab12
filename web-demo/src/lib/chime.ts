/** The sounds, made of tones. */

/** `lost`: a device went away, or an update failed. `tick`, `go`: of a countdown. `done`: an update ended well. */
export type Sound = 'lost' | 'tick' | 'go' | 'done';

interface Tone {
  readonly hz: number;
  /** In seconds, from the start of the sound. */
  readonly at: number;
  readonly length: number;
}

const TONES: Readonly<Record<Sound, readonly Tone[]>> = {
  lost: [
    { hz: 660, at: 0, length: 0.18 },
    { hz: 440, at: 0.2, length: 0.35 },
  ],
  tick: [{ hz: 880, at: 0, length: 0.07 }],
  go: [{ hz: 1320, at: 0, length: 0.4 }],
  done: [
    { hz: 523, at: 0, length: 0.14 },
    { hz: 659, at: 0.15, length: 0.14 },
    { hz: 784, at: 0.3, length: 0.3 },
  ],
};
const LOUDNESS = 0.2;
const ATTACK_S = 0.01;

let context: AudioContext | undefined;

export function chime(sound: Sound): void {
  context ??= new AudioContext();
  const { currentTime: now, destination } = context;
  // Suspended until the first press after the page was loaded.
  void context.resume();
  for (const { hz, at, length } of TONES[sound]) {
    const [tone, volume] = [context.createOscillator(), context.createGain()];
    const [start, end] = [now + at, now + at + length];
    tone.frequency.value = hz;
    volume.gain.setValueAtTime(0, start);
    volume.gain.linearRampToValueAtTime(LOUDNESS, start + ATTACK_S);
    volume.gain.exponentialRampToValueAtTime(0.001, end);
    tone.connect(volume).connect(destination);
    tone.start(start);
    tone.stop(end);
  }
}
