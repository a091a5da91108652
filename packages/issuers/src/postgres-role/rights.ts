import type { MissingRight } from "../missing-right.ts";
import type { RightsFacts } from "./client.ts";

/** Pure: what docs/providers/postgres-role.md asks for and the server does not grant, with the statement that does. */
export const missingRights = (facts: RightsFacts): readonly MissingRight[] => [
  ...(facts.createRole
    ? []
    : [{ right: "CREATEROLE", grant: `alter role ${facts.own} createrole` }]),
  ...onGroup(facts),
  ...onDatabase(facts),
  ...facts.foreign.map((role) => ({
    right: `admin and inherit on the role ${role}, which another one made`,
    grant: `grant ${role} to ${facts.own} with admin true, inherit true`,
  })),
];

const onGroup = ({ own, group, groupExists, ...options }: RightsFacts): readonly MissingRight[] => {
  const grant = `grant ${group} to ${own} with admin true, inherit true, set true`;
  if (!groupExists)
    return [{ right: `a group ${group}`, grant: `create role ${group} nologin; ${grant}` }];
  const lacking = (["admin", "inherit", "set"] as const).filter((option) => !options[option]);
  if (lacking.length === 0) return [];
  return [{ right: `${lacking.join(", ")} on the group ${group}`, grant }];
};

const onDatabase = ({
  own,
  database,
  databaseExists,
  connect,
}: RightsFacts): readonly MissingRight[] => {
  if (!databaseExists)
    return [{ right: `a database ${database}`, grant: `create database ${database}` }];
  if (connect) return [];
  const grant = `grant connect on database ${database} to ${own}`;
  return [{ right: `CONNECT on the database ${database}`, grant }];
};
