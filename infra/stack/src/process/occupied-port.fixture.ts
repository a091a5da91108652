import { createServer } from "node:net";

/** Has a port of 127.0.0.1 until the answer is called: nobody else is given it meanwhile. */
export const occupy = async (port: number): Promise<() => Promise<void>> => {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(port, "127.0.0.1", () => resolve());
  });
  return async () => await new Promise((resolve) => server.close(() => resolve()));
};
