import { describe, expect, test } from '@jest/globals';
import { mayRunAsRoot } from '../../lambda/checks/writable-layer/root-filesystem.ts';
import { type ImageFacts, imageKey, type Read } from '../../lambda/inventory/images.ts';
import { aContainer, aPod, aSpec, classesOf } from '../support/builders.ts';

const IMAGE = { image: 'registry.example.com/app:1', imageId: 'registry.example.com/app@sha256:aa' };
const WHY = { reason: 'platform', message: 'It is not told.', remedy: 'Wait.' } as const;

function mayBeRoot(user: Read<string> | undefined, settings: object = {}): boolean {
  const container = { ...aContainer('app'), ...IMAGE, ...settings };
  const [subject] = classesOf([aPod({ spec: aSpec({ containers: [container] }) })]);
  if (subject === undefined) throw new Error('one pod is one class');
  const facts: ImageFacts = {
    running: { form: 'none', digest: null },
    repository: WHY,
    cached: WHY,
    pushedAt: WHY,
    ...(user === undefined ? {} : { user }),
  };
  const images = { level: 'sbom-collect', facts: new Map([[imageKey(IMAGE), facts]]) } as const;
  return mayRunAsRoot(subject, container, { images });
}

describe("the image's own user", () => {
  test.each(['1000', '101:101', '65532:0', '00042'])('%s is not root', (value) => {
    expect(mayBeRoot({ value })).toBe(false);
  });

  test.each(['', '0', '00', '0:1000', 'root', 'nginx', '-1'])(
    '"%s" may be root: it is, or its name says nothing of its number',
    (value) => {
      expect(mayBeRoot({ value })).toBe(true);
    },
  );

  test('that is not known may be root', () => {
    expect(mayBeRoot(WHY)).toBe(true);
    expect(mayBeRoot(undefined)).toBe(true);
  });

  test('does not matter where the pod says one', () => {
    expect(mayBeRoot({ value: '1000' }, { runAsUser: 0 })).toBe(true);
    expect(mayBeRoot({ value: '0' }, { runAsUser: 1000 })).toBe(false);
    expect(mayBeRoot({ value: '' }, { runAsNonRoot: true })).toBe(false);
  });
});
