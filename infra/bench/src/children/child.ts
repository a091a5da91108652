import { fork } from "node:child_process";
import { join } from "node:path";
import type { Answer, Question } from "./protocol.ts";

const questionMaxMs = 240_000;
const endMaxMs = 3_000;

/** A process that is measured, and that ends with this one. */
export interface Child<Calls> {
  readonly pid: number;
  ask<Name extends keyof Calls>(
    call: Name,
    argument: ArgumentOf<Calls[Name]>,
  ): Promise<ValueOf<Calls[Name]>>;
  stop(): Promise<void>;
}

type ArgumentOf<Call> = Call extends (argument: infer Argument) => unknown ? Argument : never;
type ValueOf<Call> = Call extends (...words: never[]) => Promise<infer Value> ? Value : never;

interface ChildOptions {
  /** A file of this folder. */
  readonly main: string;
  readonly words: readonly string[];
  readonly variables: Readonly<Record<string, string>>;
  readonly nodeFlags?: readonly string[];
}

interface Waiting {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/** Resolves when it can be asked. */
export const startChild = async <Calls>(options: ChildOptions): Promise<Child<Calls>> => {
  const { main, words, variables, nodeFlags = [] } = options;
  const child = fork(join(import.meta.dirname, main), [...words], {
    env: { ...variables },
    execArgv: [...nodeFlags],
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  const waiting = new Map<number, Waiting>();
  let last = 0;
  const ended = new Promise<void>((resolve) => {
    child.once("exit", (code, signal) => {
      for (const one of waiting.values())
        one.reject(new Error(`${main} ended with ${signal ?? code}`));
      waiting.clear();
      resolve();
    });
  });
  const answered = async (id: number): Promise<unknown> => {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const timer = setTimeout(() => reject(new Error(`${main} did not answer`)), questionMaxMs);
    waiting.set(id, { resolve, reject });
    return await promise.finally(() => {
      clearTimeout(timer);
      waiting.delete(id);
    });
  };
  child.on("message", (answer: Answer) => {
    const one = waiting.get(answer.id);
    if ("error" in answer) one?.reject(new Error(answer.error));
    else one?.resolve(answer.value);
  });
  await answered(0);
  return {
    pid: child.pid ?? 0,
    ask: async (call, argument) => {
      last += 1;
      const reply = answered(last);
      child.send({ id: last, call: String(call), argument } satisfies Question);
      return (await reply) as never;
    },
    stop: async () => {
      if (child.exitCode === null) child.disconnect();
      const timer = setTimeout(() => child.kill("SIGKILL"), endMaxMs);
      await ended;
      clearTimeout(timer);
    },
  };
};
