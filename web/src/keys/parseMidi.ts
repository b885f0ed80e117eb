/** A key or a control of a MIDI device went down, or up. */
export interface MidiSignal {
  /** Which one: `note 10 36` is key 36 of channel 10, `control 1 20` control 20 of channel 1. */
  readonly name: string;
  readonly isDown: boolean;
}

/** A message of a MIDI device (MIDI 1.0); `null`: neither a key nor a control. */
export function parseMidi(data: ArrayLike<number>): MidiSignal | null {
  if (data.length < 3) return null;
  const [status, number, value] = [data[0], data[1], data[2]];
  const channel = (status & 0x0f) + 1;
  switch (status & 0xf0) {
    case 0x80:
      return { name: `note ${channel} ${number}`, isDown: false };
    case 0x90:
      // A key that goes down with no speed has gone up.
      return { name: `note ${channel} ${number}`, isDown: value > 0 };
    case 0xb0:
      // From 120 on they are no controls, but modes: all notes off, and the like.
      return number < 120 ? { name: `control ${channel} ${number}`, isDown: value >= 64 } : null;
    default:
      return null;
  }
}
