import { Controller, Get, Header, Post, Req, Res, UseFilters, UseGuards } from '@nestjs/common';
import type { Response } from 'express';
import { Documented } from '../../http/documents/documented.decorator.js';
import { ChatErrorFilter } from './chat-error.filter.js';
import { ChatGuard, CompletionGuard } from './chat.guard.js';
import type { ChatRequest } from './chat-request.js';
import { Completions } from './completions.service.js';
import { chatAnswers, COMPLETION, COMPLETION_SCHEMA, MODELS } from './documented-chat.js';
import { ModelList } from './models/model-list.service.js';

/** OpenAI's API: the models that there are, and completions in which they run tools. */
@Documented(({ ApiBearerAuth, ApiTags }) => [ApiTags('chat'), ApiBearerAuth('bearerAuth')])
@Controller('v1')
@UseFilters(ChatErrorFilter)
export class ChatController {
  constructor(
    private readonly models: ModelList,
    private readonly completions: Completions,
  ) {}

  @Get('models')
  @UseGuards(ChatGuard)
  @Header('Cache-Control', 'no-store')
  @Documented((swagger) => [
    swagger.ApiOperation({ operationId: 'listModels', summary: 'The models that chat with the tools' }),
    ...chatAnswers(swagger, 'The models.', { 'application/json': MODELS }, [400, 401, 500]),
  ])
  async list(): Promise<object> {
    const models = await this.models.all();
    const data = models.map(({ id, name, created, ownedBy }) => ({
      id,
      object: 'model',
      created,
      owned_by: ownedBy,
      ...(name && { name }),
    }));
    return { object: 'list', data };
  }

  @Post('chat/completions')
  @UseGuards(CompletionGuard)
  @Documented((swagger) => [
    swagger.ApiOperation({ operationId: 'createChatCompletion', summary: 'An answer of a model, which runs the tools that it needs' }),
    swagger.ApiBody({ schema: COMPLETION_SCHEMA }),
    ...chatAnswers(swagger, 'The answer, whole or streamed.', COMPLETION, [400, 401, 404, 413, 415, 429, 500, 502, 503, 504]),
  ])
  complete(@Req() request: ChatRequest, @Res() response: Response): Promise<void> {
    return this.completions.answer(request, response);
  }
}
