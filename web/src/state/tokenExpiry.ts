/** When a JSON Web Token expires, milliseconds since 1970; `null` where the token does not say. It is read, not checked. */
export function tokenExpiry(token: string): number | null {
  try {
    const payload = token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/");
    const { exp } = JSON.parse(atob(payload)) as { exp?: unknown };
    return typeof exp === "number" ? exp * 1000 : null;
  } catch {
    return null;
  }
}
