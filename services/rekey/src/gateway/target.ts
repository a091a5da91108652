import {
  parseReference,
  targetVariables,
  withoutTargets,
  type Environment,
  type SecretReference,
} from "@rekey/runtime";
import { isLoopback, type Problem } from "@rekey/domain";
import { badInput } from "../failure.ts";

/** The words of the command line that say where the gateway is. */
export interface TargetOptions {
  readonly socket?: string;
  readonly url?: readonly string[];
  readonly token?: string;
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

/** Replicas of one gateway over the network, and what is shown to them. */
export interface NetworkTarget {
  /** Tried in this order. */
  readonly urls: readonly URL[];
  readonly token?: Exclude<SecretReference, { kind: "store" }>;
  readonly ca?: string;
  readonly identity?: { readonly certificate: string; readonly key: string };
}

export type Target = { readonly socketPath: string } | NetworkTarget;

export const socketDefault = ".rekey/rekey.sock";

/** Which gateway to ask is no setting of `rekey up`, but for the socket: there it is the one that is opened. */
export const withoutTarget = (environment: Environment): Environment => {
  const { [targetVariables.socket]: socket } = environment;
  return {
    ...withoutTargets(environment),
    ...(socket !== undefined && { [targetVariables.socket]: socket }),
  };
};

const urlsMax = 16;

/** Options first, then variables; a URL of either kind before a socket of it. Throws what is wrong with them. */
export const targetOf = (options: TargetOptions, environment: Environment): Target => {
  const { socket, url } = options;
  if (socket !== undefined && url !== undefined)
    throw badInput("--socket and --url name two gateways: give one of them");
  if (socket !== undefined) return { socketPath: socket };
  const urls = url ?? listed(environment[targetVariables.url]);
  if (urls.length > 0) return networkTarget(urls, options, environment);
  // Ambient variables are for whatever is asked; a word of this command is for this command.
  const stray = (["token", "ca", "cert", "key"] as const).filter(
    (name) => options[name] !== undefined,
  );
  if (stray.length > 0)
    throw badInput(`--${stray[0]} is for a gateway over the network: name it with --url`);
  return { socketPath: environment[targetVariables.socket] ?? socketDefault };
};

const listed = (text: string | undefined): readonly string[] =>
  (text ?? "").split(/[\s,]+/).filter((word) => word !== "");

const networkTarget = (
  texts: readonly string[],
  options: TargetOptions,
  environment: Environment,
): NetworkTarget => {
  const given = (name: "token" | "ca" | "cert" | "key"): string | undefined =>
    options[name] ?? environment[targetVariables[name]];
  const problems: Problem[] = [];
  const urls = texts.flatMap((text, index) => {
    const { url, reason } = readUrl(text);
    if (url !== undefined) return [url];
    problems.push({ path: `--url[${index}]`, reason });
    return [];
  });
  if (texts.length > urlsMax) problems.push({ path: "--url", reason: `at most ${urlsMax}` });
  const [token, ca, certificate, key] = [
    readToken(given("token"), problems),
    given("ca"),
    given("cert"),
    given("key"),
  ];
  if ((certificate === undefined) !== (key === undefined))
    problems.push({ path: "--cert", reason: "needs --key, and --key needs --cert" });
  if (problems.length > 0) throw badInput("the gateway cannot be asked like this", problems);
  return {
    urls,
    ...(token !== undefined && { token }),
    ...(ca !== undefined && { ca }),
    ...(certificate !== undefined && key !== undefined && { identity: { certificate, key } }),
  };
};

// A URL may hold a password, so none is repeated.
const readUrl = (text: string): { readonly url?: URL; readonly reason: string } => {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !["https:", "http:"].includes(url.protocol))
    return { reason: "must be a URL such as https://rekey.example.org:8443" };
  if (url.username !== "" || url.password !== "")
    return { reason: "must hold no name and no password: use --token" };
  if (url.pathname !== "/" || url.search !== "" || url.hash !== "")
    return { reason: "must end after the host and the port" };
  if (url.protocol === "http:" && !isLoopback(url.hostname))
    return { reason: "must be https: plain http is for this machine alone" };
  return { url, reason: "" };
};

// Written by mistake the text may be the token itself: it is not repeated.
const readToken = (text: string | undefined, problems: Problem[]): NetworkTarget["token"] => {
  if (text === undefined) return undefined;
  const reference = parseReference(text);
  if (reference !== undefined && reference.kind !== "store") return reference;
  problems.push({
    path: "--token",
    reason: "must be file:<path> or env:<NAME>: a token itself would be in the list of processes",
  });
  return undefined;
};
