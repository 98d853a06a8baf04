import { describe, expect, test } from '@jest/globals';
import type { Check } from '../../lambda/checks/check.ts';
import { imageTagMutable } from '../../lambda/checks/images/image-tag-mutable.ts';
import { debugContainerAttached } from '../../lambda/checks/writable-layer/debug-container-attached.ts';
import { unboundedEmptyDir } from '../../lambda/checks/writable-layer/unbounded-empty-dir.ts';
import { writableHostPath } from '../../lambda/checks/writable-layer/writable-host-path.ts';
import { writableRootFilesystem } from '../../lambda/checks/writable-layer/writable-root-filesystem.ts';
import type { GapReason, Resource } from '../../lambda/inventory/gap.ts';
import type { ContainerType, VolumeFacts } from '../../lambda/inventory/pod.ts';
import { aClass, aContainer, aContext, aSpec } from '../support/builders.ts';

function run(check: Check, facts: Parameters<typeof aClass>[0], missing: readonly Resource[] = []) {
  const subject = aClass(facts);
  return check.evaluate(subject, aContext(subject, { missing }));
}

describe('writable-root-filesystem', () => {
  const withField = (readOnlyRootFilesystem: boolean | null, type: ContainerType = 'container') =>
    run(writableRootFilesystem, {
      spec: aSpec({ containers: [aContainer('app', { readOnlyRootFilesystem, type })] }),
    });

  test('only readOnlyRootFilesystem: true passes, and false and unset are writable', () => {
    expect(withField(true)).toMatchObject([{ verdict: 'pass', container: 'app' }]);
    expect(withField(false)).toMatchObject([
      { verdict: 'fail', evidence: { readOnlyRootFilesystem: false } },
    ]);
    expect(withField(null)).toMatchObject([{ verdict: 'fail', evidence: { readOnlyRootFilesystem: null } }]);
  });

  test.each(['init', 'sidecar', 'ephemeral'] as const)(
    'the root filesystem of %s containers is judged too',
    (type) => {
      expect(withField(null, type)).toMatchObject([{ verdict: 'fail', evidence: { type } }]);
    },
  );

  test('Windows pods are not evaluated, whatever the field says', () => {
    for (const readOnlyRootFilesystem of [true, false, null]) {
      const spec = aSpec({ os: 'windows', containers: [aContainer('app', { readOnlyRootFilesystem })] });
      expect(run(writableRootFilesystem, { spec })).toMatchObject([
        { verdict: 'not-evaluated', reason: 'platform' },
      ]);
    }
  });

  test('when nodes could not be read, a pod that does not name its system does not pass, but still fails', () => {
    const of = (readOnlyRootFilesystem: boolean, os: 'linux' | null) =>
      run(
        writableRootFilesystem,
        { spec: aSpec({ os, containers: [aContainer('app', { readOnlyRootFilesystem })] }) },
        ['nodes'],
      )[0]?.verdict;
    expect(of(true, null)).toBe('not-evaluated');
    expect(of(false, null)).toBe('fail');
    expect(of(true, 'linux')).toBe('pass');
  });

  test('a check that needs unread nodes has the reason why they were not read', () => {
    const subject = aClass({
      spec: aSpec({ os: null, containers: [aContainer('app', { readOnlyRootFilesystem: true })] }),
    });
    const of = (reason: GapReason) =>
      writableRootFilesystem.evaluate(subject, {
        ...aContext(subject, { missing: ['nodes'] }),
        whyMissing: (resource) => ({ resource, reason, message: 'It stalled.', remedy: 'Audit again.' }),
      });
    expect(of('timeout')).toMatchObject([{ reason: 'timeout', remediation: 'Audit again.' }]);
    expect(of('forbidden')).toMatchObject([
      { reason: 'forbidden', remediation: 'Grant list on nodes, or set spec.os.name in the pod.' },
    ]);
  });
});

