export interface OneEuroParams {
  /** The cutoff frequency at rest, in Hz: lower is calmer. */
  readonly minCutoffHz: number;
  /** How much the cutoff rises with speed, in Hz for each unit per second: higher follows sooner. */
  readonly beta: number;
}

/** Of the speed itself, as the paper has it. */
const SPEED_CUTOFF_HZ = 1;
/** Values before a longer gap do not predict those after it. */
const MAX_GAP_S = 0.5;

/** The One Euro filter of a point (Casiez, Roussel, Vogel: CHI 2012): calm at rest, and with little lag in motion. */
export class OneEuroFilter {
  private place: { x: number; y: number } | null = null;
  private speed = { x: 0, y: 0 };
  private atS = 0;

  constructor(private readonly params: OneEuroParams) {}

  /** The filtered point at the time `nowS`, in seconds; after a gap, or a step back in time, it begins anew. */
  update(x: number, y: number, nowS: number): { readonly x: number; readonly y: number } {
    const stepS = nowS - this.atS;
    this.atS = nowS;
    if (!this.place || !(stepS > 0 && stepS <= MAX_GAP_S)) this.reset({ x, y });
    else {
      const { place, speed, params } = this;
      const share = shareOf(SPEED_CUTOFF_HZ, stepS);
      speed.x += share * ((x - place.x) / stepS - speed.x);
      speed.y += share * ((y - place.y) / stepS - speed.y);
      const cutoffHz = params.minCutoffHz + params.beta * Math.hypot(speed.x, speed.y);
      const weight = shareOf(cutoffHz, stepS);
      this.place = { x: place.x + weight * (x - place.x), y: place.y + weight * (y - place.y) };
    }
    return this.place!;
  }

  /** Begin anew: with this point, or with the next one. */
  reset(place: { x: number; y: number } | null = null): void {
    this.place = place;
    this.speed = { x: 0, y: 0 };
  }
}

/** The weight of the newest value in a first-order low pass of this cutoff. */
function shareOf(cutoffHz: number, stepS: number): number {
  return 1 - Math.exp(-2 * Math.PI * cutoffHz * stepS);
}
