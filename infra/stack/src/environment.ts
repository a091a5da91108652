import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";

/** Where installed parts are, and what the programs that are started may see of the environment. */
export interface Environment {
  readonly cache: string;
  /** A missing part fails its tests instead of skipping them. */
  readonly partsRequired: boolean;
  readonly variables: Readonly<Record<string, string>>;
}

// What programs need to run and to download; no VAULT_*, KAFKA_* or REDIS_* changes what a part does.
const passed = [
  "PATH HOME USER LANG TMPDIR JAVA_HOME MAVEN_OPTS MAVEN_ARGS DOCKER_HOST APT_CONFIG",
  "GOPROXY GONOPROXY GOSUMDB GONOSUMDB GOPRIVATE GOFLAGS GOPATH GOCACHE GOMODCACHE GOTOOLCHAIN",
  "HTTP_PROXY HTTPS_PROXY NO_PROXY http_proxy https_proxy no_proxy SSL_CERT_FILE SSL_CERT_DIR",
].flatMap((names) => names.split(" "));

/** `REKEY_STACK_CACHE` names another folder for what is installed. */
export const environmentOf = (
  variables: Readonly<Record<string, string | undefined>>,
): Environment => {
  const given = variables["REKEY_STACK_CACHE"];
  const shared = variables["XDG_CACHE_HOME"];
  // XDG base directories: a relative path is to be ignored.
  const base = shared !== undefined && isAbsolute(shared) ? shared : join(homedir(), ".cache");
  const { CI: ci = "" } = variables;
  return {
    cache: given === undefined || given === "" ? join(base, "rekey-stack") : given,
    partsRequired: ci !== "" && ci !== "false",
    variables: Object.fromEntries(
      passed.flatMap((name) => {
        const value = variables[name];
        return value === undefined ? [] : [[name, value]];
      }),
    ),
  };
};

/** This process' own: tests have no main.ts that could pass it on. */
export const ambientEnvironment = (): Environment => environmentOf(process.env);
