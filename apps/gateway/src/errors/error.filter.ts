import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { InvalidCursorError } from '#projection';
import { TransientError } from '#runtime';
import type { RouteTable } from '../http/route-table.js';
import { ApiError } from './api-error.js';
import type { ErrorCode } from './codes.js';
import { errorBody } from './error-body.js';

/** Where unexpected errors are told: one line each, with the request they broke. */
export type ReportFault = (error: unknown, request: { readonly method: string; readonly url: string }) => void;

/** The one place where errors become HTTP (contract §3). */
@Catch()
export class ErrorFilter implements ExceptionFilter {
  constructor(
    private readonly routes: RouteTable,
    private readonly reportFault: ReportFault,
  ) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    if (reply.sent) return;
    if (isHealthReport(error)) {
      reply.status(error.getStatus()).send(error.getResponse());
      return;
    }
    const apiError = this.#translate(error, request);
    if (apiError.status === 429 || apiError.status === 503) reply.header('Retry-After', '1');
    for (const [name, value] of Object.entries(apiError.context.headers ?? {})) reply.header(name, value);
    reply.status(apiError.status).type('application/json; charset=utf-8').send(errorBody(apiError));
  }

  #translate(error: unknown, request: FastifyRequest): ApiError {
    if (error instanceof ApiError) return error;
    if (error instanceof InvalidCursorError)
      return new ApiError('INVALID_REQUEST', 'cursor: take it from X-Next-Cursor or Link of an earlier page');
    if (error instanceof TransientError)
      return new ApiError('POSTGRES_UNAVAILABLE', `the read model cannot be asked now: ${error.message}`);
    if (error instanceof HttpException) return this.#ofHttp(error, request);
    this.reportFault(error, { method: request.method, url: request.url });
    return new ApiError('INTERNAL', 'something broke inside the gateway; its log has the details');
  }

  /** Nest's and Fastify's own: unknown routes and bodies that could not be read. */
  #ofHttp(error: HttpException, request: FastifyRequest): ApiError {
    const status = error.getStatus();
    if (status === 404) return this.#unknownRoute(request);
    return new ApiError(codeOfStatus[status] ?? (status < 500 ? 'INVALID_REQUEST' : 'INTERNAL'), error.message, { status });
  }

  #unknownRoute(request: FastifyRequest): ApiError {
    const path = request.url.split('?', 1)[0] ?? request.url;
    const allowed = this.routes.methodsOf(path);
    if (allowed.length === 0) return new ApiError('NOT_FOUND', `there is nothing at ${path}; /api/docs lists what there is`);
    const message = `${request.method} is not allowed at ${path}; allowed: ${allowed.join(', ')}`;
    return new ApiError('METHOD_NOT_ALLOWED', message, { headers: { Allow: allowed.join(', ') } });
  }
}

const codeOfStatus: Readonly<Record<number, ErrorCode>> = {
  400: 'INVALID_REQUEST',
  408: 'TIMEOUT',
  413: 'PAYLOAD_TOO_LARGE',
  414: 'URI_TOO_LONG',
  415: 'UNSUPPORTED_MEDIA_TYPE',
  429: 'RESOURCE_EXHAUSTED',
  503: 'SHUTTING_DOWN',
};

/** Terminus reports "not ready" as an exception whose response is the report. */
function isHealthReport(error: unknown): error is HttpException {
  if (!(error instanceof HttpException)) return false;
  const response = error.getResponse();
  return typeof response === 'object' && 'status' in response && 'details' in response;
}
