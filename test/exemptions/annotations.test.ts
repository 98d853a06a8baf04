import { describe, expect, it } from '@jest/globals';
import { readExemptAnnotation } from '../../lambda/exemptions/annotations.ts';
import { PROD, ref } from '../findings/builders.ts';

const NOW = Date.parse('2027-01-01T12:00:00Z');

const read = (text: string) =>
  readExemptAnnotation(
    { cluster: PROD, workload: ref('shop/Deployment/cart'), text },
    { knownChecks: ['pod-too-old'], now: NOW },
  );

const ENTRY = { check: 'pod-too-old', reason: 'r', owner: 'o', expires: '2027-03-31' };

describe('an exempt annotation', () => {
  it('an exempt annotation asks for one exemption or several of its own workload', () => {
    const { exemptions, problem } = read(JSON.stringify(ENTRY));
    expect(problem).toBeNull();
    expect(exemptions).toEqual([
      { ...ENTRY, container: null, cluster: PROD, workload: ref('shop/Deployment/cart') },
    ]);
    expect(read(JSON.stringify([ENTRY, { ...ENTRY, container: 'app' }])).exemptions).toHaveLength(2);
  });

  it.each([
    ['pod-too-old', 'is not JSON'],
    ['', 'is not JSON'],
    ['null', 'must be an object with check, reason, owner and expires'],
    [JSON.stringify({ ...ENTRY, owner: undefined }), '0.owner: is required'],
    [
      JSON.stringify({ ...ENTRY, expires: '2027-02-30' }),
      '0.expires: "2027-02-30" is not a day of the calendar.',
    ],
    [JSON.stringify({ ...ENTRY, check: 'pod-too-odl' }), 'did you mean "pod-too-old"?'],
    [
      JSON.stringify({ ...ENTRY, namespace: 'other' }),
      'is not valid at 0: "namespace" is not known; known are check, container, reason, owner, expires.',
    ],
    [JSON.stringify({ ...ENTRY, resaon: 'r' }), '"resaon" is not known; did you mean "reason"?'],
    [JSON.stringify([ENTRY, { ...ENTRY, reason: '' }]), '1.reason: is empty'],
    [JSON.stringify({ ...ENTRY, check: '*' }), 'cannot exempt from every check'],
    [
      JSON.stringify([ENTRY, { ...ENTRY, expires: '2027-04-02' }]),
      'is not valid at 1.expires: an annotation exempts for 90 days at most',
    ],
    [JSON.stringify(Array(21).fill(ENTRY)), 'more than 20'],
    [`"${'x'.repeat(9000)}"`, 'longer than 8192'],
  ])('an exempt annotation asks for nothing when it is %s', (text, problem) => {
    const asked = read(text);
    expect(asked.exemptions).toEqual([]);
    expect(asked.problem).toContain(problem);
  });

  it('an exempt annotation may last 90 days at most', () => {
    expect(read(JSON.stringify({ ...ENTRY, expires: '2027-04-01' })).problem).toBeNull();
  });
});
