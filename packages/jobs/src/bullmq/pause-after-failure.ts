import type { Clock } from "@rekey/domain";
import type { IQueueBackend } from "bullmq";

const fetchPauseMs = 250;

/** BullMQ asks again at once after most errors: a server that refuses would be asked without end. */
export function withPauseAfterFailure<Backend extends Pick<IQueueBackend, "moveToActive">>(
  backend: Backend,
  clock: Clock,
): Backend {
  const moveToActive = backend.moveToActive.bind(backend);
  backend.moveToActive = async (...parts) => {
    try {
      return await moveToActive(...parts);
    } catch (error) {
      await clock.sleep(fetchPauseMs);
      throw error;
    }
  };
  return backend;
}
