import * as z from 'zod';

const WORD = z.string().optional().catch(undefined);
const REFUSED = z.object({ __type: WORD, code: WORD, Code: WORD, message: WORD, Message: WORD }).catch({});

/**
 * Reads the error of an API that answers in JSON: its code is in the header `x-amzn-errortype` or in the body, each with
 * a namespace before or a URL after it at times.
 * https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html#operation-error-serialization
 *
 * @param service As people call it.
 */
export const jsonRefusal =
  (service: string) =>
  (text: string, status: number, code: string | null): Error => {
    const said = REFUSED.parse(parsed(text));
    const error = new Error(said.message ?? said.Message ?? `${service} answered with HTTP status ${status}`);
    const name = (code ?? said.__type ?? said.code ?? said.Code ?? '')
      .replace(/^.*#/, '')
      .replace(/:.*$/, '');
    error.name = name || (status === 403 ? 'AccessDeniedException' : 'UnknownError');
    return Object.assign(error, { status });
  };

/** A proxy, for example, answers with something else. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
