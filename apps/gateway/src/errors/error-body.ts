import { STATUS_CODES } from 'node:http';
import type { Json } from '#core';
import type { ApiError } from './api-error.js';

/** The body of every error (contract §3). */
export interface ErrorBody {
  readonly error: string;
  readonly message: string;
  readonly code: string;
  readonly workflowId?: string;
  readonly details?: Json;
  readonly commandId?: string;
  readonly outcome?: 'unknown';
}

/** Renders an ApiError as its body. */
export function errorBody(error: ApiError): ErrorBody {
  const { workflowId, details, commandId, outcome } = error.context;
  return {
    error: STATUS_CODES[error.status] ?? 'Error',
    message: error.message,
    ...(workflowId === undefined ? {} : { workflowId }),
    code: error.code,
    ...(details === undefined ? {} : { details }),
    ...(commandId === undefined ? {} : { commandId }),
    ...(outcome === undefined ? {} : { outcome }),
  };
}
