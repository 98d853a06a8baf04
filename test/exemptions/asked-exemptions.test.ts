import { describe, expect, test } from '@jest/globals';
import { askedExemptions } from '../../lambda/exemptions/asked-exemptions.ts';
import { createPodFold } from '../../lambda/inventory/fold.ts';
import type { PodRecord } from '../../lambda/inventory/pod.ts';
import { aPod, aSpec, CLUSTER } from '../support/builders.ts';

const ENTRY = {
  check: 'pod-too-old',
  reason: 'vendor image',
  owner: 'erp@example.com',
  expires: '2027-03-31',
};
const ASKED = JSON.stringify(ENTRY);

const asking = (text: string, facts: Partial<PodRecord> = {}): PodRecord =>
  aPod({ spec: aSpec({ annotations: { 'eks-drift-auditor.dev/exempt': text } }), ...facts });

const NOW = Date.parse('2027-02-01T00:00:00Z');

function askedOf(pods: readonly PodRecord[], accepted = true) {
  const fold = createPodFold({ labelKeys: new Set(), nodes: new Map() });
  for (const pod of pods) fold.add(pod);
  const { classes } = fold.finish(new Map());
  return askedExemptions({ classes, cluster: CLUSTER }, { accepted, knownChecks: ['pod-too-old'], now: NOW });
}

const WEB = { namespace: 'shop', kind: 'Deployment', name: 'web' };

describe('exemptions by annotation', () => {
  test('exemptions by annotation are those that all pods of a workload ask for', () => {
    const pods = [asking(ASKED, { name: 'a' }), asking(ASKED, { name: 'b' })];
    expect(askedOf(pods)).toEqual({
      exemptions: [{ ...ENTRY, container: null, cluster: CLUSTER, workload: WEB }],
      notes: [],
    });
  });

  test.each([
    ['does not ask', aPod({ name: 'b' })],
    ['asks for something else', asking(ASKED.replace('2027', '2028'), { name: 'b' })],
  ])('exemptions by annotation do not count while one pod of the workload %s', (_, other) => {
    const { exemptions, notes } = askedOf([asking(ASKED, { name: 'a' }), other]);
    expect(exemptions).toEqual([]);
    expect(notes).toEqual([
      'The annotation eks-drift-auditor.dev/exempt of shop/Deployment/web is not the same on all of its pods, so it exempts nothing.',
    ]);
  });

  test('exemptions by annotation count although a completed pod is of an older template', () => {
    const completed = aPod({ name: 'b', phase: 'Succeeded', containerStates: [] });
    expect(askedOf([asking(ASKED, { name: 'a' }), completed]).exemptions).toHaveLength(1);
  });

  test('exemptions by annotation apply only to the workload that asks', () => {
    const other = aPod({ owner: { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'db' } });
    expect(askedOf([asking(ASKED), other]).exemptions.map(({ workload }) => workload)).toEqual([WEB]);
  });

  test('exemptions by annotation that cannot be granted are named with the reason', () => {
    const { exemptions, notes } = askedOf([asking('pod-too-old')]);
    expect(exemptions).toEqual([]);
    expect(notes).toEqual([
      expect.stringMatching(
        /^The annotation .* of shop\/Deployment\/web is not JSON.*, so it exempts nothing\.$/,
      ),
    ]);
  });

  test('exemptions by annotation that the configuration does not accept are counted, not granted', () => {
    const { exemptions, notes } = askedOf([asking(ASKED)], false);
    expect(exemptions).toEqual([]);
    expect(notes).toEqual([
      expect.stringMatching(/^1 workload asks .*does not accept \(exemptionAnnotations\)\.$/),
    ]);
  });
});
