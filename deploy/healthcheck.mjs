/** Exit code 0 where this container's own role answers 200 at the path: `/health` (alive) or `/ready` (works). */
const path = process.argv[2] ?? '/health';
const url = `http://127.0.0.1:${process.env.MILLRACE_OBSERVE_PORT}${path}`;
const answer = await fetch(url, { signal: AbortSignal.timeout(2_000) }).catch(() => null);
process.exit(answer?.status === 200 ? 0 : 1);
