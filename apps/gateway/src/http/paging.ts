import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Page } from '#projection';

const defaultLimit = 100;

/** `limit` and `cursor` of a list query, as the read model takes them. */
export function pageOf(query: { readonly limit?: string | undefined; readonly cursor?: string | undefined }): {
  limit: number;
  cursor?: string;
} {
  return {
    limit: query.limit === undefined ? defaultLimit : Number(query.limit),
    ...(query.cursor === undefined ? {} : { cursor: query.cursor }),
  };
}

/** Answers with the items of a page; the next one is named in `Link` and `X-Next-Cursor`. */
export function sendPage<Item>(request: FastifyRequest, reply: FastifyReply, page: Page<Item>): readonly Item[] {
  if (page.nextCursor !== undefined) {
    const url = new URL(request.url, 'http://localhost');
    url.searchParams.set('cursor', page.nextCursor);
    reply.header('Link', `<${url.pathname}${url.search}>; rel="next"`);
    reply.header('X-Next-Cursor', page.nextCursor);
  }
  return page.items;
}
