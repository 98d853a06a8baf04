/** Starts everything with a real node, prints where it is, and waits to be killed. See real-kubelet.e2e.test.ts. */
import { setTimeout as sleep } from 'node:timers/promises';
import { start } from '../environment/environment.ts';
import { realStaticPods } from '../seed/real-pods.ts';

const { realNode } = await start({ realNode: { staticPods: realStaticPods() } });
process.stdout.write(
  `${JSON.stringify({ folder: realNode?.folder, controlGroup: realNode?.controlGroup })}\n`,
);
await sleep(120_000);
