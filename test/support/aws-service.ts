import { createServer, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { onLoopback } from './on-loopback.ts';

export interface AwsQuestion {
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** An answer as it goes over the wire. `body: null`: none at all, however long one waits. */
export interface AwsAnswer {
  readonly status: number;
  readonly body: string | null;
}

export interface AwsService {
  readonly url: string;
  /** In their order. */
  readonly asked: readonly AwsQuestion[];
  close(): Promise<void>;
}

/** One service of AWS in its own protocol, JSON 1.1. @param answer by the body of the question, and how many were before it */
export async function startAwsService(
  answer: (body: string, before: number) => AwsAnswer,
): Promise<AwsService> {
  const asked: AwsQuestion[] = [];
  const server = createServer(async (request, response) => {
    const question = await text(request);
    const { status, body } = answer(question, asked.length);
    asked.push({ headers: request.headers, body: question });
    if (body !== null) response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(body);
  });
  const { url, close } = await onLoopback(server);
  return { url, asked, close };
}
