import { AssignerProtocol } from 'kafkajs';
import { z } from 'zod';

const { MemberAssignment, MemberMetadata } = AssignerProtocol;
const protocolVersion = 0;
const dataVersion = 1;

const memberData = z.object({
  version: z.number(),
  instance: z.string(),
  address: z.string(),
  owned: z.array(z.number().int().nonnegative()),
  generation: z.number().int(),
});

/** What a member tells the group about itself, as JSON in the user data of the standard ConsumerProtocol. */
export type MemberData = Omit<z.infer<typeof memberData>, 'version'>;

/** ConsumerProtocol subscription bytes, readable by `kafka-consumer-groups`. */
export function encodeMember(topic: string, data: MemberData): Buffer {
  const userData = Buffer.from(JSON.stringify({ version: dataVersion, ...data }));
  return MemberMetadata.encode({ version: protocolVersion, topics: [topic], userData });
}

/** Undefined for a member that is none of ours, or whose bytes cannot be read. */
export function decodeMember(bytes: Buffer): MemberData | undefined {
  try {
    const userData = MemberMetadata.decode(bytes)?.userData;
    return userData ? memberData.parse(JSON.parse(userData.toString('utf8'))) : undefined;
  } catch {
    return undefined; // a stranger in the group gets its share and claims nothing
  }
}

/** ConsumerProtocol assignment bytes. */
export function encodeAssignment(topic: string, partitions: readonly number[]): Buffer {
  return MemberAssignment.encode({ version: protocolVersion, assignment: { [topic]: [...partitions] }, userData: Buffer.alloc(0) });
}

/** The partitions of one topic, ascending. */
export function decodeAssignment(topic: string, bytes: Buffer): number[] {
  if (bytes.length === 0) return [];
  const partitions = MemberAssignment.decode(bytes)?.assignment[topic] ?? [];
  return [...partitions].sort((a, b) => a - b);
}
