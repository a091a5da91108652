import { startRedis } from "./start.ts";

const lifeMaxMs = 60_000;

const redis = await startRedis({ folder: process.argv[2] ?? "" });
process.stdout.write(`${redis.pid}\n`);
setTimeout(() => {}, lifeMaxMs);
