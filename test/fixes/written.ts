import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { run } from '../cli/run.ts';
import { type Fields, NOW } from './audited.ts';

/** A row of `fixes -o json`, as far as tests look at it. */
export interface Row {
  readonly rank: number;
  readonly kind: string;
  readonly object: { readonly kind: string; readonly namespace: string | null; readonly name: string };
  readonly severity: string;
  readonly weight: number;
  readonly clusters: readonly string[];
  readonly findings: number;
  readonly causes: readonly { readonly id: string; readonly findings: readonly string[] }[];
  readonly files: readonly {
    readonly cluster: string;
    readonly file: string;
    readonly command: string | null;
    readonly draft: boolean;
    readonly remaining: readonly string[] | null;
    readonly appearing: readonly { readonly check: string }[] | null;
  }[];
}

export interface Written {
  readonly row: Row;
  readonly file: string;
  readonly command: string | null;
  readonly text: string;
  readonly documents: readonly unknown[];
}

/** Runs `fixes --write` on these objects and reads what it wrote. */
export async function writtenFixes(
  objects: readonly Fields[],
  args: readonly string[] = [],
): Promise<readonly Written[]> {
  const folder = mkdtempSync(join(tmpdir(), 'eks-drift-audit-fixes-'));
  try {
    const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects });
    const argv = ['fixes', '--snapshot', '-', '--now', NOW, '-o', 'json', '--write', folder, ...args];
    const { stdout, stderr } = await run(argv, list);
    if (stdout === '') throw new Error(stderr);
    return (JSON.parse(stdout) as readonly Row[]).flatMap((row) =>
      row.files.map(({ file, command }) => {
        const text = readFileSync(file, 'utf8');
        return {
          row,
          file,
          command,
          text,
          documents: parseAllDocuments(text).map((one) => one.toJS() as unknown),
        };
      }),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
