import { apiRoutes } from "@rekey/contracts";
import type { z } from "zod";
import type { Context } from "../context.ts";
import { badInput, CommandFailure, exitCodes } from "../failure.ts";
import { nearest } from "../format/nearest.ts";

type CredentialShown = z.output<typeof apiRoutes.credentials.show.reply>;

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
/** The newest cases, or the first credentials, that are looked through for a shorter name. */
const lookedThroughMax = 200;
const limit = String(lookedThroughMax);

/** A case by its id, by what it is about, or by the end of its id. */
export const findCase = async (context: Context, text: string): Promise<string> => {
  if (uuid.test(text)) return text;
  const { value } = await context.client().call(apiRoutes.cases.list, { query: { limit } });
  const found = value.cases.filter(
    ({ id, about }) => about === text || id.startsWith(text) || id.endsWith(text),
  );
  // The list has the newest first: an open case, else the last one about it.
  const about = found.filter((one) => one.about === text);
  const [only, second] = about.length > 0 ? about.slice(0, 1) : found;
  if (only !== undefined && second === undefined) return only.id;
  if (second !== undefined)
    throw badInput(
      `${found.length} cases match ${text}`,
      found.map((one) => ({ path: one.id, reason: `${one.kind} about ${one.about}` })),
    );
  const meant = nearest(text, [...new Set(value.cases.map((one) => one.about))]);
  throw notFound(`there is no case ${text}`, meant ?? "`rekey case list` shows all of them", meant);
};

/** A rotation by its id, or by the credential whose rotation is active. */
export const findRotation = async (context: Context, text: string): Promise<string> => {
  if (uuid.test(text)) return text;
  const { active } = await findCredential(context, text);
  if (active !== undefined) return active.id;
  throw notFound(`${text} has no active rotation`, `\`rekey rotate ${text}\` asks for one`);
};

/** A credential, or the one that was probably meant. */
export const findCredential = async (
  context: Context,
  credential: string,
): Promise<CredentialShown> => {
  const asked = { params: { credential } };
  return await withMeant(context, credential, async () => {
    const { value } = await context.client().call(apiRoutes.credentials.show, asked);
    return value;
  });
};

/** Runs what names a credential; where there is none of that name, says which one was probably meant. */
export const withMeant = async <Value>(
  context: Context,
  credential: string,
  run: () => Promise<Value>,
): Promise<Value> => {
  try {
    return await run();
  } catch (error) {
    const isMissing = error instanceof CommandFailure && error.code === "NOT_FOUND";
    if (!isMissing) throw error;
    const { value } = await context.client().call(apiRoutes.credentials.list, { query: { limit } });
    const names = value.credentials.map((view) => view.credential.id);
    const meant = nearest(credential, names);
    throw notFound(error.message, meant ?? "`rekey credential list` shows all of them", meant);
  }
};

const notFound = (reason: string, next: string, meant?: string): CommandFailure =>
  new CommandFailure(reason, {
    exitCode: exitCodes.refused,
    code: "NOT_FOUND",
    next: meant === undefined ? next : `did you mean ${meant}?`,
  });