describe('writable-host-path', () => {
  const volumes: readonly VolumeFacts[] = [
    { type: 'hostPath', name: 'logs', path: '/var/log' },
    { type: 'emptyDir', name: 'tmp', medium: '', sizeLimit: '1Mi' },
  ];
  const atNode = (hostPath: string, recursiveReadOnly?: 'Enabled' | 'IfPossible') =>
    run(writableHostPath, {
      spec: aSpec({
        volumes: [{ type: 'hostPath', name: 'node', path: hostPath }],
        containers: [
          aContainer('app', {
            mounts: [
              {
                volume: 'node',
                path: '/x',
                readOnly: true,
                ...(recursiveReadOnly === undefined ? {} : { recursiveReadOnly }),
              },
            ],
          }),
        ],
      }),
    });

  test.each([
    '/',
    '//',
    '/run',
    '/var/run',
    '/var',
    '/var/lib',
    '/var/lib/',
    '/var/lib/kubelet',
    '/var/lib/kubelet/pods',
    '/var/lib/kubelet/plugins',
    '/run/containerd',
    '/var/run/containerd/',
    '/run/containerd/io.containerd.runtime.v2.task/k8s.io',
    '/var/lib/docker/overlay2',
    '/var/lib/containers',
    '/mnt',
    '/var/../mnt/.',
  ])('%s mounted read-only leaves writable what is mounted below it', (path) => {
    expect(atNode(path)).toMatchObject([
      { verdict: 'fail', evidence: { mounts: [{ hostPath: path, belowOnly: true }] } },
    ]);
    expect(atNode(path, 'Enabled')).toMatchObject([{ verdict: 'pass' }]);
    expect(atNode(path, 'IfPossible')).toMatchObject([{ verdict: 'not-evaluated', container: 'app' }]);
  });

  test('paths below which nothing is mounted need no more than readOnly', () => {
    for (const path of [
      '/var/log',
      '/etc/ssl/certs',
      '/var/libs',
      '/run/xtables.lock',
      '/run/containerd/containerd.sock',
    ])
      expect(atNode(path)).toMatchObject([{ verdict: 'pass' }]);
  });

  test('the message and the remediation name the field', () => {
    expect(atNode('/')).toMatchObject([{ message: expect.stringContaining('recursiveReadOnly') }]);
    expect(writableHostPath.remediation).toContain('recursiveReadOnly: Enabled');
  });

  const mounted = (volume: string, readOnly: boolean) =>
    run(writableHostPath, {
      spec: aSpec({
        volumes,
        containers: [aContainer('app', { mounts: [{ volume, path: '/x', readOnly }] })],
      }),
    });

  test('a hostPath mounted writable fails with both paths', () => {
    expect(mounted('logs', false)).toMatchObject([
      { verdict: 'fail', evidence: { mounts: [{ volume: 'logs', hostPath: '/var/log', mountPath: '/x' }] } },
    ]);
  });

  test('read-only mounts, other volumes and unmounted hostPaths pass', () => {
    expect(mounted('logs', true)).toMatchObject([{ verdict: 'pass' }]);
    expect(mounted('tmp', false)).toMatchObject([{ verdict: 'pass' }]);
    expect(run(writableHostPath, { spec: aSpec({ volumes }) })).toMatchObject([{ verdict: 'pass' }]);
  });
});

describe('unbounded-empty-dir', () => {
  const withDir = (medium: string, sizeLimit: string | null) =>
    run(unboundedEmptyDir, {
      spec: aSpec({ volumes: [{ type: 'emptyDir', name: 'tmp', medium, sizeLimit }] }),
    })[0]?.verdict;

  test('an emptyDir on disk needs a sizeLimit above zero', () => {
    expect(withDir('', null)).toBe('fail');
    expect(withDir('', '0')).toBe('fail');
    expect(withDir('', '0Gi')).toBe('fail');
    expect(withDir('', '0.0')).toBe('fail');
    expect(withDir('', '0e9')).toBe('fail');
    expect(withDir('', '-1Gi')).toBe('fail');
    expect(withDir('', '0.5Gi')).toBe('pass');
    expect(withDir('', '10Mi')).toBe('pass');
    expect(withDir('', '1')).toBe('pass');
  });

  test('an emptyDir in memory is not on disk', () => {
    expect(withDir('Memory', null)).toBe('pass');
    expect(withDir('HugePages-2Mi', null)).toBe('pass');
  });
});

describe('debug-container-attached', () => {
  test('an ephemeral container fails under its own name', () => {
    const spec = aSpec({
      containers: [aContainer(), aContainer('debugger-x', { type: 'ephemeral', image: 'busybox' })],
    });
    expect(run(debugContainerAttached, { spec })).toMatchObject([
      { verdict: 'fail', container: 'debugger-x', evidence: { image: 'busybox' } },
    ]);
  });

  test('a pod without ephemeral containers passes, and a manifest is not applicable', () => {
    expect(run(debugContainerAttached, {})).toMatchObject([{ verdict: 'pass' }]);
    expect(run(debugContainerAttached, { source: 'template' })).toEqual([]);
  });
});

describe('image-tag-mutable', () => {
  const digest = `sha256:${'a1'.repeat(32)}`;
  test.each([
    ['nginx', 'fail'],
    ['nginx:latest', 'fail'],
    ['registry.example.com:5000/team/app', 'fail'],
    ['registry.example.com:5000/team/app:latest', 'fail'],
    [`nginx@${digest}`, 'pass'],
    [`nginx:latest@${digest}`, 'pass'],
    [`registry.example.com:5000/app@${digest}`, 'pass'],
    ['nginx@sha256:short', 'not-evaluated'],
    ['nginx:', 'not-evaluated'],
    [':latest', 'not-evaluated'],
    ['not a reference', 'not-evaluated'],
    [null, 'not-evaluated'],
  ])('%s: %s', (image, verdict) => {
    const spec = aSpec({ containers: [aContainer('app', { image })] });
    expect(run(imageTagMutable, { spec })).toMatchObject([{ verdict, container: 'app' }]);
  });

  test('the check does not apply to other tags, whose mutability is not read', () => {
    const spec = aSpec({
      containers: [aContainer('app', { image: 'nginx:1.27.3' }), aContainer('b', { image: 'b' })],
    });
    expect(run(imageTagMutable, { spec })).toMatchObject([{ verdict: 'fail', container: 'b' }]);
  });
});
