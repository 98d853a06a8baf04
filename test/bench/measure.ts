/** What one case cost, in a process of its own. */
export interface Measurement {
  readonly name: string;
  readonly pods: number;
  /** Milliseconds of the work itself, after the process had started and loaded its code. */
  readonly wallMs: number;
  /** User and system time of all threads during the work, milliseconds. */
  readonly cpuMs: number;
  /** Of the whole process, its start included. */
  readonly processCpuMs: number;
  /** Largest resident set of the process, bytes. */
  readonly peakRss: number;
  /** Bodies as they came, bytes; 0 where nothing was transferred. */
  readonly bytes: number;
  /** Numbers of the case itself. */
  readonly details: Readonly<Record<string, number>>;
}

export interface Cost {
  readonly wallMs: number;
  readonly cpuMs: number;
}

export function startClock(): () => Cost {
  const wall = performance.now();
  const cpu = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(cpu);
    return { wallMs: performance.now() - wall, cpuMs: (user + system) / 1000 };
  };
}

export function processCost(): { processCpuMs: number; peakRss: number } {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  return { processCpuMs: (userCPUTime + systemCPUTime) / 1000, peakRss: maxRSS * 1024 };
}
