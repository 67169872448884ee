import { Operations } from "./operations.js";

/** The API of one server, for one key: a method for each operation, by the name that it has there, in camel case. */
export class Goodword extends Operations {}

export type { Idempotent, Settings, Typed } from "./call.js";
export { ApiError, BufferFull, GoodwordError, Unreachable, type Fault } from "./errors.js";
export { EventBuffer, type BufferSettings, type NewEvent } from "./events.js";
export { signParticipantToken, type TokenClaims } from "./tokens.js";
export type * from "./types.js";
