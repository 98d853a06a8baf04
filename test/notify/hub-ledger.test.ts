import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type HubImports, openHubImports } from '../../lambda/connect/aws/security-hub.ts';
import type { HubPlace } from '../../lambda/notify/asff.ts';
import { securityHubNotifier } from '../../lambda/notify/security-hub.ts';
import type { Severity } from '../../lambda/severity.ts';
import { storedHubLedger } from '../../lambda/store/hub-ledger.ts';
import { aCluster, aFailed, aFinding, aGap, anAudited, aRun } from '../report/builders.ts';
import { type MemoryStore, memoryStore } from '../store/memory-store.ts';
import { aNotice } from './a-notice.ts';
import { type AnsweringServer, answering, clientSettings } from './aws-answers.ts';

interface Imported {
  readonly Id: string;
  readonly RecordState: string;
  readonly Compliance: { readonly Status: string };
}

const STAGING = aCluster('staging');
let server: AnsweringServer;
let store: MemoryStore;
let refuse: (finding: Imported) => boolean;

beforeEach(async () => {
  store = memoryStore();
  refuse = () => false;
  server = await answering((body) => {
    const findings = body['Findings'] as readonly Imported[];
    const refused = findings.filter((finding) => refuse(finding));
    return {
      body: {
        FailedCount: refused.length,
        SuccessCount: findings.length - refused.length,
        FailedFindings: refused.map(({ Id }) => ({ Id, ErrorCode: 'InvalidInput', ErrorMessage: 'no' })),
      },
    };
  });
});
afterEach(() => server.close());

interface Settings {
  readonly minSeverity?: Severity;
  readonly clientFor?: (place: HubPlace) => Promise<HubImports | null>;
}

/** Tells a run, and gives what was sent: `name state` of each finding. */
async function day(clusters: Parameters<typeof aRun>[0], settings: Settings = {}) {
  const from = server.requests.length;
  await securityHubNotifier({
    clientFor: async () => openHubImports(clientSettings(server.url)),
    ledger: storedHubLedger(store),
    minSeverity: 'medium',
    sleep: async () => {},
    ...settings,
  }).notify(aNotice(aRun(clusters)));
  return server.requests
    .slice(from)
    .flatMap((body) => body['Findings'] as readonly Imported[])
    .map(({ Id, RecordState }) => `${NAMES.get(Id)} ${RecordState}`)
    .sort();
}

const nine = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'].map((name) => aFinding({ name }));
const onStaging = ['x', 'y'].map((name) => aFinding({ name, cluster: STAGING }));
const NAMES = new Map(
  [...nine, ...onStaging].map(({ id, workload }) => [`eks-drift-auditor/${id}`, workload.name]),
);
const both = [anAudited(aCluster(), nine), anAudited(STAGING, onStaging)];

describe('Security Hub keeps nothing active that a run no longer reports', () => {
  test('a check that is disabled, a severity below the minimum and a cluster that is gone are archived once each', async () => {
    expect(await day(both)).toHaveLength(11);

    const [a, b, ...rest] = nine;
    const lower = { ...(b ?? aFinding()), severity: 'low' as const };
    const withoutA = [anAudited(aCluster(), [lower, ...rest]), anAudited(STAGING, onStaging)];
    const archived = (sent: readonly string[]) => sent.filter((one) => one.endsWith('ARCHIVED'));
    expect(a?.workload.name).toBe('a');
    expect(archived(await day(withoutA))).toEqual(['a ARCHIVED', 'b ARCHIVED']);
    expect(archived(await day(withoutA))).toEqual([]);

    const withoutStaging = [anAudited(aCluster(), rest)];
    expect(archived(await day(withoutStaging))).toEqual(['x ARCHIVED', 'y ARCHIVED']);
    expect(archived(await day(withoutStaging))).toEqual([]);
  });

  test('a raised minimum severity archives the findings below it', async () => {
    await day(both);
    expect(await day(both, { minSeverity: 'critical' })).toEqual(
      [...NAMES.values()].sort().map((name) => `${name} ARCHIVED`),
    );
    expect(await day(both, { minSeverity: 'critical' })).toEqual([]);
  });

  test('findings stay active for a cluster that could not be compared, and for one that could not be read', async () => {
    await day(both);
    const incomparable = anAudited(STAGING, [], [aGap({ cluster: STAGING, check: 'comparison' })]);
    const unread = { ...aFailed(aCluster()), findings: nine };
    const sent = await day([unread, incomparable]);
    expect(sent.filter((one) => one.endsWith('ARCHIVED'))).toEqual([]);
    expect((await day([anAudited(aCluster(), nine)])).filter((one) => one.endsWith('ARCHIVED'))).toEqual([
      'x ARCHIVED',
      'y ARCHIVED',
    ]);
  });

  test('findings that Security Hub did not accept are archived by the next run', async () => {
    await day(both);
    refuse = ({ RecordState }) => RecordState === 'ARCHIVED';
    await expect(day([anAudited(aCluster(), nine)])).rejects.toThrow('did not accept 2 of 11 findings');
    refuse = () => false;
    expect(await day([anAudited(aCluster(), nine)])).toEqual(
      expect.arrayContaining(['x ARCHIVED', 'y ARCHIVED']),
    );
  });

  test('findings that were sent before the process ended are archived, too', async () => {
    const ended = { clientFor: async () => openHubImports(clientSettings('http://127.0.0.1:9')) };
    await expect(day(both, ended)).rejects.toThrow('could not be imported');
    expect(await day([anAudited(aCluster(), nine)])).toEqual(
      expect.arrayContaining(['x ARCHIVED', 'y ARCHIVED']),
    );
  });

  test('active findings of an account that was removed from the configuration are mentioned once', async () => {
    await day(both);
    const removed = { clientFor: async () => null };
    await expect(day([], removed)).rejects.toThrow('11 findings stay active in Security Hub of account');
    expect(await day([], removed)).toEqual([]);
  });
});

test('a ledger that cannot be read archives nothing, and says what to do', async () => {
  await day(both);
  const [key = ''] = [...store.objects.keys()];
  await store.put(key, [Buffer.from('damaged')], { contentType: 'application/gzip' });
  await expect(day([anAudited(aCluster(), nine)])).rejects.toThrow(/imported\.ndjson\.gz cannot be read/);
});
