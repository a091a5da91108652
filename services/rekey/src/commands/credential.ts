import type { AddCommand } from "../context.ts";
import { addCredentialForeign } from "./credential-foreign.ts";
import { addCredentialList } from "./credential-list.ts";
import { addCredentialPlan } from "./credential-plan.ts";
import { addCredentialShow } from "./credential-show.ts";
import { addRotate } from "./rotate.ts";

/** Everything about single credentials. */
export const addCredential: AddCommand = (parent, context) => {
  const group = parent
    .command("credential")
    .description("what is declared, and what it would take to rotate it");
  for (const add of [
    addCredentialList,
    addCredentialShow,
    addCredentialPlan,
    addRotate,
    addCredentialForeign,
  ])
    add(group, context);
};
