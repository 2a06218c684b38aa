import { existsSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const periodUs = 10_000;
const v1 = '/sys/fs/cgroup/cpu';
const v2 = '/sys/fs/cgroup';

/** A control group of its own for one process: at most so many cores, in periods of 10 ms (kernel documentation, sched-bwc and cgroup-v2). */
export class CpuCap {
  private constructor(private readonly path: string) {}

  /** Puts a running process, with all its threads, under the cap. Needs root and a writable cpu controller. */
  static of(pid: number, cores: number): CpuCap {
    const isV1 = existsSync(join(v1, 'cpu.cfs_quota_us'));
    const path = join(isV1 ? v1 : v2, `millrace-bench-${pid}`);
    try {
      mkdirSync(path);
      const quota = Math.round(periodUs * cores);
      if (isV1) {
        writeFileSync(join(path, 'cpu.cfs_period_us'), String(periodUs));
        writeFileSync(join(path, 'cpu.cfs_quota_us'), String(quota));
      } else writeFileSync(join(path, 'cpu.max'), `${quota} ${periodUs}`);
      writeFileSync(join(path, 'cgroup.procs'), String(pid));
    } catch (error) {
      throw new Error(`capping a process needs root and the cpu controller of cgroups: ${String(error)}`);
    }
    return new CpuCap(path);
  }

  /** Once the process has ended; one that lives keeps its group. */
  remove(): void {
    rmdirSync(this.path);
  }
}
