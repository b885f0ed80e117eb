const LINK = /<([^>]*)>((?:\s*;\s*[\w-]+\s*=\s*(?:"(?:[^"\\]|\\.)*"|[^\s",;]+))*)/g;
const PARAMETER = /([\w-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s",;]+))/g;

/** The ICE servers in a `Link` header (RFC 8288, as WHIP uses it); several headers come joined by commas. */
export function parseIceLinks(header: string | null): RTCIceServer[] {
  const servers: RTCIceServer[] = [];
  for (const [, url, parameters] of (header ?? "").matchAll(LINK)) {
    const values = new Map<string, string>();
    for (const [, name, quoted, token] of parameters.matchAll(PARAMETER)) {
      values.set(name.toLowerCase(), token ?? quoted.replace(/\\(.)/g, "$1"));
    }
    if (values.get("rel") === "ice-server") servers.push(iceServer(url, values));
  }
  return servers;
}

function iceServer(url: string, values: Map<string, string>): RTCIceServer {
  const username = values.get("username");
  return username === undefined
    ? { urls: url }
    : { urls: url, username, credential: values.get("credential") ?? "" };
}
