/**
 * What the server measured of a person (docs/http-api.md): kept and given back as it is. Only the server reads it.
 */
export type Calibration = Readonly<Record<string, unknown>>;
