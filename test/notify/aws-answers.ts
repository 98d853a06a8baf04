import { startAwsService } from '../support/aws-service.ts';

export interface AnsweringServer {
  readonly url: string;
  /** Bodies of the requests, in order. */
  readonly requests: readonly Readonly<Record<string, unknown>>[];
  close(): Promise<void>;
}

/** An AWS API in JSON that answers as told: what the AWS test server never does, such as taking half a batch. */
export async function answering(
  answer: (body: Readonly<Record<string, unknown>>, count: number) => { status?: number; body: object },
): Promise<AnsweringServer> {
  const requests: Readonly<Record<string, unknown>>[] = [];
  const { url, close } = await startAwsService((text) => {
    const content = JSON.parse(text || '{}');
    requests.push(content);
    const { status = 200, body } = answer(content, requests.length);
    return { status, body: JSON.stringify(body) };
  });
  return { url, requests, close };
}

export const clientSettings = (endpoint: string) => ({
  region: 'eu-west-1',
  endpoint,
  credentials: async () => ({ accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' }),
  maxAttempts: 1,
});
