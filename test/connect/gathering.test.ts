import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { setImmediate as turn, setTimeout as wait } from 'node:timers/promises';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import { Worker } from 'node:worker_threads';
import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { GATHERED, gatheringConnector } from '../../lambda/connect/gathering.ts';
import { type KubeApi, openKubeApi } from '../../lambda/connect/kube-api.ts';
import { TransientReadError } from '../../lambda/connect/transport-errors.ts';
import { type Authority, anAuthority } from '../support/certificates.ts';

let authority: Authority;
let identity: TlsOptions;
const cleanups: (() => void | Promise<void>)[] = [];

beforeAll(async () => {
  authority = await anAuthority();
  identity = await authority.issue({ commonName: 'api' });
});

afterEach(async () => {
  // Clients before servers.
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

interface RawServer {
  readonly url: string;
  readonly port: number;
  /** Connections below TLS, in order. */
  readonly connections: readonly Socket[];
}

/** A server that is given every byte to send, by the path that is asked for. */
async function serve(
  tls: TlsOptions | null,
  answer: (path: string, socket: Socket) => void,
): Promise<RawServer> {
  const connections: Socket[] = [];
  const talk = (socket: Socket): void => {
    let asked = '';
    socket.on('error', () => undefined);
    socket.on('data', (part) => {
      asked += part.toString('latin1');
      if (!asked.endsWith('\r\n\r\n')) return;
      const path = asked.split(' ')[1] ?? '';
      asked = '';
      answer(path, socket);
    });
  };
  const server: Server = tls === null ? createServer(talk) : createTlsServer({ ...identity, ...tls }, talk);
  server.on('connection', (socket: Socket) => connections.push(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanups.push(async () => {
    for (const socket of connections) socket.destroy();
    server.close();
    await once(server, 'close');
  });
  const { port } = server.address() as AddressInfo;
  return { url: `${tls === null ? 'http' : 'https'}://127.0.0.1:${port}`, port, connections };
}

function open(server: string): KubeApi {
  const credentials = async () => ({ headers: {}, tls: { ca: authority.ca } });
  const api = openKubeApi({ server, credentials });
  cleanups.push(() => api.close());
  return api;
}

/** Bytes that tell where they belong. */
function bytes(size: number, seed = 0): Buffer {
  const words = Uint32Array.from({ length: Math.ceil(size / 4) }, (_, index) =>
    Math.imul(index + seed * 7919, 2654435761),
  );
  return Buffer.from(words.buffer).subarray(0, size);
}

/** One connection, without the parser behind it. */
function connected(port: number, protocol: string, then = (_: Socket): void => undefined): Promise<Socket> {
  return new Promise((resolve, reject) => {
    gatheringConnector({ ca: authority.ca })(
      { hostname: '127.0.0.1', port: String(port), protocol },
      (...[error, socket]) => {
        if (error !== null) return reject(error);
        cleanups.push(() => void socket.destroy());
        then(socket);
        resolve(socket);
      },
    );
  });
}

type Framing = 'length' | 'chunked' | 'end';

/** The whole answer; framed by `end` it is whole when the connection is closed. */
function message(body: Buffer, framing: Framing): Buffer {
  const head = {
    length: `content-length: ${body.length}`,
    chunked: 'transfer-encoding: chunked',
    end: 'connection: close',
  };
  const start = Buffer.from(`HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n${head[framing]}\r\n\r\n`);
  if (framing !== 'chunked') return Buffer.concat([start, body]);
  const chunks = Array.from({ length: Math.ceil(body.length / 7000) }, (_, index) =>
    body.subarray(index * 7000, (index + 1) * 7000),
  );
  return Buffer.concat([
    start,
    ...chunks.flatMap((chunk) => [
      Buffer.from(`${chunk.length.toString(16)}\r\n`),
      chunk,
      Buffer.from('\r\n'),
    ]),
    Buffer.from('0\r\n\r\n'),
  ]);
}

const TRANSPORTS: readonly [string, TlsOptions | null][] = [
  ['TLS 1.3', { minVersion: 'TLSv1.3' }],
  ['TLS 1.2', { maxVersion: 'TLSv1.2' }],
  ['plain HTTP', null],
];

describe.each(TRANSPORTS)('over %s', (_name, tls) => {
  const around = (size: number) => fc.integer({ min: -2, max: 2 }).map((by) => size + by);
  const sizes = fc.oneof(
    fc.nat(300),
    fc.constantFrom(16_384, GATHERED - 16_384, GATHERED, 2 * GATHERED, 3 * GATHERED).chain(around),
    fc.nat(4 * GATHERED),
  );
  const answers = fc.record({
    size: sizes,
    framing: fc.constantFrom<Framing>('length', 'chunked', 'end'),
    /** Where it is cut into writes, in thousandths. */
    cuts: fc.array(fc.nat(999), { maxLength: 5 }),
    /** Whether the writes arrive in turns of their own. */
    slowly: fc.boolean(),
  });

  test('bodies of any size and framing arrive byte for byte, one after the other and several at once', async () => {
    const plan: { message: Buffer; cuts: readonly number[]; slowly: boolean; framing: Framing }[] = [];
    const { url } = await serve(tls, async (path, socket) => {
      const planned = plan[Number(path.slice(1))];
      if (planned === undefined) throw new Error(`nothing is planned for ${path}`);
      const at = [...planned.cuts].sort((a, b) => a - b).map((cut) => (cut * planned.message.length) / 1000);
      for (const [index, cut] of [...at, planned.message.length].entries()) {
        if (planned.slowly) await turn();
        socket.write(planned.message.subarray(index === 0 ? 0 : at[index - 1], cut));
      }
      if (planned.framing === 'end') socket.end();
    });
    const api = open(url);
    const ask = async ({
      size,
      framing,
      ...how
    }: {
      size: number;
      framing: Framing;
      cuts: number[];
      slowly: boolean;
    }) => {
      const body = bytes(size, plan.length);
      const number = plan.push({ ...how, framing, message: message(body, framing) }) - 1;
      const answer = await api.request({ path: `/${number}` });
      expect({ status: answer.status, equal: body.equals(answer.body) }).toEqual({
        status: 200,
        equal: true,
      });
    };
    const batches = fc.array(fc.array(answers, { minLength: 1, maxLength: 3 }), {
      minLength: 1,
      maxLength: 3,
    });
    const property = fc.asyncProperty(batches, async (all) => {
      for (const batch of all) await Promise.all(batch.map(ask));
    });
    await fc.assert(property, { numRuns: 20 });
  });

  test('requests share a connection', async () => {
    const body = bytes(3 * GATHERED);
    const { url, connections } = await serve(tls, (_, socket) => socket.write(message(body, 'length')));
    const api = open(url);
    for (let count = 0; count < 10; count++) {
      expect(body.equals((await api.request({ path: '/' })).body)).toBe(true);
    }
    // The second one may begin before the first connection is known to be free again.
    expect(connections.length).toBeLessThanOrEqual(2);
  });

  test.each([100, GATHERED, GATHERED + 40_000, 3 * GATHERED])(
    'a connection that ends or breaks after %i bytes gives an error that may pass',
    async (size) => {
      const sent = message(bytes(4 * GATHERED), 'length').subarray(0, size);
      const ways: Record<string, (socket: Socket) => void> = {
        '/end': (socket) => socket.end(sent),
        '/break': (socket) => socket.write(sent, () => connections.at(-1)?.resetAndDestroy()),
      };
      const { url, connections } = await serve(tls, (path, socket) => ways[path]?.(socket));
      for (const path of Object.keys(ways)) {
        const request = open(url).request({ path });
        await expect(request).rejects.toThrow(/closed the connection before its answer was complete/);
        await expect(request).rejects.toBeInstanceOf(TransientReadError);
      }
    },
  );

  test('an abort in the middle of a body ends it with its reason, and the next request is answered', async () => {
    const body = bytes(4 * GATHERED);
    let begun = (): void => undefined;
    const { url } = await serve(tls, (path, socket) => {
      const whole = message(body, 'length');
      socket.write(path === '/whole' ? whole : whole.subarray(0, GATHERED + 40_000), begun);
    });
    const api = open(url);
    const abort = new AbortController();
    begun = () => setTimeout(() => abort.abort(new Error('enough')), 20);
    await expect(api.request({ path: '/half', signal: abort.signal })).rejects.toThrow('enough');
    expect(body.equals((await api.request({ path: '/whole' })).body)).toBe(true);
  });

  test('a reader that lags loses nothing, and is not sent everything at once', async () => {
    const sent = bytes(12 * GATHERED);
    const { port } = await serve(tls, (_, socket) => socket.end(sent));
    const socket = await connected(port, tls === null ? 'http:' : 'https:');
    socket.write('GET / HTTP/1.1\r\n\r\n');
    await wait(100);
    expect(socket.readableLength).toBeLessThan(3 * GATHERED);
    let at = 0;
    while (!socket.readableEnded) {
      await wait(1);
      const part: Buffer | null = socket.read(10_000) ?? socket.read();
      if (part === null) continue;
      expect(part.equals(sent.subarray(at, at + part.length))).toBe(true);
      at += part.length;
    }
    expect(at).toBe(sent.length);
  });
});

/** In a thread of its own, for the client must stand still while it sends. */
const SPEAKS_UNASKED = `
  const { parentPort, workerData } = require('node:worker_threads');
  const server = require('node:net').createServer((socket) => {
    socket.write('unasked', () => { Atomics.store(workerData, 0, 1); Atomics.notify(workerData, 0); });
  });
  server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));
`;

// undici looks at an idle connection for one turn of the event loop before it sends the next request.
test('bytes that nobody asked for are seen in the turn in which they come', async () => {
  const sent = new Int32Array(new SharedArrayBuffer(4));
  const server = new Worker(SPEAKS_UNASKED, { eval: true, workerData: sent });
  cleanups.push(async () => void (await server.terminate()));
  const [port] = await once(server, 'message');
  let seen = false;
  const ended = Promise.withResolvers<boolean>();
  await connected(Number(port), 'http:', (socket) => {
    socket.on('readable', () => {
      seen = socket.read() !== null || seen;
    });
    Atomics.wait(sent, 0, 0);
    // The second one is set before the bytes are read, and runs when they were.
    setImmediate(() => setImmediate(() => ended.resolve(seen)));
  });
  expect(await ended.promise).toBe(true);
});
