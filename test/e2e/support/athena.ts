import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { Template } from 'aws-cdk-lib/assertions';
import { ensurePython } from '../environment/python.ts';

const FOLDER = fileURLToPath(new URL('../athena/', import.meta.url));

/** What is deployed for Athena, as it stands in a template. */
export interface Catalog {
  /** By table: columns with their Glue types. */
  readonly tables: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly queries: readonly { readonly id: string; readonly sql: string }[];
}

type Row = Readonly<Record<string, unknown>>;

export interface Answers {
  /** By table: how what is written differs from what is declared. */
  readonly problems: Readonly<Record<string, readonly string[]>>;
  readonly counts: Readonly<Record<string, number>>;
  /** By query. */
  readonly answers: Readonly<Record<string, readonly Row[]>>;
}

interface TableInput {
  readonly Name: string;
  readonly StorageDescriptor: {
    readonly Columns: readonly { readonly Name: string; readonly Type: string }[];
  };
}

export function catalogOf(template: Template): Catalog {
  const propertiesOf = (type: string): readonly Row[] =>
    Object.values(template.findResources(type)).map(({ Properties }) => Properties as Row);
  const tables = propertiesOf('AWS::Glue::Table').map(({ TableInput: input }) => {
    const { Name, StorageDescriptor } = input as TableInput;
    return [Name, Object.fromEntries(StorageDescriptor.Columns.map((one) => [one.Name, one.Type]))] as const;
  });
  return {
    tables: Object.fromEntries(tables),
    queries: propertiesOf('AWS::Athena::NamedQuery').map(({ Name, QueryString }) => ({
      id: String(Name),
      sql: String(QueryString),
    })),
  };
}

/** The folder of a virtual environment with what stands for Athena. */
export const ensureAthena = (): Promise<string> =>
  ensurePython({
    name: 'athena',
    requirements: join(FOLDER, 'requirements.txt'),
    what: 'what runs the queries',
  });

/** Runs queries over a folder of reports. */
export async function ask(folder: string, { tables, queries }: Catalog): Promise<Answers> {
  const python = join(await ensureAthena(), 'bin', 'python');
  const child = spawn(python, [join(FOLDER, 'query.py')], { env: { PYTHONDONTWRITEBYTECODE: '1' } });
  child.stdin.end(JSON.stringify({ folder, tables, queries }));
  const [out, problem] = await Promise.all([text(child.stdout), text(child.stderr)]);
  if (out === '') throw new Error(`The queries could not be run: ${problem}`);
  return JSON.parse(out) as Answers;
}
