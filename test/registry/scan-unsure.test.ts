import { describe, expect, test } from '@jest/globals';
import { imageScanStale } from '../../lambda/checks/images/image-scan-stale.ts';
import { aClass, aContainer, aContext, aSpec, NOW } from '../support/builders.ts';
import { DAY, digestOf, read, running } from './read-from.ts';

const A = digestOf('a');
const IMAGE = running('app:1', A);
const DENIED = { status: 400, code: 'AccessDeniedException' };

/** The verdict on a container that was started yesterday and of whose image a basic scan is known. */
async function verdict({ scannedAt, denied }: { readonly scannedAt: number; readonly denied: boolean }) {
  const scan = { status: 'COMPLETE', completedAt: scannedAt };
  const stored = { digest: A, tags: ['1'], pushedAt: scannedAt, scan };
  const { reading } = await read({ repositories: { app: { images: [stored] } } }, [IMAGE], {
    fail: ({ action }) => (denied && action === 'ecr:GetRegistryScanningConfiguration' ? DENIED : null),
  });
  const startedAt = NOW - DAY;
  const subject = aClass({ spec: aSpec({ containers: [aContainer('app', IMAGE)] }), startedAt });
  const [outcome] = imageScanStale.evaluate(subject, { ...aContext(subject), images: reading });
  return outcome;
}

describe('where it is not known whether Inspector scans, a basic scan', () => {
  test('that is new enough counts: it was made', async () => {
    expect(await verdict({ scannedAt: NOW - 2 * DAY, denied: true })).toMatchObject({ verdict: 'pass' });
  });

  test('that is old accuses nobody: Inspector may have scanned since', async () => {
    const scannedAt = NOW - 90 * DAY;
    expect(await verdict({ scannedAt, denied: false })).toMatchObject({ verdict: 'fail' });
    expect(await verdict({ scannedAt, denied: true })).toMatchObject({
      verdict: 'not-evaluated',
      reason: 'forbidden',
      remediation: expect.stringContaining('ecr:GetRegistryScanningConfiguration'),
    });
  });
});
