import { apiRoutes } from "@rekey/contracts";
import type { z } from "zod";
import { answer, type AddCommand, type Context } from "../context.ts";
import { table } from "../format/table.ts";
import { rotationText } from "./case-show.ts";
import { findRotation } from "./find.ts";

const routes = apiRoutes.rotations;
const argument = "its id, or the credential whose rotation is active";

const reasonText = "why, for the audit log";

interface Why {
  readonly reason?: string;
}

type Shown = z.output<typeof routes.show.reply>;

/** One credential's way to a new version, or to none. */
export const addRotation: AddCommand = (parent, context) => {
  const group = parent
    .command("rotation")
    .description("one credential's way to a new version, or to none");
  group
    .command("show")
    .description("its plan, what is done, and every effect with its outcome")
    .argument("<rotation>", argument)
    .action(async (text: string) => {
      const params = { rotation: await findRotation(context, text) };
      const call = { route: routes.show, asked: { params } };
      await answer(context, call, (shown) => shownText(shown, context));
    });
  addMoves(group, context);
};

const addMoves: AddCommand = (group, context) => {
  group
    .command("resume")
    .description("go on after a halt")
    .argument("<rotation>", argument)
    .option("--cut-off", "leave consumers behind that have not moved")
    .option("--reason <text>", reasonText)
    .action(async (text: string, { cutOff = false, ...why }: Why & { cutOff?: boolean }) => {
      const params = { rotation: await findRotation(context, text) };
      const asked = { params, body: { cutOff, ...why } };
      await answer(context, { route: routes.resume, asked }, resumedText(cutOff));
    });
  group
    .command("undo")
    .description("go back to the version before, until revoke is intended; never to an exposed one")
    .argument("<rotation>", argument)
    .option("--reason <text>", reasonText)
    .action(async (text: string, why: Why) => {
      const asked = { params: { rotation: await findRotation(context, text) }, body: why };
      await answer(context, { route: routes.undo, asked }, askedText("undo"));
    });
};

const resumedText =
  (cutOff: boolean) =>
  (shown: Shown): string => {
    const { credential, state } = shown.rotation;
    const waits = state.at === "waiting" && state.for === "consumers" ? state.reason : undefined;
    if (cutOff) return askedText("cut-off of the consumers that have not moved")(shown);
    return waits === undefined
      ? askedText("resume")(shown)
      : `${credential} goes on waiting for consumers (${waits}); \`rekey rotation resume ${credential} --cut-off\` leaves them behind`;
  };

const askedText =
  (what: string) =>
  ({ rotation }: Shown): string =>
    `${what} is asked of ${rotation.credential}; \`rekey rotation show ${rotation.id}\` shows what follows`;

const shownText = ({ rotation, effects }: Shown, { terminal, clock }: Context): string =>
  [
    rotationText(rotation, terminal.paint, clock.now()),
    ...(effects.length === 0
      ? []
      : [
          table(
            ["effect", "attempt", "version", "state", "fault"],
            effects.map(({ step, attempt, version, state, fault }) => [
              step,
              String(attempt),
              version === undefined ? "–" : `#${version}`,
              state,
              fault ?? "",
            ]),
          ),
        ]),
  ].join("\n\n");
