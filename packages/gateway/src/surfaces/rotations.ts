import { apiRoutes } from "@rekey/contracts";
import {
  credentialId,
  decideRotation,
  isRefusal,
  refuse,
  rotationId,
  type Actor,
  type Input,
  type Refusal,
  type Rotation,
  type RotationCommand,
} from "@rekey/domain";
import type { GatewayParts } from "../options.ts";
import type { Surface } from "./surface.ts";

const routes = apiRoutes.rotations;

/** One rotation, and the two things a person may ask of it. */
export const rotationsSurface: Surface = (serve, parts) => {
  serve(routes.show, async ({ params }) => await shown(parts, params.rotation));
  serve(
    routes.resume,
    async ({ params, body, actor }) =>
      await leave(parts, params.rotation, {
        command: { type: "resume", cutOff: body.cutOff },
        input: { type: "resume", by: actor.id, ...body },
        actor,
      }),
  );
  serve(
    routes.undo,
    async ({ params, body, actor }) =>
      await leave(parts, params.rotation, {
        command: { type: "undo" },
        input: { type: "undo", by: actor.id, ...body },
        actor,
      }),
  );
};

type Shown = NonNullable<Awaited<ReturnType<GatewayParts["ledger"]["rotation"]>>>;

const shown = async ({ ledger }: GatewayParts, id: string): Promise<Shown | Refusal> =>
  (await ledger.rotation(rotationId(id))) ?? refuse("NOT_FOUND", "there is no such rotation");

/** The word ends a drain that waits; said at another time it would be forgotten before it counts. */
const refusedCutOff = (
  { state, credential }: Rotation,
  command: RotationCommand,
): Refusal | undefined => {
  if (command.type !== "resume" || !command.cutOff || waitsForConsumers(state)) return undefined;
  return refuse(
    "WRONG_STATE",
    `the rotation of ${credential} does not wait for consumers: there is nobody to cut off; next: resume it without the cut-off`,
  );
};

const waitsForConsumers = (state: Rotation["state"]): boolean =>
  (state.at === "waiting" && state.for === "consumers") ||
  (state.at === "halted" && state.halt.code === "GRACE_OVER");

interface Asked {
  readonly command: RotationCommand;
  readonly input: Input;
  readonly actor: Actor;
}

/** Refused now where that is already certain; the holder decides again when it takes the input. */
const leave = async (
  parts: GatewayParts,
  id: string,
  { command, input, actor }: Asked,
): Promise<Shown | Refusal> => {
  const { ledger, clock, onWork } = parts;
  const found = await shown(parts, id);
  if (isRefusal(found)) return found;
  const view = await ledger.credential(credentialId(found.rotation.credential));
  const versions = view?.versions ?? [];
  const decided = decideRotation(found.rotation, command, { now: clock.now(), versions });
  if (isRefusal(decided)) return decided;
  const cutsNobody = refusedCutOff(found.rotation, command);
  if (cutsNobody !== undefined) return cutsNobody;
  const target = { kind: "rotation", id } as const;
  const refusal = await ledger.appendInput({ target, input, actor });
  if (isRefusal(refusal)) return refusal;
  onWork();
  return await shown(parts, id);
};
