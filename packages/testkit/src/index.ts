export { adminUrl, freshDatabase, templateDatabase } from "./postgres/database.ts";
export type { FreshDatabase, TemplateDatabase } from "./postgres/database.ts";
