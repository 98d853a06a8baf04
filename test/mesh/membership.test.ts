import { describe, expect, test } from '@jest/globals';
import type { Labels } from '../../lambda/inventory/names.ts';
import { createMesh } from '../../lambda/mesh/mesh.ts';
import { aContainer } from '../support/builders.ts';
import { aMember, aMesh, anEntry, type Meshed, proxy } from './builders.ts';

const STATUS = 'sidecar.istio.io/status';
const TEMPLATES = 'inject.istio.io/templates';
const app = aContainer();

const of = (meshed: Meshed, namespace?: Labels) => {
  const subject = aMember(meshed);
  // Something else in the cluster speaks of a mesh.
  return aMesh({
    classes: [subject],
    mesh: [anEntry()],
    namespaces: namespace === undefined ? {} : { shop: namespace },
  }).membership(subject);
};

describe('how pods are in a mesh', () => {
  test('a pod with a sidecar, native or not, is in the mesh of the control plane that its annotation names', () => {
    expect(of({})).toEqual({ mode: 'sidecar', revision: 'default' });
    expect(of({ containers: [proxy('sidecar'), app] })).toEqual({
      mode: 'native-sidecar',
      revision: 'default',
    });
    expect(of({ annotations: { [STATUS]: '{"revision":"1-28"}' } })).toEqual({
      mode: 'sidecar',
      revision: '1-28',
    });
    expect(of({ annotations: { [STATUS]: '{"containers":["istio-proxy"]}' } })).toEqual({
      mode: 'sidecar',
      revision: 'default',
    });
  });

  test.each(['', '{', '[]', 'null', '7', '{"revision":7}', `{"revision":"${'x'.repeat(9000)}"}`])(
    'a sidecar has an unknown control plane where the annotation is %j',
    (status) => {
      expect(of({ annotations: { [STATUS]: status } })).toEqual({ mode: 'sidecar', revision: null });
    },
  );

  test('a standalone proxy is not a sidecar: gateway, waypoint, ztunnel', () => {
    expect(of({ containers: [proxy()] }).mode).toBe('proxy');
    expect(of({ containers: [app, proxy()], annotations: { [TEMPLATES]: 'gateway' } }).mode).toBe('proxy');
  });

  test('an init container of that name that ends is not a sidecar, nor is a container of another name', () => {
    expect(of({ containers: [proxy('init'), app] }).mode).toBe('none');
    expect(of({ containers: [app, aContainer('istio-proxy-2')] }).mode).toBe('none');
  });

  test('a pod is unknown with an unknown template, or with an announced sidecar that is missing', () => {
    expect(of({ annotations: { [TEMPLATES]: 'grpc-agent' } }).mode).toBe('unknown');
    expect(of({ annotations: { [TEMPLATES]: 'sidecar,custom' } }).mode).toBe('sidecar');
    expect(of({ containers: [app], annotations: { [STATUS]: '{}' } }).mode).toBe('unknown');
  });

  test('a pod is unknown where the namespaces could not be read and nothing else decides', () => {
    const gaps = [
      { resource: 'namespaces', reason: 'forbidden', message: 'They are not read.', remedy: 'Grant it.' },
    ] as const;
    const without = (meshed: Meshed) => {
      const subject = aMember(meshed);
      return createMesh({
        classes: [subject],
        mesh: [anEntry()],
        meshConfigs: new Map(),
        namespaces: new Map(),
        gaps,
      }).membership(subject);
    };
    expect(without({ containers: [app] })).toMatchObject({
      mode: 'unknown',
      because: { reason: 'forbidden', message: 'They are not read.' },
    });
    expect(without({}).mode).toBe('sidecar');
    expect(without({ containers: [app], hostNetwork: true }).mode).toBe('none');
    const none = { 'istio.io/dataplane-mode': 'none' };
    expect(without({ containers: [app], labels: none }).mode).toBe('none');
  });

  test('a pod is ambient by the annotation, or by a label of the pod before that of its namespace', () => {
    const containers = [app];
    const ambient = { 'istio.io/dataplane-mode': 'ambient' };
    const none = { 'istio.io/dataplane-mode': 'none' };
    expect(of({ containers, annotations: { 'ambient.istio.io/redirection': 'enabled' } }).mode).toBe(
      'ambient',
    );
    expect(of({ containers, labels: ambient }).mode).toBe('ambient');
    expect(of({ containers }, ambient).mode).toBe('ambient');
    expect(of({ containers, labels: none }, ambient).mode).toBe('none');
    expect(of({ containers, hostNetwork: true }, ambient).mode).toBe('none');
    expect(of({}, ambient).mode).toBe('sidecar');
    expect(of({ containers }).mode).toBe('none');
  });
});

