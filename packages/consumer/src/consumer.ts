import type { Clock, ConsumerId, CredentialId, Instant } from "@rekey/domain";
import type { Secret } from "@rekey/secret";
import { openSealedReader } from "@rekey/stores";
import { createDelivery, type ChangeHandler } from "./delivery.ts";
import { createDocumentView } from "./document-view.ts";
import { createHeldValues, type Value } from "./value.ts";
import { consumerLimits, type ConsumerLimits } from "./limits.ts";
import { listen, repeat } from "./loops.ts";
import type {
  AcknowledgementSink,
  AnnouncementFeed,
  DocumentReader,
  ProblemListener,
} from "./ports.ts";
import { createReporter } from "./reporter.ts";
import { createSequences } from "./sequences.ts";
import { createSigner } from "./signer.ts";
import { systemClock } from "./system-clock.ts";
import { settleWithin, waitForFirst } from "./waiting.ts";

export interface ConsumerOptions {
  readonly id: ConsumerId;
  /** Names this instance as long as it runs: a pod, or a host and process. */
  readonly instance: string;
  readonly credential: CredentialId;
  /** Private Ed25519 JWK as JSON text, from `generateConsumerKeys`. */
  readonly signingKey: Secret;
  /** A sealed file, or what `vaultKvReader` opens. It is closed with the consumer. */
  readonly reader: SealedDocument | DocumentReader;
  /** Without a feed the document is looked at every `pollMs`, which is what happens while a feed is away too. */
  readonly announcements?: AnnouncementFeed;
  /** Without a sink nobody learns that this instance moved. */
  readonly acknowledge?: AcknowledgementSink;
  readonly onChange?: ChangeHandler;
  /** Told of what is being retried; nothing here is fatal. Never holds a secret of ours. */
  readonly onProblem?: ProblemListener;
  readonly clock?: Clock;
  /** Wall time, for the date in what is signed. */
  readonly now?: () => Instant;
  readonly limits?: Partial<ConsumerLimits>;
}

/** A document of the store sealed-file. */
export interface SealedDocument {
  /** The document's file. */
  readonly path: string;
  /** This consumer's age identity. */
  readonly identity: Secret;
  /** Fields of the document to read. */
  readonly fields: readonly string[];
}

export interface Consumer {
  /** The newest value read. Its secrets are wiped once every handler has moved to a later one. */
  current(): Value;
  /**
   * Calls with the current value at once and with every newer one, one call at a time; of values that arrive during
   * a call only the newest is given. When all handlers have returned the move is acknowledged. The answer unsubscribes.
   */
  onChange(handler: ChangeHandler): () => void;
  /** Ends every loop, call and timer, waits a bounded time for a running handler, and wipes the values. */
  close(): Promise<void>;
}

/**
 * Opens a workload's side of one credential: resolves with the first value in hand, after `onChange` was called
 * with it once. Throws Fault when there is no readable value within `openWithinMs`.
 */
export const openConsumer = async (options: ConsumerOptions): Promise<Consumer> => {
  const room = arrange(options);
  try {
    await waitForFirst(room.view, room);
    if (options.onChange !== undefined) {
      room.delivery.add(options.onChange);
      await room.delivery.settled();
    }
  } catch (error) {
    await stop(room);
    throw error;
  }
  const running = start(room, options);
  return {
    current: () => room.held.newest(),
    onChange: (handler) => room.delivery.add(handler),
    close: async () => {
      await stop(room);
      await running;
    },
  };
};

type Room = ReturnType<typeof arrange>;

const arrange = (options: ConsumerOptions) => {
  const { clock = systemClock, now = Date.now, onProblem = () => {} } = options;
  const reader = readerOf(options);
  const { pollMs = consumerLimits.pollMs } = reader;
  const limits = { ...consumerLimits, pollMs, ...options.limits };
  const abort = new AbortController();
  const shared = { clock, signal: abort.signal, onProblem, limits };
  const sequences = createSequences(options.credential);
  const held = createHeldValues();
  const signer = createSigner({ ...options, now });
  const reporter = createReporter({ ...shared, signer, sink: options.acknowledge });
  const delivery = createDelivery({
    ...shared,
    onMoved: (value) => {
      held.keepOnly(value);
      reporter.moved(value.version, sequences.of(value.version));
    },
  });
  const view = createDocumentView({
    reader,
    signal: abort.signal,
    onValue: (value) => {
      held.add(value);
      delivery.offer(value);
    },
  });
  return { ...shared, abort, sequences, held, reporter, delivery, reader, view };
};

const readerOf = ({ reader, credential }: ConsumerOptions): DocumentReader => {
  if ("read" in reader) return reader;
  const { path, identity, fields } = reader;
  return openSealedReader({ path, credential, fields, identity: async () => identity });
};

const start = (room: Room, { announcements, id }: ConsumerOptions): Promise<unknown> => {
  const { limits, view, delivery, reporter } = room;
  const loops = [
    repeat(room, { everyMs: limits.pollMs, during: "document", work: () => view.refresh() }),
    repeat(room, {
      everyMs: limits.heartbeatMs,
      during: "heartbeat",
      work: () => {
        delivery.retry();
        return reporter.beat();
      },
    }),
  ];
  if (announcements !== undefined) loops.push(listen(room, { consumer: id, announcements }));
  return Promise.all(loops);
};

const stop = async (room: Room): Promise<void> => {
  const { abort, delivery, reporter, reader, clock, limits, held } = room;
  abort.abort(new Error("the consumer was closed"));
  const ending = Promise.all([delivery.settled(), reporter.settled()]);
  await settleWithin(ending, clock, limits.closeWithinMs);
  held.wipe();
  await reader.close?.();
};
