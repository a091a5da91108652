import type { RightsFacts, RightsRequest } from "./client.ts";

const all = { admin: true, inherit: true, set: true, databaseExists: true, connect: true };

/** What `rekey_admin` of the fake may do: everything, but for a CREATEROLE that it lost. */
export const rightsOf = (
  { group, database }: RightsRequest,
  groupExists: boolean,
  createRole: boolean,
): RightsFacts => ({
  ...all,
  own: "rekey_admin",
  group,
  database,
  groupExists,
  createRole,
  foreign: [],
});
