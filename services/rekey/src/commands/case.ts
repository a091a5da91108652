import type { AddCommand } from "../context.ts";
import { addCaseApprove, addCaseDismiss } from "./case-decide.ts";
import { addCaseList } from "./case-list.ts";
import { addCaseShow } from "./case-show.ts";
import { addCaseWatch } from "./case-watch.ts";

/** One cause and all that follows from it. */
export const addCase: AddCommand = (parent, context) => {
  const group = parent.command("case").description("one cause and all that follows from it");
  for (const add of [addCaseList, addCaseShow, addCaseWatch, addCaseApprove, addCaseDismiss])
    add(group, context);
};
