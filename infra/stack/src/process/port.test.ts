import { createServer, type AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { freePort, freePortShift, requireFreePort } from "./port.ts";

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

test("ports that start together are all so many thousands higher when one of them is taken", async () => {
  const taken = await freePort();
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(taken, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const wanted = [taken, await freePort()];
  const { shift, because } = await freePortShift(wanted);
  expect([shift % 1_000, Math.sign(shift)]).toEqual([0, 1]);
  expect(because).toMatch(new RegExp(`^port ${taken} of 127.0.0.1 is taken by `));
  for (const port of wanted) await requireFreePort(port + shift, "one of them");
});

test("where nobody is in the way they stay as they are, and past the last port there is none", async () => {
  expect(await freePortShift([await freePort()])).toEqual({ shift: 0 });
  await expect(freePortShift([70_000])).rejects.toMatchObject({ code: "PORT_IN_USE" });
});
