import pc from 'picocolors';
import type { Severity } from '../../severity.ts';
import type { Look } from '../io.ts';

/** How much room there is and whether colours may be used. Nothing is told by colour alone. */
export type { Look };

export type Paint = (text: string) => string;

export interface Style {
  readonly bold: Paint;
  readonly dim: Paint;
  readonly good: Paint;
  readonly warn: Paint;
  readonly bad: Paint;
  readonly accent: Paint;
  readonly severity: Readonly<Record<Severity, Paint>>;
  /** A severity as a label of eight columns, right-aligned words in a coloured field. */
  readonly label: (severity: Severity) => string;
}

export function styleOf({ color }: Look): Style {
  const c = pc.createColors(color);
  const severity: Style['severity'] = {
    critical: (text) => c.bold(c.red(text)),
    high: c.red,
    medium: c.yellow,
    low: c.blue,
  };
  return {
    bold: c.bold,
    dim: c.dim,
    good: c.green,
    warn: c.yellow,
    bad: c.red,
    accent: c.cyan,
    severity,
    label: (of) => {
      const text = of.toUpperCase().padEnd(8);
      return of === 'critical' ? c.bold(c.inverse(c.red(text))) : severity[of](text);
    },
  };
}
