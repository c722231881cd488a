// Sessions of administrators: begun by a login, known by a random token of which only the digest is kept, ended by time or by somebody.
import type { Clock } from "../clock.ts";
import { type Digest, sameDigest } from "../keys/digest.ts";
import { generateSessionToken, parseKey } from "../keys/format.ts";
import { newId } from "../keys/id.ts";
import type { SessionRecord, SessionStore } from "../store/port-admins.ts";

export interface SessionTimes {
  /** Silence after which a browser's session has ended. */
  readonly idleMs: number;
  /** The longest session. */
  readonly longestMs: number;
}

export interface SessionsDeps {
  readonly sessions: SessionStore;
  readonly digest: Digest;
  readonly clock: Clock;
  readonly times: SessionTimes;
}

/** A session with its token, which is shown to its holder and kept nowhere. */
export interface OpenedSession {
  readonly session: SessionRecord;
  readonly token: string;
}

export type SessionRequest = Pick<
  SessionRecord,
  "adminId" | "kind" | "method" | "verifiedAtMs" | "address" | "userAgent"
>;

export interface Sessions {
  /** Always a new token, whatever the caller had before: nobody can be made to go on in a session that somebody else knows. */
  open(request: SessionRequest): Promise<OpenedSession>;
  /** The session of a token, unless it has ended. Noted as used, to the minute. */
  find(token: string): Promise<SessionRecord | null>;
  /** The same session under a new token, with a second factor proved now. It ends when it would have. */
  renew(session: SessionRecord): Promise<OpenedSession>;
  /** What a page must send along to show that a change is meant. It is bound to the session. */
  csrfToken(token: string): string;
  meant(token: string, csrfToken: string): boolean;
}

/** How far behind `lastUsedAtMs` may be: less than any time-out. */
const usedEveryMs = 60_000;

export function createSessions({ sessions, digest, clock, times }: SessionsDeps): Sessions {
  const csrfToken = (token: string): string => digest(`csrf ${token}`);
  const begin = async (request: SessionRequest, expiresAtMs: number): Promise<OpenedSession> => {
    const token = generateSessionToken();
    const createdAtMs = clock.now();
    const session: SessionRecord = {
      ...request,
      id: newId("ses", createdAtMs),
      digest: digest(token),
      createdAtMs,
      lastUsedAtMs: createdAtMs,
      expiresAtMs,
    };
    await sessions.sweep(createdAtMs);
    await sessions.create(session);
    return { session, token };
  };
  const ended = ({ kind, lastUsedAtMs, expiresAtMs }: SessionRecord, nowMs: number): boolean =>
    expiresAtMs <= nowMs || (kind === "cookie" && lastUsedAtMs + times.idleMs <= nowMs);
  return {
    csrfToken,
    meant: (token, given) => sameDigest(csrfToken(token), given),
    open: (request) => begin(request, clock.now() + times.longestMs),
    async find(token) {
      if (parseKey(token)?.kind !== "session") return null;
      const session = await sessions.findByDigest(digest(token));
      if (session === null) return null;
      const nowMs = clock.now();
      if (ended(session, nowMs)) {
        await sessions.remove(session.id);
        return null;
      }
      if (nowMs - session.lastUsedAtMs >= usedEveryMs) await sessions.touch(session.id, nowMs);
      return session;
    },
    async renew(session) {
      const opened = await begin({ ...session, verifiedAtMs: clock.now() }, session.expiresAtMs);
      await sessions.remove(session.id);
      return opened;
    },
  };
}
