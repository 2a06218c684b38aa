import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Controller, Get, Header, Inject } from '@nestjs/common';
import { API_DOCUMENT } from '../tokens.js';

/** Swagger UI's own files, installed with @nestjs/swagger: nothing is loaded from elsewhere. */
const assets = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));

const page = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Millrace API</title><link rel="stylesheet" href="/api/docs/swagger-ui.css"></head>
<body>
<div id="api"></div>
<script src="/api/docs/swagger-ui-bundle.js"></script>
<script src="/api/docs/init.js"></script>
</body>
</html>
`;
const init = `SwaggerUIBundle({ url: '/api/openapi.json', dom_id: '#api', deepLinking: true, validatorUrl: null });\n`;

/** The API's description: for tools at `/api/openapi.json`, for people at `/api/docs`. */
@Controller('api')
export class DocsController {
  constructor(@Inject(API_DOCUMENT) private readonly document: Record<string, unknown>) {}

  @Get('openapi.json')
  openApi(): Record<string, unknown> {
    return this.document;
  }

  @Get('docs')
  @Header('content-type', 'text/html; charset=utf-8')
  docs(): string {
    return page;
  }

  @Get('docs/init.js')
  @Header('content-type', 'text/javascript; charset=utf-8')
  script(): string {
    return init;
  }

  @Get('docs/swagger-ui-bundle.js')
  @Header('content-type', 'text/javascript; charset=utf-8')
  @Header('cache-control', 'public, max-age=3600')
  bundle(): Promise<string> {
    return readFile(join(assets, 'swagger-ui-bundle.js'), 'utf8');
  }

  @Get('docs/swagger-ui.css')
  @Header('content-type', 'text/css; charset=utf-8')
  @Header('cache-control', 'public, max-age=3600')
  style(): Promise<string> {
    return readFile(join(assets, 'swagger-ui.css'), 'utf8');
  }
}
