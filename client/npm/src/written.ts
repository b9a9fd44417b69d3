/** What travels, as JSON. */

/** The part of a frame that the contract says. */
export interface Frame {
  data?: any;
  /** Whether there are 64-bit integers in it, where that is known. */
  _integers?: boolean;
}

/** As JSON has no bigint, it is a string of its digits. */
const digits = (_: string, value: unknown) => (typeof value === "bigint" ? `${value}` : value);

/** The JSON of `frame.data`. Looking at each value for a bigint takes twice as long. */
export function written({ data, _integers }: Frame): string {
  try {
    return JSON.stringify(data, _integers ? digits : undefined) ?? "null";
  } catch {
    return JSON.stringify(data, digits);
  }
}
