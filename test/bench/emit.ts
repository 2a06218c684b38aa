import { cpus, totalmem } from 'node:os';

export type Emit = (line: Record<string, unknown>) => void;

/** One JSON line a result on stdout, with the machine in it. */
export const emitLine: Emit = (line) => {
  const machine = { cores: cpus().length, memoryGiB: Math.round(totalmem() / 2 ** 30), node: process.versions.node };
  process.stdout.write(`${JSON.stringify({ at: new Date().toISOString(), ...line, machine })}\n`);
};
