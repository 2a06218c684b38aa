import { createHash } from 'node:crypto';

/** Who writes a part file. Only this attempt's owner may: the epoch is part of the name, so a zombie writes to its own. */
export interface PartOwner {
  readonly executionId: string;
  readonly nodeId: string;
  readonly epoch: string;
}

const maxNameBytes = 240;

/** Part files of one node of one execution begin with this, whatever their epoch. */
export function partPrefix(targetName: string, owner: Omit<PartOwner, 'epoch'>): string {
  const readable = `${targetName}.${nameSafe(owner.executionId)}.${nameSafe(owner.nodeId)}.`;
  if (Buffer.byteLength(readable) <= maxNameBytes - 40) return readable;
  return `${createHash('sha256').update(readable).digest('hex').slice(0, 32)}.`;
}

/** The name of this owner's own part file. */
export function partName(targetName: string, owner: PartOwner): string {
  return `${partPrefix(targetName, owner)}${nameSafe(owner.epoch)}.part`;
}

/** Ids may hold dots and colons: percent signs keep two different owners from sharing a name. */
function nameSafe(id: string): string {
  return id.replace(/[^A-Za-z0-9_-]/g, (character) => `%${(character.codePointAt(0) ?? 0).toString(16)}`);
}
