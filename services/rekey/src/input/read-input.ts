import { open } from "node:fs/promises";
import { badInput } from "../failure.ts";
import type { Input } from "../context.ts";

/** A file, or standard input for `-`; at most `bytesMax`. Bytes that are not UTF-8 are refused. */
export const readInput = async (name: string, stdin: Input, bytesMax: number): Promise<string> => {
  const bytes = name === "-" ? await collect(stdin, bytesMax) : await readFile(name, bytesMax);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw badInput(`${name === "-" ? "standard input" : name} is not UTF-8 text`);
  }
};

const readFile = async (name: string, bytesMax: number): Promise<Uint8Array> => {
  const file = await open(name).catch((error: NodeJS.ErrnoException) => {
    throw badInput(`${name} cannot be read (${error.code ?? "unknown"})`);
  });
  try {
    return await collect(file.createReadStream({ autoClose: false }), bytesMax);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw code === undefined ? error : badInput(`${name} cannot be read (${code})`);
  } finally {
    await file.close();
  }
};

const collect = async (source: Input, bytesMax: number): Promise<Uint8Array> => {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of source) {
    const bytes = Buffer.from(part as Uint8Array);
    length += bytes.length;
    if (length > bytesMax) throw badInput(`the input is larger than ${bytesMax} bytes`);
    parts.push(bytes);
  }
  return Buffer.concat(parts);
};

/** A value as a shell or an editor hands it over: one line end at its end is not part of it. */
export const withoutLineEnd = (text: string): string => text.replace(/\r?\n$/, "");
