/** Exchanges this browser's tokens, which scripts cannot see: the server does it with any request. */

/** Give true while somebody is signed in, false when nobody is, undefined when the server cannot be asked. */
export async function renew(path) {
  try {
    const answer = await fetch(path, { cache: "no-store", credentials: "same-origin" });
    if (answer.status === 204) return true;
    return answer.status === 401 ? false : undefined;
  } catch {
    return undefined;
  }
}
