import { BlockList, isIP } from 'node:net';

/**
 * Whether `NO_PROXY` says to reach a host directly, by the rules of kubectl: addresses, blocks
 * (CIDR), names with their subdomains, `*`, each but a block perhaps with a port.
 * https://pkg.go.dev/golang.org/x/net/http/httpproxy#Config (NoProxy)
 *
 * @param host as `URL.hostname` gives it
 */
export function bypassesProxy(
  noProxy: string,
  { host, port }: { readonly host: string; readonly port: number },
) {
  const name = unbracketed(host).toLowerCase();
  return noProxy
    .split(',')
    .map((entry) => entry.trim().toLowerCase())
    .some((entry) => entry !== '' && matches(entry, name, port));
}

function matches(entry: string, name: string, port: number): boolean {
  if (entry === '*') return true;
  if (entry.includes('/')) return isIP(name) !== 0 && inBlock(entry, name);
  const [pattern, wantedPort] = splitPort(entry);
  if (wantedPort !== null && wantedPort !== port) return false;
  if (isIP(pattern) !== 0 || isIP(name) !== 0) return sameAddress(pattern, name);
  const suffix = pattern.replace(/^\*?(?=\.)/, '');
  return suffix.startsWith('.') ? name.endsWith(suffix) : name === suffix || name.endsWith(`.${suffix}`);
}

function inBlock(entry: string, address: string): boolean {
  const [network = '', length = ''] = entry.split('/');
  const family = isIP(network) === 6 ? 'ipv6' : 'ipv4';
  if (isIP(network) === 0 || !/^\d{1,3}$/.test(length) || Number(length) > (family === 'ipv6' ? 128 : 32)) {
    return false;
  }
  const list = new BlockList();
  list.addSubnet(network, Number(length), family);
  return list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}

/** Of IPv6 there are several spellings. */
function sameAddress(a: string, b: string): boolean {
  const family = isIP(a);
  if (family === 0 || family !== isIP(b)) return false;
  return inBlock(`${a}/${family === 6 ? 128 : 32}`, b);
}

/** `[::1]:443`, `10.0.0.1:443`, `name:443`; an IPv6 address without brackets has no port. */
function splitPort(entry: string): readonly [string, number | null] {
  if (isIP(entry) === 6) return [entry, null];
  const [, pattern = entry, port] = /^(.*):(\d{1,5})$/.exec(entry) ?? [];
  return [unbracketed(pattern), port === undefined ? null : Number(port)];
}

const unbracketed = (host: string): string => host.replace(/^\[(.*)\]$/, '$1');
