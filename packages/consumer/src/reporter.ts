import type { Clock } from "@rekey/domain";
import { attemptsMax, pauseMs, type ConsumerLimits } from "./limits.ts";
import type { AcknowledgementSink, Running } from "./ports.ts";
import type { Signer } from "./signer.ts";
import { pause } from "./waiting.ts";

export interface Reporter {
  /** Tells that this instance moved; only the newest move is worth sending. */
  moved(version: number, sequence: number | undefined): void;
  /** One heartbeat, and another round for a move that could not be told. Throws what the sink threw. */
  beat(): Promise<void>;
  /** Resolves when nothing is being sent. Never rejects. */
  settled(): Promise<void>;
}

interface Move {
  readonly version: number;
  readonly sequence: number | undefined;
}

export interface ReporterOptions extends Running {
  readonly clock: Clock;
  readonly limits: ConsumerLimits;
  readonly signer: Signer;
  readonly sink: AcknowledgementSink | undefined;
}

/** Sends signed statements; each try is signed anew, so that a late one is not taken for a replay. */
export const createReporter = (options: ReporterOptions): Reporter => {
  const { sink, signer, signal } = options;
  let owed: Move | undefined;
  let version: number | undefined;
  let isSending = false;
  let round: Promise<void> = Promise.resolve();

  const attempt = async (move: Move, to: AcknowledgementSink): Promise<boolean> => {
    try {
      await to.moved(await signer.moved(move.version, move.sequence), signal);
      if (owed === move) owed = undefined;
      return true;
    } catch (error) {
      if (!signal.aborted) options.onProblem({ during: "acknowledgement", error });
      return false;
    }
  };

  const send = async (to: AcknowledgementSink): Promise<void> => {
    let failures = 0;
    while (!signal.aborted && owed !== undefined && failures < attemptsMax) {
      failures = (await attempt(owed, to)) ? 0 : failures + 1;
      if (failures > 0 && failures < attemptsMax) {
        await pause(options, pauseMs(options.limits, failures));
      }
    }
    isSending = false;
  };

  const start = (): void => {
    if (sink === undefined || isSending || owed === undefined) return;
    isSending = true;
    round = send(sink);
  };

  return {
    moved: (newVersion, sequence) => {
      version = newVersion;
      owed = { version: newVersion, sequence };
      start();
    },
    beat: async () => {
      start();
      await sink?.alive(await signer.alive(version), signal);
    },
    settled: () => round,
  };
};
