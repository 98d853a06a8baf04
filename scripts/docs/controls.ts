import { CATALOGUE } from '../../lambda/checks/catalogue.ts';
import { controlLabel } from '../../lambda/findings/control.ts';

/** The mapping of docs/controls.md: which check supports which control, and why. */
export function controlsTable(): string {
  const rows = CATALOGUE.flatMap(({ id, controls }) =>
    controls.map((control) => `| \`${id}\` | ${controlLabel(control)} | ${control.why} |`),
  );
  const without = CATALOGUE.filter(({ controls }) => controls.length === 0).map(
    ({ id, withoutControls }) => `\`${id}\` supports none: ${withoutControls}`,
  );
  return [['| check | control | why it supports it |', '|---|---|---|', ...rows].join('\n'), ...without].join(
    '\n\n',
  );
}
