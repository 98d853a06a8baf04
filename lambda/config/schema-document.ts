import * as z from 'zod';
import { configFile } from './schema.ts';

/** A name, not a place: editors take the schema from the file beside the configuration. */
export const SCHEMA_ID = 'https://eks-drift-auditor.dev/schema/audit.config.schema.json';

/** The part of JSON Schema that the configuration's schema uses. */
export interface JsonSchema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: boolean | JsonSchema;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly [keyword: string]: unknown;
}

/**
 * The JSON Schema (draft 2020-12) of the configuration file, for completion and hints in editors. It
 * describes what may be written, not what it becomes; rules across keys are checked on loading only.
 *
 * @param knownChecks Ids of all checks, offered as keys; without them any kebab-case id is allowed.
 */
export function configSchema(knownChecks: readonly string[] | null = null): JsonSchema {
  const schema = z.toJSONSchema(configFile(knownChecks), { target: 'draft-2020-12', io: 'input' });
  const { $schema, ...rest } = schema;
  return { $schema, $id: SCHEMA_ID, ...rest } as JsonSchema;
}

/** What is published as `audit.config.schema.json`. */
export const configSchemaText = (knownChecks: readonly string[]): string =>
  `${JSON.stringify(configSchema(knownChecks), null, 2)}\n`;
