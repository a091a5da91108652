interface WatchCursor {
  /** The last audit event that was shown. */
  readonly event?: string;
  /** What the case looked like. */
  readonly digest?: string;
}

const shape = /^(?<event>[^~]*)~(?<digest>[0-9a-f]{16})$/;

/** Opaque to clients: the last event and what the case looked like, so that either's change is news. */
export const watchCursor = (event: string | undefined, digest: string): string =>
  `${event ?? ""}~${digest}`;

/** A cursor that is none of ours is taken for an event's id; the page's check refuses it. */
export const readWatchCursor = (text: string | undefined): WatchCursor => {
  if (text === undefined) return {};
  const { event, digest } = shape.exec(text)?.groups ?? { event: text };
  return {
    ...(event !== undefined && event !== "" && { event }),
    ...(digest !== undefined && { digest }),
  };
};
