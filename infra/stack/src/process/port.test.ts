import { createServer, type AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { freePort, requireFreePort } from "./port.ts";

test("a taken port is refused with the name of who listens", async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  await expect(requireFreePort(port, "kafka")).rejects.toMatchObject({
    code: "PORT_IN_USE",
    message: expect.stringMatching(
      new RegExp(
        `^kafka wants port ${port} of 127.0.0.1, where .*(pid ${process.pid}|another process)`,
      ),
    ),
  });
});

test("a free port is not refused", async () => {
  await expect(requireFreePort(await freePort(), "kafka")).resolves.toBeUndefined();
});
