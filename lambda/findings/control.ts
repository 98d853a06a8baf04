/** A control of a published standard that a check supports, with the source that was read. */
export interface ControlMapping {
  /** Without its version: `PCI DSS`. */
  readonly framework: string;
  /** The edition that was read: `4.0.1`. */
  readonly version: string;
  /** The control's own id or section. */
  readonly control: string;
  readonly source: string;
}

/** As findings name it, the same for every edition of its standard: `PCI DSS 1.3.2`. */
export const controlLabel = ({ framework, control }: Pick<ControlMapping, 'framework' | 'control'>): string =>
  `${framework} ${control}`;
