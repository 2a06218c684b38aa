import type { Json } from '#core';

/** The payload of a signal request: the body itself, or what stands under `payload` where that is its only key; null without a body. */
export function signalPayload(body: Json | undefined): Json {
  if (body === undefined) return null;
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return body;
  const keys = Object.keys(body);
  return keys.length === 1 && keys[0] === 'payload' ? ((body as { readonly payload: Json }).payload ?? null) : body;
}
