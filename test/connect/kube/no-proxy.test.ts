import { describe, expect, test } from '@jest/globals';
import { bypassesProxy } from '../../../lambda/connect/kube/no-proxy.ts';

/** After the cases of golang.org/x/net/http/httpproxy (proxy_test.go, UseProxy), which kubectl goes by. */
describe('NO_PROXY', () => {
  test.each([
    ['10.96.0.0/12', '10.96.0.1'],
    ['10.96.0.0/12', '10.111.255.255'],
    ['10.96.0.1', '10.96.0.1'],
    ['10.96.0.1:443', '10.96.0.1'],
    ['2001:db8::/32', '[2001:db8::1]'],
    ['[2001:db8::1]', '[2001:db8:0:0:0:0:0:1]'],
    ['[2001:db8::1]:443', '[2001:db8::1]'],
    ['*', 'anything.example.com'],
    ['eks.amazonaws.com', 'abc.gr7.eu-west-1.eks.amazonaws.com'],
    ['eks.amazonaws.com', 'eks.amazonaws.com'],
    ['.eks.amazonaws.com', 'abc.eks.amazonaws.com'],
    ['*.eks.amazonaws.com', 'abc.eks.amazonaws.com'],
    ['API.Internal:443', 'api.internal'],
    ['localhost, api.internal', 'api.internal'],
  ])('the NO_PROXY value %s reaches %s without the proxy', (noProxy, host) => {
    expect(bypassesProxy(noProxy, { host, port: 443 })).toBe(true);
  });

  test.each([
    ['', 'api.internal'],
    [' , ', 'api.internal'],
    ['10.96.0.0/12', '10.112.0.0'],
    ['10.96.0.0/12', 'api.internal'],
    ['10.96.0.0/33', '10.96.0.1'],
    ['10.96.0.0/', '10.96.0.1'],
    ['10.96.0.1:6443', '10.96.0.1'],
    ['0.0.0.0/0', '[2001:db8::1]'],
    ['.internal', 'internal'],
    ['internal', 'notinternal'],
    ['api.internal:6443', 'api.internal'],
    ['96.0.1', '10.96.0.1'],
  ])('the NO_PROXY value %s leaves %s to the proxy', (noProxy, host) => {
    expect(bypassesProxy(noProxy, { host, port: 443 })).toBe(false);
  });
});
