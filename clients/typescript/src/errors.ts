/** One thing wrong with a request. */
export interface Fault {
  /** Where in the body: a JSON pointer (RFC 6901). */
  pointer?: string;
  /** Or which parameter or header. */
  parameter?: string;
  code: string;
  detail: string;
}

/** Whatever this package throws. */
export class GoodwordError extends Error {
  override name = "GoodwordError";
}

/** No answer came, however often it was tried. `cause` is the last attempt's error. */
export class Unreachable extends GoodwordError {
  override name = "Unreachable";
}

/** As many events wait as may. The event was not taken. */
export class BufferFull extends GoodwordError {
  override name = "BufferFull";
}

/** The server refused, with problem details (RFC 9457). Decide by `code`; it never changes its meaning. */
export class ApiError extends GoodwordError {
  override name = "ApiError";

  constructor(
    readonly status: number,
    readonly code: string,
    readonly title: string,
    readonly detail: string,
    readonly errors: Fault[] = [],
    /** What the server's log calls the request. */
    readonly requestId: string | null = null,
    /** Seconds after which the server wants to be asked again, where it said so. */
    readonly retryAfter: number | null = null,
  ) {
    const said = errors.map((fault) => `\n  ${fault.pointer ?? fault.parameter ?? ""}: ${fault.detail}`).join("");
    super(`${status} ${code}: ${title}. ${detail}${said}`);
  }
}
