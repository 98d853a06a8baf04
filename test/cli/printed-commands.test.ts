import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { MARKER } from '../../lambda/report/fix-file.ts';
import { OWN_COMMANDS } from '../../lambda/report/own-commands.ts';
import { sampleFleet } from '../sample/fleet/fleet.ts';
import { startApiServer } from '../support/kube-server/api-server.ts';
import { kubeconfigOf } from '../support/kubeconfig.ts';
import { run } from './run.ts';

/** What is printed is pasted: each command runs, and reads what its reader has asked about. */
const NOW = '2026-11-21T12:00:00Z';
const objects = sampleFleet(Date.parse(NOW))[0]?.objects ?? [];

let folder: string;
let sources: Readonly<Record<string, readonly string[]>>;
let close = async (): Promise<void> => {};

beforeAll(async () => {
  // Blanks and quotes are for the shell.
  folder = mkdtempSync(join(tmpdir(), "eks drift'audit-"));
  const written = join(folder, 'sample.json.gz');
  expect((await run(['snapshot', '--sample', '--out', written, '--allow-incomplete'])).code).toBe(0);
  const manifests = join(folder, 'shop.yaml');
  writeFileSync(
    manifests,
    `apiVersion: apps/v1
kind: Deployment
metadata: { name: web, namespace: shop }
spec: { template: { metadata: { labels: { app: web } }, spec: { containers: [{ name: app, image: nginx }] } } }
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: web, namespace: shop }
spec: { podSelector: { matchLabels: { app: web } }, policyTypes: [Egress], egress: [{}] }
`,
  );
  const config = join(folder, 'audit.config.yaml');
  writeFileSync(config, 'egress: { approved: [{ name: ours, cidrs: [203.0.113.0/24] }] }\n');
  const server = await startApiServer({ objects });
  close = () => server.close();
  const kubeconfig = join(folder, 'kubeconfig');
  writeFileSync(kubeconfig, kubeconfigOf({ server: server.url }, { contexts: ['shop one', 'shop-two'] }));
  sources = {
    'the sample': ['--sample'],
    'a written snapshot and a configuration': ['--snapshot', written, '--config', config],
    manifests: ['--snapshot', manifests],
    'a context': ['--kubeconfig', kubeconfig, '--context', 'shop one'],
  };
});
afterAll(async () => {
  await close();
  rmSync(folder, { recursive: true, force: true });
});

/** As a shell takes the words of a command. */
function words(command: string): readonly string[] {
  const { stdout } = spawnSync('sh', ['-c', `printf '%s\\0' ${command}`], { encoding: 'utf8' });
  return stdout.split('\0').slice(1, -1);
}

/** Whole lines where a line is a command, and commands in sentences. */
function commandsIn(text: string): readonly string[] {
  const lines = text.split('\n').map((line) => /(?:\$ |^#? +|: +)(eks-drift-audit .+)$/.exec(line)?.[1]);
  const isAlone = (line: string | undefined): line is string =>
    line !== undefined && (line.match(OWN_COMMANDS)?.[0] ?? '') === line;
  const inText = text.match(OWN_COMMANDS) ?? [];
  return [...new Set([...lines.filter(isAlone), ...inText])];
}

const READS = /^eks-drift-audit (?:audit|egress|fixes)\b/;

describe.each(['the sample', 'a written snapshot and a configuration', 'manifests', 'a context'])(
  'commands that are printed for %s',
  (name) => {
    test('commands that are printed run as they are, about the same source', async () => {
      const source = sources[name] ?? [];
      const ask = async (...argv: readonly string[]): Promise<string> => {
        const reads = ['audit', 'egress', 'fixes'].includes(argv[0] ?? '');
        const { code, stdout, stderr } = await run(reads ? [...argv, '--now', NOW] : argv);
        if (![0, 1, 3].includes(code)) throw new Error(`${argv.join(' ')}: exit code ${code}. ${stderr}`);
        return stdout;
      };
      const target = join(folder, `fixes-${name.replaceAll(' ', '-')}`);
      const first = [
        await ask('audit', ...source),
        await ask('audit', ...source, '--all', '--managed'),
        await ask('fixes', ...source, '--all'),
        await ask('fixes', ...source, '--write', target),
        await ask('egress', ...source),
      ];
      const files = readdirSync(target, { recursive: true, encoding: 'utf8' })
        .filter((path) => path.endsWith('.yaml'))
        .map((path) => readFileSync(join(target, path), 'utf8').replace(`${MARKER}\n`, ''));
      const pages = commandsIn(first.join('\n')).filter((command) => /^\S+ audit .*\//.test(command));
      const texts = [...first, ...files];
      for (const page of pages) texts.push(await ask(...words(page)));

      const printed = commandsIn(texts.join('\n'));
      expect(printed.length).toBeGreaterThan(4);
      for (const command of printed) {
        const argv = words(command);
        // A place that is to be filled in is no command.
        expect(command).not.toMatch(/ (?:NAME|NAMESPACE\S*|DIR|FILE|CHECK)\b/);
        if (READS.test(command)) expect(argv).toEqual(expect.arrayContaining([...source]));
        await ask(...argv.map((word, index) => (argv[index - 1] === '--write' ? target : word)));
      }
    });
  },
);
