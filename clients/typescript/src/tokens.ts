/** Participant tokens, which your server signs so that a page or an app of yours may speak for one person. */

export interface TokenClaims {
  /** The id of the token secret (`key_…`). */
  kid: string;
  /** The workspace's id (`ws_…`). */
  workspace: string;
  /** Your id of the person. */
  externalId: string;
  /** Seconds, at most a day; an hour when left out. */
  lifetime?: number;
  email?: string;
  name?: string;
}

/** A JWT (RFC 7519, HS256) that names one person. On your server only: the secret never leaves it. */
export async function signParticipantToken(secret: string, claims: TokenClaims): Promise<string> {
  const issued = Math.floor(Date.now() / 1000);
  const said = {
    aud: claims.workspace,
    sub: claims.externalId,
    iat: issued,
    exp: issued + (claims.lifetime ?? 3600),
    email: claims.email,
    name: claims.name,
  };
  const text = new TextEncoder();
  const signed = `${encoded(text.encode(JSON.stringify({ alg: "HS256", typ: "JWT", kid: claims.kid })))}.${encoded(
    text.encode(JSON.stringify(said)),
  )}`;
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", text.encode(secret), algorithm, false, ["sign"]);
  return `${signed}.${encoded(new Uint8Array(await crypto.subtle.sign("HMAC", key, text.encode(signed))))}`;
}

function encoded(raw: Uint8Array): string {
  return btoa(String.fromCharCode(...raw))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
}
