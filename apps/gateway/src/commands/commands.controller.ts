import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { CommandOutcome, ReadModel } from '#projection';
import { mintedAt } from '#protocol';
import { ApiError } from '../errors/api-error.js';
import { param } from '../http/input.js';
import { markLag } from '../http/read-marks.js';
import { commandId } from '../http/schemas.js';
import { COMMANDS, READ_MODEL } from '../tokens.js';
import type { CommandGateway } from './command-gateway.js';

/** A command id that carries its birth is taken for pending this long although nobody has seen its outcome. */
const pendingForMs = 3_600_000;

/** What became of a command: for callers that were told `outcome: "unknown"`, or that asked to be answered at once. */
@Controller('api/v1/commands')
export class CommandsController {
  constructor(
    @Inject(COMMANDS) private readonly commands: CommandGateway,
    @Inject(READ_MODEL) private readonly readModel: ReadModel,
  ) {}

  @Get(':commandId')
  async get(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<unknown> {
    const id = param(request, 'commandId', commandId);
    await markLag(reply, this.readModel);
    const outcome = await this.readModel.command(id);
    if (outcome) return outcomeBody(outcome);
    const workflowId = this.commands.sentFor(id);
    if (workflowId !== undefined) return { commandId: id, workflowId, status: 'pending' };
    if (Date.now() - (mintedAt(id) ?? 0) < pendingForMs) return { commandId: id, status: 'pending' };
    throw new ApiError('COMMAND_UNKNOWN', `no outcome of a command ${JSON.stringify(id)} is known, nor was it sent by this gateway lately`);
  }
}

function outcomeBody(outcome: CommandOutcome): unknown {
  const { at, ...rest } = outcome;
  return { ...rest, at: new Date(at).toISOString() };
}
