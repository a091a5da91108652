import type { Clock } from "@rekey/domain";
import type { IQueueBackend } from "bullmq";

const fetchPauseMs = 250;

interface Asked extends Pick<IQueueBackend, "moveToActive" | "moveStalledJobsToWait"> {
  emit(event: "error", error: unknown): boolean;
}

/**
 * BullMQ asks for a job again at once after most errors: a server that refuses would be asked without end. After an
 * error of its look for stalled jobs it sleeps for 5 s that no close ends: here the next look comes at its pace.
 */
export function patientBackend<Backend extends Asked>(backend: Backend, clock: Clock): Backend {
  const moveToActive = backend.moveToActive.bind(backend);
  backend.moveToActive = async (...parts) => {
    try {
      return await moveToActive(...parts);
    } catch (error) {
      await clock.sleep(fetchPauseMs);
      throw error;
    }
  };
  const moveStalledJobsToWait = backend.moveStalledJobsToWait.bind(backend);
  backend.moveStalledJobsToWait = async () => {
    try {
      return await moveStalledJobsToWait();
    } catch (error) {
      backend.emit("error", error);
      return [];
    }
  };
  return backend;
}
