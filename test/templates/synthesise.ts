import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { memberTemplate } from '../../lib/member-template.ts';
import { EVERYTHING, FLEET, hub, withEndpoints } from '../lib/deployed.ts';

/** Writes what is deployed as templates: the hub with everything off, everything on and as a fleet, and a member. */
export function writeTemplates(folder: string): readonly string[] {
  mkdirSync(folder, { recursive: true });
  const files = {
    'hub-default.template.json': text(''),
    'hub-everything.template.json': text(EVERYTHING),
    'hub-fleet.template.json': text(FLEET),
    'hub-endpoints.template.json': text(withEndpoints(EVERYTHING)),
    'member.template.yaml': memberTemplate(),
  };
  return Object.entries(files).map(([name, content]) => {
    const path = join(folder, name);
    writeFileSync(path, content);
    return path;
  });
}

const text = (yaml: string): string => JSON.stringify(hub(yaml).toJSON(), null, 1);
