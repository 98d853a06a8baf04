import { describe, expect, test } from '@jest/globals';
import { causeText, type SaidCause } from '../../lambda/report/cause-words.ts';
import { aFinding } from '../findings/builders.ts';

const MIB = 1024 ** 2;
const OBJECT = { kind: 'Deployment', namespace: 'shop', name: 'cart', part: 'container app' };
const WRITTEN = {
  bytes: 48 * MIB,
  inodes: 412,
  limitBytes: 10 * MIB,
  since: '2026-11-12T00:00:00.000Z',
  sampledAt: '2026-11-29T06:00:00.000Z',
};

const said = (kind: SaidCause['cause']['kind'], changes: Partial<SaidCause> = {}): string =>
  causeText({ cause: { kind, object: OBJECT }, findings: [], ...changes });

describe('what is wrong, in a line', () => {
  test('a measured layer says what was written, by which container', () => {
    const findings = [aFinding({ check: 'writable-layer-drifted', evidence: WRITTEN })];
    expect(said('drifted', { findings, drifted: true })).toBe(
      'shop/Deployment/cart: wrote 48 MiB since 12 Nov (container app)',
    );
  });

  test('a measured layer whose row does not say how much has changed all the same', () => {
    expect(said('drifted')).toBe('shop/Deployment/cart: changed while running (container app)');
  });

  test('a container that can replace its libraries and has drifted says both first, another cause of it says so last', () => {
    const findings = [aFinding({ check: 'runtime-library-update' })];
    expect(said('writable-root', { findings, drifted: true })).toBe(
      'shop/Deployment/cart: changed while running, can replace its libraries: writable root filesystem (container app)',
    );
    expect(said('not-restarted', { drifted: true })).toBe(
      'shop/Deployment/cart: not restarted (container app), changed while running',
    );
    expect(said('writable-root', { findings })).toBe(
      'shop/Deployment/cart: can replace its libraries: writable root filesystem (container app)',
    );
  });
});
