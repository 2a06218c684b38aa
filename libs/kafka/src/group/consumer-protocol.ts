import { AssignerProtocol } from 'kafkajs';
import { z } from 'zod';
import { loadReport } from './assigner/load-report.js';

const { MemberAssignment, MemberMetadata } = AssignerProtocol;
const protocolVersion = 0;
const dataVersion = 1;

/** Where the others watch a process, and which one they must find there: `process` is new at each start. */
const liveness = z.object({ address: z.string(), process: z.string() });

/** A process that the receiver of an assignment is to watch. `address`, `liveness.address`: `host:port`. */
const groupPeer = z.object({ memberId: z.string(), instance: z.string(), address: z.string(), liveness });
export type GroupPeer = z.infer<typeof groupPeer>;

const partitionList = z.array(z.number().int().nonnegative());

const directory = z.object({
  version: z.number(),
  members: z.number().int().positive(),
  peers: z.array(groupPeer),
  /** Partitions of this assignment that another member is to have: to be handed over. */
  release: partitionList.optional(),
  /** Somebody is handing over: another rebalance will follow at once. */
  settling: z.boolean().optional(),
});

/** What the group's leader tells each member with its assignment: how many members there are, whom to watch, and what to hand over. */
export type GroupDirectory = Omit<z.infer<typeof directory>, 'version'>;

const memberData = z.object({
  version: z.number(),
  instance: z.string(),
  address: z.string(),
  liveness: liveness.optional(),
  owned: partitionList,
  generation: z.number().int(),
  load: loadReport,
  /** Partitions that it does not get on with: another member should have them. */
  declined: partitionList.optional(),
  /** It hands partitions over when it is told to. */
  handsOver: z.boolean().optional(),
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

/** ConsumerProtocol assignment bytes; the directory is their user data. */
export function encodeAssignment(topic: string, partitions: readonly number[], directory: GroupDirectory): Buffer {
  const userData = Buffer.from(JSON.stringify({ version: dataVersion, ...directory }));
  return MemberAssignment.encode({ version: protocolVersion, assignment: { [topic]: [...partitions] }, userData });
}

/** Undefined where the leader gave none: one of another version, or none of ours. */
export function decodeDirectory(bytes: Buffer): GroupDirectory | undefined {
  try {
    const userData = bytes.length === 0 ? undefined : MemberAssignment.decode(bytes)?.userData;
    return userData && userData.length > 0 ? directory.parse(JSON.parse(userData.toString('utf8'))) : undefined;
  } catch {
    return undefined; // nobody is watched then: the session time-out is the net
  }
}

/** The partitions of one topic, ascending. */
export function decodeAssignment(topic: string, bytes: Buffer): number[] {
  if (bytes.length === 0) return [];
  const partitions = MemberAssignment.decode(bytes)?.assignment[topic] ?? [];
  return [...partitions].sort((a, b) => a - b);
}

/** A member that says where it may be watched; none or one. */
export function watchable({ memberId, memberMetadata }: { memberId: string; memberMetadata: Buffer }): GroupPeer[] {
  const data = decodeMember(memberMetadata);
  return data?.liveness ? [{ memberId, instance: data.instance, address: data.address, liveness: data.liveness }] : [];
}
