import { z } from "zod";
import { holdsToken } from "../token-like.ts";

const lengthMax = 1_024;

/**
 * Where the evidence is, without what may open it: user, query and fragment are dropped, and the whole path
 * where a piece of it looks like a key (links to pastes, webhooks and shared files are capabilities).
 */
export const evidenceUrlSchema = z
  .url({ protocol: /^https?$/, message: "must be an http or https URL" })
  .max(lengthMax)
  .overwrite((text) => {
    const { origin, pathname } = new URL(text);
    const path = decoded(pathname);
    return path === undefined || holdsToken(path) ? `${origin}/` : `${origin}${pathname}`;
  });

function decoded(path: string): string | undefined {
  try {
    return decodeURIComponent(path);
  } catch {
    return undefined;
  }
}
