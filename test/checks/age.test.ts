import { describe, expect, test } from '@jest/globals';
import { containerTooOld } from '../../lambda/checks/age/container-too-old.ts';
import { podTooOld } from '../../lambda/checks/age/pod-too-old.ts';
import { defaultConfig } from '../../lambda/config/load.ts';
import {
  aClass,
  aContainer,
  aContext,
  aPod,
  aSpec,
  classesOf,
  DAY,
  HOUR,
  MINUTE,
  NOW,
  SECOND,
} from '../support/builders.ts';

const ofPod = (facts: Parameters<typeof aClass>[0]) => {
  const subject = aClass(facts);
  return podTooOld.evaluate(subject, aContext(subject));
};

describe('pod-too-old', () => {
  test('a pod of exactly the limit passes, one millisecond more fails', () => {
    expect(ofPod({ startedAt: NOW - 30 * DAY })).toEqual([{ verdict: 'pass', container: null }]);
    expect(ofPod({ startedAt: NOW - 30 * DAY - 1 })).toMatchObject([
      { verdict: 'fail', evidence: { limitSeconds: 30 * 86_400, oldestAgeSeconds: 30 * 86_400 } },
    ]);
  });

  test('age counts from status.startTime even when the pod was created earlier', () => {
    expect(ofPod({ createdAt: NOW - 90 * DAY, startedAt: NOW - DAY })).toMatchObject([{ verdict: 'pass' }]);
  });

  test('without a start time it counts from creation', () => {
    expect(ofPod({ createdAt: NOW - 90 * DAY, startedAt: null })).toMatchObject([{ verdict: 'fail' }]);
  });

  test.each([
    ['is not scheduled', { phase: 'Pending', startedAt: null, nodeName: null }],
    ['waits for its image', { phase: 'Pending' }],
    ['is kept by its finalizers although all its containers have ended', { deletedAt: NOW - DAY }],
  ])('a pod that %s has not run for any time', (_, facts) => {
    const containerStates = [{ container: 'app', running: false, startedAt: null }];
    const old = NOW - 60 * DAY;
    expect(ofPod({ createdAt: old, startedAt: old, containerStates, ...facts })).toEqual([]);
  });

  test('a pod that waits is not counted beside one that runs', () => {
    const waiting = aPod({ name: 'b', phase: 'Pending', startedAt: null, createdAt: NOW - 60 * DAY });
    const [subject] = classesOf([aPod(), { ...waiting, containerStates: [] }]);
    if (!subject) throw new Error('no class');
    expect(podTooOld.evaluate(subject, aContext(subject))).toMatchObject([{ verdict: 'pass' }]);
    expect(subject.population.count).toBe(2);
  });

  test('a pod whose init container runs for days is aged', () => {
    expect(ofPod({ phase: 'Pending', startedAt: NOW - 60 * DAY })).toMatchObject([{ verdict: 'fail' }]);
  });

  test('a container that restarts again and again does not reset the age of its pod', () => {
    const containerStates = [{ container: 'app', running: false, startedAt: null }];
    // While a container waits to be started again, the pod does not run.
    expect(ofPod({ startedAt: NOW - 60 * DAY, containerStates })).toMatchObject([
      { verdict: 'fail', message: 'The oldest pod was started 60d ago; the limit is 30d.' },
    ]);
  });

  test('a pod without a phase and a start time may not have started', () => {
    expect(ofPod({ phase: null, createdAt: NOW - 60 * DAY, startedAt: null })).toMatchObject([
      { verdict: 'not-evaluated', reason: 'field-missing' },
    ]);
  });

  test('a pod without a start time and a creation time is not evaluated', () => {
    expect(ofPod({ createdAt: null, startedAt: null })).toMatchObject([
      { verdict: 'not-evaluated', reason: 'field-missing' },
    ]);
  });

  test.each(['Succeeded', 'Failed'])('a pod that has %s is not aged', (phase) => {
    expect(ofPod({ phase, startedAt: NOW - 90 * DAY })).toEqual([]);
  });

  test('a start time up to five minutes ahead counts as now; beyond that the clocks cannot be relied on', () => {
    expect(ofPod({ startedAt: NOW + 5 * MINUTE })).toMatchObject([{ verdict: 'pass' }]);
    expect(ofPod({ startedAt: NOW + 5 * MINUTE + SECOND })).toMatchObject([
      { verdict: 'not-evaluated', reason: 'clock-skew' },
    ]);
    const [subject] = classesOf([
      aPod({ startedAt: NOW + HOUR }),
      aPod({ name: 'b', startedAt: NOW - 60 * DAY }),
    ]);
    if (!subject) throw new Error('no class');
    expect(podTooOld.evaluate(subject, aContext(subject))).toMatchObject([{ verdict: 'fail' }]);
  });

  test('a manifest has no age', () => {
    expect(ofPod({ source: 'template', startedAt: null, createdAt: null })).toEqual([]);
  });

  test('a static pod is named as such and a terminating one is counted', () => {
    const [outcome] = ofPod({ spec: aSpec({ mirror: true }), startedAt: NOW - 90 * DAY, deletedAt: NOW });
    expect(outcome).toMatchObject({
      evidence: { mirror: true, terminating: 1 },
      message: expect.stringMatching(/^This static pod, which is being deleted, was started 90d ago/),
    });
  });

  test('only the pods over the limit are behind the finding, the five oldest as examples', () => {
    const pods = Array.from({ length: 12 }, (_, i) =>
      aPod({ name: `web-${i}`, startedAt: NOW - (24 + i) * DAY }),
    );
    const [subject] = classesOf(pods);
    if (!subject) throw new Error('no class');
    const [outcome] = podTooOld.evaluate(subject, aContext(subject));
    expect(outcome).toMatchObject({ verdict: 'fail', pods: { count: 5 } });
    const examples = outcome?.verdict === 'fail' ? outcome.pods?.examples : [];
    expect(examples?.map(({ name }) => name)).toEqual(['web-11', 'web-10', 'web-9', 'web-8', 'web-7']);
  });

  test('the strict preset allows 24 hours', () => {
    const subject = aClass({ startedAt: NOW - DAY - SECOND });
    const context = aContext(subject, { config: defaultConfig('strict') });
    expect(podTooOld.evaluate(subject, context)).toMatchObject([{ verdict: 'fail' }]);
  });
});

