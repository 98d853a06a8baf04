/**
 * Lints the templates with cfn-lint and checkov: `npm run lint:templates`. No error may be found, and no warning but
 * those that docs/operations.md gives a reason for.
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensurePython } from '../e2e/environment/python.ts';
import { ACCEPTED, type Accepted } from './accepted.ts';
import { writeTemplates } from './synthesise.ts';

/** What a linter has to say. */
interface Complaint {
  readonly rule: string;
  /** Of the template's resource; empty where it is about none. */
  readonly resource: string;
  readonly template: string;
  readonly text: string;
  /** Errors are never accepted. */
  readonly isError: boolean;
}

const OPERATIONS = fileURLToPath(new URL('../../docs/operations.md', import.meta.url));

async function lint(): Promise<readonly string[]> {
  const bin = join(
    await ensurePython({
      name: 'templates',
      requirements: fileURLToPath(new URL('requirements.txt', import.meta.url)),
      what: 'what lints the templates',
    }),
    'bin',
  );
  const folder = mkdtempSync(join(tmpdir(), 'templates-'));
  try {
    const templates = writeTemplates(folder);
    const complaints = [
      ...cfnLint(await outputOf(bin, ['cfn-lint', '--format', 'json', ...templates])),
      ...checkov(
        await outputOf(bin, [
          ...['checkov', '--directory', folder, '--framework', 'cloudformation'],
          // Else it asks its maker's servers for documentation.
          ...['--skip-download', '--compact', '--output', 'json'],
        ]),
        templates.length,
      ),
    ];
    return problemsOf(complaints, readFileSync(OPERATIONS, 'utf8'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Both end with another code than 0 when they complain; what they could not do leaves no JSON. */
function outputOf(bin: string, [program = '', ...args]: readonly string[]): Promise<unknown> {
  return new Promise((resolve, reject) => {
    // Not by itself: its first line names the folder in which the environment was made.
    execFile(
      join(bin, 'python'),
      [join(bin, program), ...args],
      { maxBuffer: 64 * 1024 * 1024 },
      (_, stdout, stderr) => {
        try {
          resolve(JSON.parse(stdout));
        } catch {
          reject(new Error(`${program} gave no result.\n${stdout}${stderr}`));
        }
      },
    );
  });
}

interface CfnLintMatch {
  readonly Level: string;
  readonly Rule: { readonly Id: string };
  readonly Filename: string;
  readonly Message: string;
  readonly Location: { readonly Path: readonly (string | number)[] | null };
}

const cfnLint = (output: unknown): readonly Complaint[] =>
  (output as readonly CfnLintMatch[]).map(({ Level, Rule, Filename, Message, Location }) => {
    const [section, resource = ''] = Location.Path ?? [];
    return {
      rule: Rule.Id,
      resource: section === 'Resources' ? String(resource) : '',
      template: basename(Filename),
      text: Message,
      isError: Level === 'Error',
    };
  });

interface CheckovReport {
  readonly results: {
    readonly passed_checks: readonly CheckovCheck[];
    readonly failed_checks: readonly CheckovCheck[];
  };
  readonly summary: { readonly parsing_errors: number };
}

interface CheckovCheck {
  readonly check_id: string;
  readonly check_name: string;
  readonly resource: string;
  readonly file_path: string;
}

function checkov(output: unknown, templates: number): readonly Complaint[] {
  const { results, summary } = output as CheckovReport;
  const looked = new Set(
    [...results.passed_checks, ...results.failed_checks].map(({ file_path: path }) => path),
  );
  if (summary.parsing_errors > 0 || looked.size !== templates) {
    throw new Error(`checkov looked at ${looked.size} of ${templates} templates.`);
  }
  return results.failed_checks.map((failed) => ({
    rule: failed.check_id,
    // `AWS::S3::Bucket.LogicalId`
    resource: failed.resource.split('.').at(-1) ?? '',
    template: failed.file_path.slice(1),
    text: failed.check_name,
    isError: false,
  }));
}

/** What must be mended: complaints that nobody has accepted, and acceptances that serve nothing or have no reason. */
function problemsOf(complaints: readonly Complaint[], documentation: string): readonly string[] {
  const isAccepted = ({ rule, resource, isError }: Complaint): boolean =>
    !isError && ACCEPTED.some((one) => one.rule === rule && one.resources.test(resource));
  const isUsed = ({ rule, resources }: Accepted): boolean =>
    complaints.some((one) => one.rule === rule && resources.test(one.resource));
  const rows = documentation.split('\n').filter((line) => line.startsWith('|'));
  const hasReason = ({ rule }: Accepted): boolean =>
    rows.some((row) => new RegExp(`\\b${rule}\\b`).test(row.split('|')[1] ?? ''));
  return [
    ...complaints
      .filter((one) => !isAccepted(one))
      .map(({ rule, resource, template, text }) => `${template}: ${rule} ${resource}: ${text}`),
    ...ACCEPTED.filter((one) => !isUsed(one)).map(
      ({ rule, resources }) => `${rule} is accepted for ${resources}, but nothing is said of it any more.`,
    ),
    ...ACCEPTED.filter((one) => !hasReason(one)).map(
      ({ rule }) => `${rule} is accepted, but docs/operations.md gives no reason for it.`,
    ),
  ];
}

const problems = await lint();
for (const problem of problems) process.stderr.write(`${problem}\n`);
process.stdout.write(problems.length === 0 ? 'The templates are clean.\n' : '');
process.exitCode = problems.length === 0 ? 0 : 1;
