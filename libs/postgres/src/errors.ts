import { FatalError, TransientError } from '#runtime';

/** SQLSTATE classes and codes that may pass: connection, resources, operator intervention, serialisation, lock time-out. */
const transientClasses = ['08', '53', '57', '58', '40'];
const transientCodes = ['55P03', '3D000', '25006', '25P03'];
/** What node-postgres and the socket say without an SQLSTATE. */
const transientErrnos = ['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'ENOTFOUND', 'EAI_AGAIN'];

/**
 * Every error of the database and its driver, as the runtime's two kinds. `TransientError`: it cannot be asked now, ask again.
 * `FatalError` with code `POSTGRES_<SQLSTATE>`: asking again would fail the same way. `doing` names what was tried.
 */
export function postgresError(error: unknown, doing: string): TransientError | FatalError {
  if (error instanceof TransientError || error instanceof FatalError) return error;
  const message = `Postgres, while ${doing}: ${error instanceof Error ? error.message || error.name : String(error)}`;
  const code = codeOf(error);
  return isTransient(code) ? new TransientError(message, { cause: error }) : new FatalError(`POSTGRES_${code}`, message, { cause: error });
}

/** Without an SQLSTATE the server has not answered: a lost or timed-out connection. */
function isTransient(code: string | undefined): boolean {
  if (code === undefined || transientErrnos.includes(code) || transientCodes.includes(code)) return true;
  return /^[0-9A-Z]{5}$/.test(code) ? transientClasses.includes(code.slice(0, 2)) : true;
}

function codeOf(error: unknown): string | undefined {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : undefined;
}
