import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';

const root = join(import.meta.dirname, '..', '..');
const text = readFileSync(join(root, 'docs', 'ci.md'), 'utf8');
const [github, gitlab] = [...text.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, yaml = '']) => parse(yaml));

const INSTALL = 'npm install --global ./tools/eks-drift-auditor.tgz';
/** The command alone is not installed: it is the one of this checkout. */
const commandsIn = (lines: readonly (string | undefined)[]): readonly string[] => {
  const commands = lines.filter((line) => line !== undefined);
  expect(commands[0]).toBe(INSTALL);
  return commands.slice(1);
};
const EXAMPLES = {
  'GitHub Actions': commandsIn(github.jobs.audit.steps.map(({ run }: { run?: string }) => run)),
  GitLab: commandsIn(gitlab.audit.script),
};

const deployment = (name: string) => `apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name}, namespace: shop }
spec: { template: { spec: { containers: [{ name: app, image: nginx }] } } }
`;
let bin = '';
let repository = '';

beforeAll(() => {
  bin = mkdtempSync(join(tmpdir(), 'eks-drift-audit-'));
  const command = join(bin, 'eks-drift-audit');
  const tsx = join(root, 'node_modules', '.bin', 'tsx');
  writeFileSync(command, `#!/bin/sh\nexec "${tsx}" "${join(root, 'bin', 'eks-drift-audit.ts')}" "$@"\n`);
  chmodSync(command, 0o755);
  repository = join(bin, 'repository');
  mkdirSync(join(repository, 'deploy'), { recursive: true });
});
afterAll(() => rmSync(bin, { recursive: true, force: true }));

/** As both systems run a script: it ends with the first command that fails. */
function script(commands: readonly string[], manifests: string, config: string): number | null {
  writeFileSync(join(repository, 'deploy', 'app.yaml'), manifests);
  writeFileSync(join(repository, 'audit.config.yaml'), config);
  const env = { ...process.env, PATH: `${bin}:${process.env['PATH']}` };
  return spawnSync('bash', ['-e', '-c', commands.join('\n')], { cwd: repository, env }).status;
}

describe.each(Object.entries(EXAMPLES))('the example for %s', (_, commands) => {
  const OPEN = 'limits: { podMaxAge: 30d }\n';

  test('the job fails for findings, and for what was not evaluated', () => {
    expect(commands).toHaveLength(1);
    expect(script(commands, deployment('web'), OPEN)).toBe(1);
    expect(script(commands, 'a: [1,\nb: {', OPEN)).toBe(3);
    expect(script(commands, deployment('web'), 'limits: { podMaxAge: soon }\n')).toBe(2);
  });

  test('the job is green where all is accepted', () => {
    const exempt =
      'exemptions: [{ check: "*", namespace: shop, reason: a test, owner: a@example.com, expires: 2999-12-31 }]\n';
    expect(script(commands, deployment('web'), exempt)).toBe(0);
  });
});

test('the reports that are uploaded are those that the commands write', () => {
  const sarif = github.jobs.audit.steps.find(
    ({ with: given }: { with?: { sarif_file?: string } }) => given?.sarif_file,
  );
  expect(existsSync(join(repository, sarif.with.sarif_file))).toBe(true);
  expect(existsSync(join(repository, gitlab.audit.artifacts.reports.junit))).toBe(true);
});
