import { overlayColours } from "mocast-client";

const PEOPLE = [overlayColours.person1, overlayColours.person2, overlayColours.person3];
/** Of the person's colour in the mixture, in percent. */
const SHARE = 55;

/** A colour of the palette as a person has it, as the server's `rendering/colours.py`; dark outlines are everybody's. */
export function personColour(colour: number, person: number): number {
  if (person === 0 || colour === overlayColours.shade) return colour;
  const other = PEOPLE[(person - 1) % PEOPLE.length];
  return mixed(colour, other, 16) | mixed(colour, other, 8) | mixed(colour, other, 0);
}

function mixed(colour: number, other: number, shift: number): number {
  const [own, theirs] = [(colour >> shift) & 255, (other >> shift) & 255];
  return Math.floor((own * (100 - SHARE) + theirs * SHARE + 50) / 100) << shift;
}
