import { Fault } from "@rekey/domain";
import type { Call, Clock, Mark } from "@rekey/domain";
import type { AppRoleServer } from "./client.ts";
import { parseMark } from "./mark.ts";

/** Also how many tokens are ended at once. */
export const lookupsAtOnce = 16;
const lookupMsMax = 10_000;

/**
 * Whose each token is. Metadata never changes, so it is read once, for all who ask, and goes on being read when
 * a call had no time left: in a namespace with very many tokens the next call finds it done.
 */
export interface TokenMarks {
  /** Those of these tokens that have a mark. PROOF_STILL_ALIVE when the call ends before all are read. */
  of(accessors: ReadonlySet<string>, call: Call): Promise<readonly (readonly [string, Mark])[]>;
  close(): void;
}

type Server = Pick<AppRoleServer, "tokenMetadata">;

export function createTokenMarks(server: Server, clock: Pick<Clock, "after">): TokenMarks {
  /** Undefined: not ours. */
  const known = new Map<string, Mark | undefined>();
  const reading = createReading(async (accessor, call) => {
    const metadata = await server.tokenMetadata(accessor, call);
    if (metadata !== undefined) known.set(accessor, parseMark(metadata));
  });
  return {
    async of(accessors, call) {
      for (const accessor of known.keys()) if (!accessors.has(accessor)) known.delete(accessor);
      const unread = [...accessors].filter((accessor) => !known.has(accessor));
      await beforeEnd(reading.all(unread), call, clock);
      return [...accessors].flatMap((accessor) => {
        const mark = known.get(accessor);
        return mark === undefined ? [] : [[accessor, mark] as const];
      });
    },
    close: reading.close,
  };
}

interface Waiting {
  readonly accessor: string;
  readonly read: PromiseWithResolvers<void>;
}

/** Lookups in the background, each once at a time. The first that fails ends all that wait: Vault is asked again by the next call. */
function createReading(read: (accessor: string, call: Call) => Promise<void>) {
  const pending = new Map<string, Promise<void>>();
  const queue: Waiting[] = [];
  const closing = new AbortController();
  let lanes = 0;
  const lane = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const { accessor } = next;
      const call = { signal: closing.signal, deadlineMs: lookupMsMax, key: `token/${accessor}` };
      await read(accessor, call).then(next.read.resolve, (error: unknown) => {
        for (const one of [next, ...queue.splice(0)]) one?.read.reject(error);
      });
    }
    lanes -= 1;
  };
  const begin = (accessor: string): Promise<void> => {
    const waiting = { accessor, read: Promise.withResolvers<void>() };
    const { promise } = waiting.read;
    const ended = (): void => void pending.delete(accessor);
    promise.then(ended, ended);
    pending.set(accessor, promise);
    queue.push(waiting);
    return promise;
  };
  return {
    async all(accessors: readonly string[]): Promise<void> {
      const reads = accessors.map((accessor) => pending.get(accessor) ?? begin(accessor));
      while (lanes < lookupsAtOnce && queue.length > 0) {
        lanes += 1;
        void lane();
      }
      await Promise.all(reads);
    },
    close: () => closing.abort(new Error("the issuer was closed")),
  };
}

/** Tokens that nobody has read may be the version's: until then its death is not proven, and Vault is no less there. */
async function beforeEnd(
  work: Promise<void>,
  call: Call,
  clock: Pick<Clock, "after">,
): Promise<void> {
  const over = Promise.withResolvers<never>();
  const end = (): void =>
    over.reject(new Fault("PROOF_STILL_ALIVE", { providerCode: "tokens-unread" }));
  const cancel = clock.after(call.deadlineMs, end);
  call.signal.addEventListener("abort", end, { once: true });
  if (call.signal.aborted) end();
  try {
    await Promise.race([work, over.promise]);
  } finally {
    cancel();
    call.signal.removeEventListener("abort", end);
  }
}
