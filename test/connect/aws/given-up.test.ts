import { createServer } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import { describe, expect, test } from '@jest/globals';
import { openAwsAccess } from '../../../lambda/connect/aws/access.ts';
import { openKmsKey } from '../../../lambda/connect/aws/kms-sign.ts';
import { openS3 } from '../../../lambda/connect/aws/s3-client.ts';
import { openHubImports } from '../../../lambda/connect/aws/security-hub.ts';
import { hubCredentials as credentials } from '../../support/aws-server.ts';
import { closedAfterEach } from '../../support/closed-after-each.ts';
import { onLoopback } from '../../support/on-loopback.ts';

/**
 * The process of a function outlives its invocation: what it has given up must not be asked again by itself in the next
 * one, where it would write what is out of date.
 */
const region = 'eu-west-1';
const KEY = `arn:aws:kms:${region}:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab`;
/** Longer than the pause before the next attempt. */
const LATER_MS = 1500;

const closing = closedAfterEach();

/** Answers nothing, or that it is overloaded, which is worth another attempt. */
async function aService(answer: 'overloaded' | 'nothing') {
  let [asked, begun] = [0, (): void => {}];
  const first = new Promise<void>((resolve) => {
    begun = resolve;
  });
  const server = createServer((request, response) => {
    asked++;
    request.resume().on('end', () => {
      if (answer === 'overloaded') response.writeHead(503).end();
      begun();
    });
  });
  const { url, close } = await onLoopback(server);
  closing.push(close);
  return { url, first, asked: () => asked };
}

interface Client {
  readonly ask: () => Promise<unknown>;
  readonly close: () => void;
}

const CLIENTS: Readonly<Record<string, (endpoint: string) => Client>> = {
  s3: (endpoint) => {
    const client = openS3({ region, endpoint, credentials });
    return {
      ask: () => client.send(new GetObjectCommand({ Bucket: 'reports', Key: 'state' })),
      close: () => client.destroy(),
    };
  },
  sts: (endpoint) => {
    const access = openAwsAccess({ region, endpoint, credentials });
    return { ask: () => access.account({ role: null, accountId: null }), close: () => access.close() };
  },
  kms: (endpoint) => {
    const key = openKmsKey({ keyArn: KEY, endpoint, credentials });
    return { ask: () => key.sign(new Uint8Array(32)), close: () => key.close() };
  },
  securityhub: (endpoint) => {
    const hub = openHubImports({ region, endpoint, credentials });
    return { ask: () => hub.importFindings([{}]), close: () => hub.close() };
  },
};

describe.each(Object.keys(CLIENTS))('a client of %s that is closed', (name) => {
  test.each(['overloaded', 'nothing'] as const)(
    'ends a request under way, and asks no more (%s)',
    async (answer) => {
      const { url, first, asked } = await aService(answer);
      const client = CLIENTS[name]?.(url) as Client;
      const outcome = client.ask().then(
        () => 'answered',
        () => 'failed',
      );
      await first;
      client.close();
      expect(await outcome).toBe('failed');
      const before = asked();
      await delay(LATER_MS);
      expect([before, asked()]).toEqual([1, 1]);
    },
  );
});

test('a request whose time is up is not tried again', async () => {
  const { url, first, asked } = await aService('overloaded');
  const over = new AbortController();
  const access = openAwsAccess({ region, endpoint: url, credentials, signal: over.signal });
  closing.push(() => access.close());
  const outcome = access.account({ role: null, accountId: null }).catch((error: Error) => error.message);
  await first;
  over.abort(new Error('the time is up'));
  expect(await outcome).toContain('the time is up');
  await delay(LATER_MS);
  expect(asked()).toBe(1);
});
