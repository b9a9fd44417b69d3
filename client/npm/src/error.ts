/** The one error of the package. */

export class GatewireError extends Error {
  override readonly name = "GatewireError";

  constructor(
    readonly code: string,
    message: string,
    readonly temporary: boolean,
  ) {
    super(message);
  }
}
