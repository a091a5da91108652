import { z } from "zod";
import { refusedSchema } from "./refusal.ts";
import { nothing, type ApiRoute } from "./route.ts";
import { apiRouteList } from "./routes.ts";

type Json = Record<string, unknown>;

/** The API as one OpenAPI 3.1 document. Plain data: write it to a file or serve it. */
export const openApiDocument = (version: string): Json => {
  const paths: Record<string, Json> = {};
  for (const [name, route] of apiRouteList) {
    const path = route.path.replaceAll(/:(\w+)/g, "{$1}");
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(name, route) };
  }
  return {
    openapi: "3.1.0",
    info: { title: "Rekey", version, license: { name: "Apache-2.0", identifier: "Apache-2.0" } },
    paths,
    components: { schemas: { Refused: wireSchema(refusedSchema) }, securitySchemes },
  };
};

/** Over the network; whoever opens the Unix socket needs neither. */
const securitySchemes: Json = {
  bearer: {
    type: "http",
    scheme: "bearer",
    bearerFormat: "JWT",
    description: "a token of an issuer that gateway.jwt names; the configuration maps it to roles",
  },
  mutualTLS: {
    type: "mutualTLS",
    description: "a client certificate that gateway.tcp.tls.clientCa signed",
  },
};

function operation(name: string, route: ApiRoute): Json {
  const hasBody = route.body !== nothing;
  return {
    operationId: name,
    summary: route.summary,
    // One of the two; an empty list is open to all.
    security: route.command === undefined ? [] : [{ bearer: [] }, { mutualTLS: [] }],
    parameters: [...parameters("path", route.params), ...parameters("query", route.query)],
    ...(hasBody && { requestBody: { required: true, ...content(route.body, route.example.body) } }),
    responses: {
      "200": { description: "done", ...content(route.reply, route.example.reply) },
      default: {
        description: "refused, with the reason",
        content: { "application/json": { schema: { $ref: "#/components/schemas/Refused" } } },
      },
    },
  };
}

const content = (schema: z.ZodType, example: unknown): Json => ({
  content: { "application/json": { schema: wireSchema(schema), example } },
});

function parameters(place: "path" | "query", schema: z.ZodType): Json[] {
  const { properties = {}, required = [] } = wireSchema(schema) as {
    properties?: Record<string, Json>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, property]) => ({
    name,
    in: place,
    required: required.includes(name),
    schema: property,
  }));
}

// The wire side of every schema; the dialect is the document's.
function wireSchema(schema: z.ZodType): Json {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io: "input" });
  return rest;
}