describe('container-too-old', () => {
  const ofContainers = (facts: Parameters<typeof aClass>[0]) => {
    const subject = aClass(facts);
    return containerTooOld.evaluate(subject, aContext(subject));
  };
  const old = NOW - 90 * DAY;

  test('a container restarted yesterday passes in an old pod, its neighbour does not', () => {
    const spec = aSpec({ containers: [aContainer('app'), aContainer('proxy')] });
    const containerStates = [
      { container: 'app', running: true, startedAt: old },
      { container: 'proxy', running: true, startedAt: NOW - DAY },
    ];
    expect(ofContainers({ startedAt: old, spec, containerStates })).toMatchObject([
      { verdict: 'fail', container: 'app' },
      { verdict: 'pass', container: 'proxy' },
    ]);
  });

  test('a container that was started ahead of time is not decided', () => {
    const containerStates = [{ container: 'app', running: true, startedAt: NOW + HOUR }];
    expect(ofContainers({ containerStates })).toMatchObject([
      { verdict: 'not-evaluated', container: 'app', reason: 'clock-skew' },
    ]);
  });

  test('a container that does not run has no age', () => {
    const containerStates = [{ container: 'app', running: false, startedAt: null }];
    expect(ofContainers({ startedAt: old, containerStates })).toEqual([]);
  });

  test('native sidecars count too', () => {
    const spec = aSpec({ containers: [aContainer('mesh', { type: 'sidecar' }), aContainer('app')] });
    const containerStates = [
      { container: 'mesh', running: true, startedAt: old },
      { container: 'app', running: true, startedAt: NOW },
    ];
    expect(ofContainers({ spec, containerStates })[0]).toMatchObject({
      container: 'mesh',
      verdict: 'fail',
      evidence: { type: 'sidecar' },
    });
  });

  test('a container without a status, or without a start time, is not evaluated', () => {
    for (const running of [null, true]) {
      const containerStates = [{ container: 'app', running, startedAt: null }];
      expect(ofContainers({ containerStates })).toMatchObject([
        { verdict: 'not-evaluated', container: 'app', reason: 'field-missing' },
      ]);
    }
  });
});
