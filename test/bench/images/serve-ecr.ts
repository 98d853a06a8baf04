import { startEcrServer } from '../../support/ecr-server.ts';
import { ACCOUNT, REGION, storedRegistry } from './registry.ts';

/** ECR and Inspector in a process of their own, until standard input ends: `serve-ecr.js --pods IMAGES`. */
const images = Number(process.argv[process.argv.indexOf('--pods') + 1]);
const server = await startEcrServer({
  registries: { [`${ACCOUNT}/${REGION}`]: storedRegistry(images) },
  // As far away as a region's endpoint, where a call asks for it.
  delayMs: ({ accessKey }) => (accessKey.startsWith('AKIASLOW') ? 50 : 0),
});
process.stdout.write(`${JSON.stringify({ server: server.url, ca: '' })}\n`);
process.stdin.resume().on('end', () => void server.close());
