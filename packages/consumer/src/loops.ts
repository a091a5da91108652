import type { Clock, ConsumerId } from "@rekey/domain";
import type { DocumentView } from "./document-view.ts";
import { pauseMs, type ConsumerLimits } from "./limits.ts";
import type { Activity, AnnouncementFeed, Running } from "./ports.ts";
import type { Sequences } from "./sequences.ts";
import { pause } from "./waiting.ts";

/** Between two answers of a feed that does not wait: a server without patience must not be asked in a tight loop. */
const feedGapMs = 50;

interface Looping extends Running {
  readonly clock: Clock;
  readonly limits: ConsumerLimits;
}

/** Works now and every so often until the signal ends it. What fails is told and tried at the next turn. */
export const repeat = async (
  loop: Looping,
  task: {
    readonly everyMs: number;
    readonly during: Activity;
    readonly work: () => Promise<void>;
  },
): Promise<void> => {
  while (!loop.signal.aborted) {
    await task.work().catch((error: unknown) => tell(loop, task.during, error));
    await pause(loop, task.everyMs);
  }
};

/** Follows a feed; news makes the document be read at once. The document alone says what the value is. */
export const listen = async (
  loop: Looping & { readonly view: DocumentView; readonly sequences: Sequences },
  feed: { readonly consumer: ConsumerId; readonly announcements: AnnouncementFeed },
): Promise<void> => {
  let cursor: string | undefined;
  let failures = 0;
  while (!loop.signal.aborted) {
    try {
      const answer = await feed.announcements.next(feed.consumer, cursor, loop.signal);
      cursor = answer.cursor;
      failures = 0;
      const news = answer.announcements.filter((one) => loop.sequences.isNews(one));
      if (news.length > 0) await look(loop);
    } catch (error) {
      failures += 1;
      tell(loop, "announcements", error);
    }
    await pause(loop, failures === 0 ? feedGapMs : pauseMs(loop.limits, failures));
  }
};

const look = async (loop: Looping & { readonly view: DocumentView }): Promise<void> => {
  await loop.view.refresh().catch((error: unknown) => tell(loop, "document", error));
};

const tell = (loop: Looping, during: Activity, error: unknown): void => {
  if (!loop.signal.aborted) loop.onProblem({ during, error });
};
