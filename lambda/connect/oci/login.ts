import { ReadError } from '../../errors.ts';
import { oneLine } from '../text.ts';
import { httpsGet } from './https-get.ts';
import { type Refused, refused, unusableLogin, wantsLogin } from './refusals.ts';

export interface RegistryLogin {
  readonly username: string;
  readonly password: string;
}

/** Registries on the machine itself have no TLS: https://github.com/distribution/reference and Docker's own rule. */
export const isLocal = (host: string): boolean =>
  /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])(?::\d+)?$/.test(host);

interface Asked extends Omit<Refused, 'withLogin'> {
  /** `null`: anonymous. */
  readonly login: RegistryLogin | null;
  readonly signal: AbortSignal | undefined;
}

const MOST_TOKEN_BYTES = 1024 * 1024;

/**
 * What a registry wants in the header `authorization` before it answers.
 *
 * @param challenge its header `www-authenticate`; https://distribution.github.io/distribution/spec/auth/token/
 * @throws ReadError where it gives no token for this login, or asks for what is not given to it
 */
export async function authorize(
  challenge: string,
  { host, repository, login, signal }: Asked,
): Promise<string> {
  const asked: Refused = { host, repository, withLogin: login !== null };
  const basic = login === null ? null : basicOf(login);
  const [, scheme = '', parameters = ''] = /^([^\s,]+)\s*(.*)$/.exec(challenge) ?? [];
  if (scheme.toLowerCase() === 'basic') {
    if (basic === null) throw wantsLogin(asked, 'it asks for a login');
    return basic;
  }
  const { realm, service } = parametersIn(parameters);
  const url = realm === undefined || !URL.canParse(realm) ? null : new URL(realm);
  if (scheme.toLowerCase() !== 'bearer' || url === null) {
    throw unusableLogin(host, `of an unknown kind (${oneLine(scheme, 40) || 'none'})`);
  }
  // A registry elsewhere has no say in what is asked here, such as the runtime of Lambda, which listens without TLS.
  if (url.protocol !== 'https:' && !(isLocal(host) && isLocal(url.host))) {
    throw unusableLogin(host, `at an address without TLS (${url.host})`);
  }
  if (service !== undefined) url.searchParams.set('service', service);
  url.searchParams.set('scope', `repository:${repository}:pull`);
  const headers = basic === null ? {} : { authorization: basic };
  const { status, body } = await httpsGet({ url, headers, mostBytes: MOST_TOKEN_BYTES, signal });
  if (status !== 200) throw refused(asked, status);
  return `Bearer ${tokenIn(body, url.host)}`;
}

const basicOf = ({ username, password }: RegistryLogin): string =>
  `Basic ${Buffer.from(`${username}:${password}`, 'utf8').toString('base64')}`;

const parametersIn = (text: string): { readonly realm?: string; readonly service?: string } =>
  Object.fromEntries(
    [...text.matchAll(/(\w+)="([^"]*)"/g)].map(([, name = '', value = '']) => [name, value]),
  );

/** The words of a failed parser repeat what it read, which is a secret here. */
function tokenIn(body: Uint8Array, host: string): string {
  const { token, access_token: other } = parsed(body);
  const found = token ?? other;
  if (typeof found === 'string' && found !== '') return found;
  throw new ReadError(
    'server-error',
    `${host} gives no token: it answered with something else.`,
    'Look for a proxy between here and the registry.',
  );
}

function parsed(body: Uint8Array): { readonly token?: unknown; readonly access_token?: unknown } {
  try {
    return Object(JSON.parse(Buffer.from(body).toString('utf8')));
  } catch {
    return {};
  }
}
