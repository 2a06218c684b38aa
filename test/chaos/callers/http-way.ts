import type { Answered } from './ledger.js';

/** One HTTP request, as the caller means it. */
export interface HttpCall {
  readonly method: 'POST' | 'PUT' | 'DELETE' | 'GET';
  readonly path: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Default 15 s: a gateway may be restarted, but it must not hang. */
  readonly timeoutMs?: number;
}

/** Sends it once; a connection that fails or takes too long is status 0. Never rejects. */
export async function callHttp(url: string, call: HttpCall): Promise<Answered> {
  const startedAt = Date.now();
  const answered = (status: number, code: string, body: Answered['body']) => ({
    way: 'http' as const,
    at: Date.now(),
    ms: Date.now() - startedAt,
    status,
    code,
    body,
  });
  try {
    const response = await fetch(`${url}${call.path}`, {
      method: call.method,
      headers: { ...(call.body === undefined ? {} : { 'content-type': 'application/json' }), ...call.headers },
      ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
      signal: AbortSignal.timeout(call.timeoutMs ?? 15_000),
    });
    const body = parsed(await response.text());
    const from = response.headers.get('x-read-from');
    return answered(response.status, String(body.code ?? ''), from === null ? body : { ...body, readFrom: from });
  } catch (error) {
    return answered(0, error instanceof Error ? error.name : 'ERROR', { text: `${String(error)} ${String((error as Error).cause ?? '')}` });
  }
}

function parsed(text: string): Record<string, unknown> {
  try {
    const body = JSON.parse(text) as unknown;
    return Array.isArray(body) ? { list: body } : (body as Record<string, unknown>);
  } catch {
    return { text };
  }
}
