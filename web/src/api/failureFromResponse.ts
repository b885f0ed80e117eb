import { Failure } from "../Failure";

/** What an HTTP answer that is not a success means: its status and, in `application/problem+json`, its one sentence. */
export async function failureFromResponse(response: Response): Promise<Failure> {
  const detail = await problemDetail(response);
  if (response.status === 409) return new Failure("room-taken", detail);
  if (response.status === 503) {
    return new Failure("server-full", detail, Number(response.headers.get("Retry-After")) || 5);
  }
  // A proxy whose server is gone answers 502 or 504.
  return new Failure(response.status >= 500 ? "unreachable" : "refused", detail || response.statusText);
}

async function problemDetail(response: Response): Promise<string> {
  try {
    const problem = (await response.json()) as { detail?: unknown };
    return typeof problem.detail === "string" ? problem.detail : "";
  } catch {
    return "";
  }
}
