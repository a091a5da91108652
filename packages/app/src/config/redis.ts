import { secretReference, withDefault } from "@rekey/runtime";
import { z } from "zod";

/** Where hints are kept. */
export const redisSection = z
  .strictObject({
    url: secretReference().meta({
      description: "redis://user:password@host:port/0 of the primary, rediss:// for TLS",
    }),
    prefix: withDefault(z.string().regex(/^[a-z][a-z0-9-]{0,62}$/), {
      default: "rekey-jobs",
      description: "begins the name of every key, as a cluster's {tag}",
      reason: "one installation on one Redis",
    }),
    caFile: z.string().min(1).exactOptional().meta({
      description:
        "PEM file of the authority that signed the server's certificate; the system's by default",
    }),
    serverName: z.string().min(1).exactOptional().meta({
      description: "the name in the server's certificate, where it is not the host",
    }),
  })
  .meta({ description: "Redis for hints: losing all of it loses nothing" });
