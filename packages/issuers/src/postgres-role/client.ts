import type { Call, SecretValue } from "@rekey/domain";

/** What the server knows of one role. */
export interface RoleFacts {
  readonly name: string;
  /** Stays the same when the role is renamed, and stays on open sessions after it is dropped. */
  readonly oid: number;
  readonly canLogin: boolean;
  readonly comment: string | undefined;
  /** The role Rekey itself is logged in as. */
  readonly own: boolean;
}

export interface Membership {
  readonly role: string;
  readonly admin: boolean;
  readonly inherit: boolean;
  readonly set: boolean;
}

/** One `alter role … set name = value`, for one database or for all; `value` as the catalog keeps it. */
export interface RoleSetting {
  readonly database: string | undefined;
  readonly name: string;
  readonly value: string;
}

export interface RolePrivileges {
  /** `superuser`, `createrole`, `createdb`, `replication`, `bypassrls`, where set. */
  readonly attributes: readonly string[];
  /** -1 where unlimited. */
  readonly connectionLimit: number;
  /** Milliseconds since 1970; undefined where it never ends. */
  readonly validUntil: number | undefined;
  readonly memberships: readonly Membership[];
  readonly settings: readonly RoleSetting[];
  /** Objects, anywhere in the cluster, with privileges granted to the role itself rather than its group. */
  readonly grantedObjects: readonly string[];
  /** Objects, anywhere in the cluster, owned by the role itself rather than its group. */
  readonly ownedObjects: readonly string[];
}

/** Everything one version is made of, applied in one transaction. */
export interface RoleSpec {
  readonly name: string;
  readonly group: string;
  readonly comment: string;
  readonly verifier: string;
  readonly connectionLimit: number;
  readonly memberships: readonly Membership[];
  readonly settings: readonly RoleSetting[];
}

export interface Member {
  readonly name: string;
  readonly canLogin: boolean;
  readonly comment: string | undefined;
  readonly sessions: number;
}

interface MemberListing {
  readonly members: readonly Member[];
  readonly complete: boolean;
}

export interface LoginRequest {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: SecretValue;
}

/** `routine` is the server's source function: unlike `message` it is not translated. */
export interface LoginRefusal {
  readonly code: string;
  readonly message: string;
  readonly routine: string | undefined;
}

/** A login whose last word was not said. */
export interface HeldLogin {
  /** Says it, and answers as `login` does, or with the code `early` where the server had answered before. Once. */
  finish(call: Call): Promise<LoginRefusal | undefined>;
  /** Ends it unfinished, also after its end. */
  drop(): void;
}

export interface AdminFacts {
  /** As `server_version_num`: 180004. */
  readonly version: number;
  readonly createRole: boolean;
  readonly standby: boolean;
}

export interface RightsRequest {
  readonly group: string;
  readonly database: string;
  /** Login roles that Rekey is to stop. */
  readonly roles: readonly string[];
}

/** What the role that Rekey is logged in as may do; names as SQL writes them. */
export interface RightsFacts {
  readonly own: string;
  readonly createRole: boolean;
  readonly group: string;
  readonly groupExists: boolean;
  /** Its options on the group, granted or inherited. */
  readonly admin: boolean;
  readonly inherit: boolean;
  readonly set: boolean;
  readonly database: string;
  readonly databaseExists: boolean;
  readonly connect: boolean;
  /** Of the roles asked for, those it can neither stop nor end the sessions of. */
  readonly foreign: readonly string[];
}

/**
 * The calls to PostgreSQL that this issuer makes. Every method throws ServerFailure only. Effects are
 * atomic: one call is one transaction, except `release`, which is one per database.
 */
export interface RoleServer {
  admin(call: Call): Promise<AdminFacts>;
  role(name: string, call: Call): Promise<RoleFacts | undefined>;
  /** 42710 when the name is taken. */
  create(spec: RoleSpec, call: Call): Promise<void>;
  /** Gives an existing role the verifier, comment, group and settings again; never LOGIN. */
  reapply(spec: RoleSpec, call: Call): Promise<void>;
  /** NOLOGIN, committed, and then the sessions told to end; names each as `terminate` does. */
  forbidLogin(role: RoleFacts, call: Call): Promise<readonly string[]>;
  permitLogin(role: RoleFacts, call: Call): Promise<void>;
  /** Tells the sessions of a role to end and names each; empty when there is none. */
  terminate(role: RoleFacts, call: Call): Promise<readonly string[]>;
  /** Gives what the role owns to the group and drops its privileges, in every database where there is any. */
  release(role: RoleFacts, group: string, call: Call): Promise<void>;
  /** 2BP01 while it owns or is granted anything. */
  drop(role: RoleFacts, call: Call): Promise<void>;
  /** Direct members of a group, and roles whose comment begins with `prefix`; 42704 without such a group. */
  members(group: string, prefix: string, call: Call): Promise<MemberListing>;
  rights(request: RightsRequest, call: Call): Promise<RightsFacts>;
  privileges(name: string, call: Call): Promise<RolePrivileges | undefined>;
  /** A login from outside; undefined when it was accepted. */
  login(request: LoginRequest, call: Call): Promise<LoginRefusal | undefined>;
  /** Begins one at once; it ends by itself within the call's deadline. */
  holdLogin(request: LoginRequest, call: Call): HeldLogin;
  close(): Promise<void>;
}
