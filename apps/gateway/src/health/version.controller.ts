import { Controller, Get, Inject } from '@nestjs/common';
import { VERSION } from '../tokens.js';

@Controller('api/v1/version')
export class VersionController {
  constructor(@Inject(VERSION) private readonly version: string) {}

  @Get()
  get(): { readonly name: string; readonly version: string; readonly node: string } {
    return { name: 'millrace', version: this.version, node: process.version };
  }
}