describe('a manifest', () => {
  const template = (labels: Labels, namespace?: Labels, annotations?: Labels) =>
    of(
      { containers: [app], labels, facts: { source: 'template' }, ...(annotations ? { annotations } : {}) },
      namespace,
    );

  test('a manifest gets a sidecar where the pod or its namespace asks for it', () => {
    expect(template({ 'sidecar.istio.io/inject': 'true' }).mode).toBe('sidecar');
    expect(template({}, { 'istio-injection': 'enabled' })).toEqual({ mode: 'sidecar', revision: 'default' });
    expect(template({}, { 'istio.io/rev': 'canary' })).toEqual({ mode: 'sidecar', revision: 'canary' });
  });

  test('a manifest belongs to the default revision where its namespace has istio-injection, whatever revision is named', () => {
    const both = { 'istio-injection': 'enabled', 'istio.io/rev': 'canary' };
    expect(template({}, both)).toEqual({ mode: 'sidecar', revision: 'default' });
    expect(template({ 'istio.io/rev': 'stable' }, both)).toEqual({ mode: 'sidecar', revision: 'default' });
    const injected = { 'istio-injection': 'enabled' };
    expect(template({ 'istio.io/rev': 'stable' }, injected)).toEqual({
      mode: 'sidecar',
      revision: 'default',
    });
  });

  test("a manifest belongs to its namespace's revision before its own", () => {
    const canary = { 'istio.io/rev': 'canary' };
    expect(template({ 'istio.io/rev': 'stable' }, canary)).toEqual({ mode: 'sidecar', revision: 'canary' });
    expect(template({ 'istio.io/rev': 'stable' }, {})).toEqual({ mode: 'sidecar', revision: 'stable' });
  });

  test('a manifest gets no sidecar where its namespace disables injection, whatever the pod asks for', () => {
    const disabled = { 'istio-injection': 'disabled' };
    expect(template({ 'sidecar.istio.io/inject': 'true' }, disabled).mode).toBe('none');
    expect(template({ 'istio.io/rev': 'canary' }, disabled).mode).toBe('none');
  });

  test('a manifest gets no sidecar by an annotation alone, which no webhook selects', () => {
    const asks = { 'sidecar.istio.io/inject': 'true' };
    expect(template({}, {}, asks).mode).toBe('none');
    expect(template({}, { 'istio-injection': 'enabled' }, asks).mode).toBe('sidecar');
    expect(template({}, { 'istio-injection': 'enabled' }, { 'sidecar.istio.io/inject': 'false' }).mode).toBe(
      'none',
    );
    expect(template({}, undefined, asks).mode).toBe('unknown');
  });

  test('a manifest gets no sidecar where the pod or the namespace disables it, or neither asks for it', () => {
    expect(template({ 'sidecar.istio.io/inject': 'false' }, { 'istio-injection': 'enabled' }).mode).toBe(
      'none',
    );
    expect(template({}, { 'istio-injection': 'disabled', 'istio.io/rev': 'canary' }).mode).toBe('none');
    expect(template({}, {}).mode).toBe('none');
    // The label goes before the annotation.
    const asks = { 'sidecar.istio.io/inject': 'true' };
    expect(template({ 'sidecar.istio.io/inject': 'false' }, {}, asks).mode).toBe('none');
  });

  test('a manifest is unknown where its namespace was not read, unless nothing indicates a mesh', () => {
    expect(template({}).mode).toBe('unknown');
    const subject = aMember({ containers: [app], facts: { source: 'template' } });
    expect(aMesh({ classes: [subject] }).membership(subject).mode).toBe('none');
    const other = aMember({ namespace: 'other' });
    expect(aMesh({ classes: [subject, other] }).membership(subject).mode).toBe('unknown');
    const namespaces = { other: { 'istio-injection': 'enabled' } };
    expect(aMesh({ classes: [subject], namespaces }).membership(subject).mode).toBe('unknown');
  });
});
