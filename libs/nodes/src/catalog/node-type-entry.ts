import type { Json, JsonObject, NodeKind } from '#core';
import type { NodePresentation } from '../api/data-node.js';

/** One entry of `GET /api/v1/workflows/node-types` (contract §3). */
export interface NodeTypeEntry {
  readonly type: string;
  readonly displayName: string;
  readonly icon: string;
  readonly category: string;
  readonly description: string;
  readonly config: Readonly<Record<string, ConfigEntry>>;
  readonly configSchema: JsonObject;
}

/** One setting of a node, as a form shows it. */
export interface ConfigEntry {
  readonly type: string;
  readonly required?: boolean;
  readonly default?: Json;
  readonly label: string;
}

export type NodeTypeList = Readonly<Record<NodeKind, readonly NodeTypeEntry[]>>;

export function nodeTypeEntry(node: NodePresentation): NodeTypeEntry {
  const { displayName, icon, category, description, configSchema } = node;
  return { type: node.nodeType, displayName, icon, category, description, config: configOf(configSchema), configSchema };
}

function configOf(schema: JsonObject): Record<string, ConfigEntry> {
  const required = Array.isArray(schema.required) ? schema.required : [];
  return Object.fromEntries(
    Object.entries(asObject(schema.properties)).map(([key, property]) => [
      key,
      configEntry(key, asObject(property), required.includes(key)),
    ]),
  );
}

function configEntry(key: string, property: JsonObject, required: boolean): ConfigEntry {
  return {
    type: typeOf(property),
    ...(required ? { required } : {}),
    ...(property.default === undefined ? {} : { default: property.default }),
    label: typeof property.title === 'string' ? property.title : key,
  };
}

function typeOf(property: JsonObject): string {
  if (typeof property.type === 'string') return property.type;
  if (Array.isArray(property.type)) return property.type.join('|');
  return Array.isArray(property.enum) ? 'string' : 'any';
}

function asObject(value: Json | undefined): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
}
