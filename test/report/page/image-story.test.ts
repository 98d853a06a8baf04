import { describe, expect, test } from '@jest/globals';
import { imageStories } from '../../../lambda/report/image-story.ts';
import { anAudited, MONDAY } from '../builders.ts';
import { drifted, mail, old, PROD, writable } from '../golden-parts.ts';
import { pageInput, pageText, sectionText } from './pages.ts';

const place = { namespace: 'payments', name: 'checkout', container: 'app' };
const moved = writable({
  ...place,
  check: 'image-digest-drifted',
  evidence: { image: 'shop/checkout:1', running: 'sha256:a', tagged: 'sha256:b' },
});
const stale = writable({
  ...place,
  check: 'image-scan-stale',
  evidence: { state: 'COMPLETE', scannedAt: '2026-01-02T00:00:00Z', startedAt: '2026-02-12T09:30:00Z' },
});
const age = { ...old({ namespace: 'payments', name: 'checkout' }), container: null };
const all = [age, moved, stale, drifted(place)];

const STORY =
  'Container app: the oldest pod was started on 28 Nov 2025; its tag points at another image now; its image was last scanned on 2 Jan, before the container was started on 12 Feb; it wrote 48 MiB since 12 Feb (31 MiB since 23 Feb), smallest sibling 20 KiB.';

describe('what has become of a container since it was started', () => {
  test('an old pod whose tag moved on, unscanned since it started, with a layer that grew is one sentence', () => {
    expect(imageStories(all, MONDAY)).toEqual([STORY]);
  });

  test('a single finding is no story, and findings of two containers are none together', () => {
    expect(imageStories([age, moved], MONDAY)).toEqual([]);
    expect(imageStories([moved, { ...stale, container: 'other' }], MONDAY)).toEqual([]);
  });

  test.each([
    [{ ...moved, evidence: { tagged: null } }, 'the registry does not have its tag any more'],
    [{ ...stale, evidence: { state: 'NONE', scannedAt: null } }, 'no scan of its image is known'],
    [
      { ...stale, evidence: { state: 'SCAN_ELIGIBILITY_EXPIRED', scannedAt: null } },
      'its image is not scanned any more',
    ],
    [
      { ...moved, check: 'image-too-old', evidence: { pushedAt: '2025-01-02T00:00:00Z', cached: true } },
      'its image is at least as old as 2 Jan 2025',
    ],
    [
      { ...moved, check: 'image-too-old', evidence: { pushedAt: '2025-01-02T00:00:00Z', cached: false } },
      'its image was pushed on 2 Jan 2025',
    ],
    [{ ...moved, check: 'image-without-sbom', evidence: {} }, 'the registry has no SBOM of its image'],
  ])('%# says what is known', (finding, text) => {
    expect(imageStories([finding, drifted(place)], MONDAY).join()).toContain(text);
  });

  test('evidence of another version that does not say it leaves the message of its finding', () => {
    const stories = imageStories(
      [{ ...stale, evidence: {}, message: 'Its scan is old.' }, drifted(place)],
      MONDAY,
    );
    expect(stories.join()).toContain('Container app: Its scan is old; it wrote 48 MiB');
  });

  test('the page tells it once among what drifted, and in the card of the workload', () => {
    const page = pageText(pageInput(mail([anAudited(PROD, all)])));
    expect(sectionText(page, 'worst')).toContain(STORY);
    const drift = sectionText(page, 'drift');
    expect(drift).toContain(STORY);
    expect(drift.match(/checkout/g)).toHaveLength(1);
  });

  test('where there is no story each finding keeps its own row', () => {
    const page = pageText(pageInput(mail([anAudited(PROD, [moved, { ...stale, container: 'other' }])])));
    expect(sectionText(page, 'drift').match(/container (app|other)/g)).toHaveLength(2);
  });
});
