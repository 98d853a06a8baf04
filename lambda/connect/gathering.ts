import type { Socket } from 'node:net';
import { buildConnector } from './undici.ts';

/** Bytes that are handed on at once at most; a connection has memory for twice as many. */
export const GATHERED = 128 * 1024;

/**
 * Connects as undici does by itself, and hands its parser few large pieces instead of many small ones.
 *
 * TLS delivers records of at most 16 KiB (https://www.rfc-editor.org/rfc/rfc8446#section-5.1). Each would cost
 * memory of its own, a turn of the stream and one of the parser: half of the CPU time of a download. `onread` of
 * a socket has them written into memory that we own (https://nodejs.org/api/net.html#new-netsocketoptions, for TLS
 * since https://github.com/nodejs/node/pull/35753); what came in one turn of the event loop is then pushed into the
 * same socket's stream.
 *
 * For handlers that copy each part of a body when it comes, because its memory is used again.
 */
export function gatheringConnector(options: buildConnector.BuildOptions): buildConnector.connector {
  return (target, callback) => {
    const { onread, attach } = gathering();
    const connect = buildConnector({ ...options, onread });
    connect(target, (...outcome) => {
      if (outcome[0] === null) attach(outcome[1]);
      callback(...outcome);
    });
  };
}

function gathering() {
  let memory = Buffer.allocUnsafeSlow(GATHERED);
  let other = Buffer.allocUnsafeSlow(GATHERED);
  /** Of what was gathered and not yet handed on. */
  let start = 0;
  let end = 0;
  let handOn = (): void => undefined;
  let waiting = (): number => 0;
  let turn: NodeJS.Immediate | null = null;
  const endTurn = (): void => {
    turn = null;
    handOn();
  };

  /** Begins on the half that was full before; on new memory where the reader has yet to take from that one. */
  const turnOver = (isFree: boolean): void => {
    [memory, other] = [isFree ? other : Buffer.allocUnsafeSlow(GATHERED), memory];
    start = 0;
    end = 0;
  };

  return {
    /** Before the first byte of an answer: a connector calls back as soon as the handshake is done. */
    attach(socket: Socket): void {
      const push = socket.push.bind(socket);
      waiting = () => socket.readableLength;
      handOn = () => {
        if (start === end) return;
        const piece = memory.subarray(start, end);
        start = end;
        push(piece);
      };
      // Node.js itself pushes the end of the stream, behind which nothing may follow.
      socket.push = (chunk, encoding) => {
        handOn();
        return push(chunk, encoding);
      };
    },
    onread: {
      buffer: () => memory.subarray(end),
      callback(size: number): boolean {
        end += size;
        // The first of a turn goes on at once: small answers do not wait, and undici sees bytes that nobody
        // asked for before it sends the next request (https://github.com/nodejs/undici/security/advisories/GHSA-35p6-xmwp-9g52).
        if (turn === null || end === GATHERED) handOn();
        turn ??= setImmediate(endTurn);
        // What waits are the last bytes that were pushed. Not more than one half of them, so none in the other
        // half. Nor does the parser's view of an unfinished head (16 KiB at most) reach that far back.
        const keepsUp = waiting() <= GATHERED;
        if (end === GATHERED) turnOver(keepsUp);
        return keepsUp;
      },
    },
  };
}
