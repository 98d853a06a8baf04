import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import * as z from 'zod';

/**
 * The schemas of CloudFormation resources as the CDK's command line has them for `cdk diff`; from
 * https://github.com/cdklabs/awscdk-service-spec.
 */
const DATABASE = new URL('../../node_modules/aws-cdk/db.json.gz', import.meta.url);

const SCHEMAS = z.object({
  schema: z.object({
    resource: z.object({
      entities: z.array(
        z.object({
          cloudFormationType: z.string(),
          properties: z.record(z.string(), z.object({ causesReplacement: z.string().optional() })),
        }),
      ),
    }),
  }),
});

let kept: ReadonlyMap<string, readonly string[]> | undefined;

function read(): ReadonlyMap<string, readonly string[]> {
  const { schema } = SCHEMAS.parse(JSON.parse(gunzipSync(readFileSync(DATABASE)).toString('utf8')));
  return new Map(
    schema.resource.entities.map(({ cloudFormationType, properties }) => [
      cloudFormationType,
      Object.entries(properties).flatMap(([name, { causesReplacement }]) =>
        causesReplacement === undefined || causesReplacement === 'no' ? [] : [name],
      ),
    ]),
  );
}

/**
 * Properties whose change replaces a resource of this type. Of its nested ones: `Name` in `TableInput` of Glue tables.
 * @throws Error for a type that has no schema: nothing would be known of it
 */
export function createOnly(type: string): readonly string[] {
  kept ??= read();
  const found = kept.get(type);
  if (found === undefined) throw new Error(`There is no schema for ${type}.`);
  return found;
}
