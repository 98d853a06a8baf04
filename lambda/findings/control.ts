/** A control of a published standard that a check supports, with the source that was read. */
export interface ControlMapping {
  /** e.g. `NSA-CISA Kubernetes Hardening Guide 1.2` */
  readonly framework: string;
  /** The control's own id or section. */
  readonly control: string;
  readonly source: string;
}
