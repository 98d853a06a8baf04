import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Arguments of `unshare` for a node: all its mounts and processes end with the first of them. */
export const NODE_NAMESPACES = ['--mount', '--propagation', 'private', '--pid', '--fork', '--kill-child'];

/** Does the least of what a node does: a container's file system, and a control group. */
const PROBE = `set -e
mount -t proc proc /proc
mkdir "$1/lower" "$1/upper" "$1/work" "$1/merged"
mount -t overlay overlay -o "lowerdir=$1/lower,upperdir=$1/upper,workdir=$1/work" "$1/merged"
for groups in /sys/fs/cgroup /sys/fs/cgroup/memory; do
  if [ -e "$groups/cgroup.procs" ]; then
    mkdir "$groups/$2"
    rmdir "$groups/$2"
    exit 0
  fi
done
echo 'no control groups at /sys/fs/cgroup' >&2
exit 1`;

/** Why this machine cannot run a real kubelet and containerd; undefined when it can. */
export async function whyNoRealNode(): Promise<string | undefined> {
  if (process.platform !== 'linux') {
    return `containers need Linux, and this is ${process.platform}`;
  }
  if (process.getuid?.() !== 0) {
    return 'a kubelet needs root';
  }
  const folder = await mkdtemp(join(tmpdir(), 'eks-drift-auditor-probe-'));
  try {
    const group = `eks-drift-auditor-probe-${process.pid}`;
    await run('unshare', [...NODE_NAMESPACES, 'sh', '-c', PROBE, 'probe', folder, group]);
    return undefined;
  } catch (error) {
    const output = (error as { stderr?: string }).stderr?.trim();
    return `this machine allows no mounts, namespaces or control groups of its own (${output || String(error)})`;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** What to tell the person who runs the tests. */
export function withoutRealNode(reason: string): string {
  const line = '*'.repeat(100);
  return `\n${line}\nNO REAL KUBELET IS TESTED: ${reason}.\nOnly the stub kubelets of test/e2e/environment/kubelet.ts are. Run the tests as root on Linux to change that.\n${line}\n\n`;
}
