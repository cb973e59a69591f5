import { Module } from '@nestjs/common';
import { AuthModule } from '../../auth/auth.module.js';
import { CallModule } from '../../call/call.module.js';
import { CallLimitsModule } from '../../throttler/throttler.module.js';
import { McpClientModule } from '../../mcp-client/mcp-client.module.js';
import { ViewModule } from '../../view/view.module.js';
import { AssistantAnswers } from './assistant-answer.service.js';
import { ChatBodies } from './chat-bodies.js';
import { ChatController } from './chat.controller.js';
import { CompletionMaker } from './completion-maker.service.js';
import { Completions } from './completions.service.js';
import { KeptRounds } from './loop/kept-rounds.service.js';
import { ToolLoop } from './loop/tool-loop.service.js';
import { ToolOffers } from './loop/tool-offers.service.js';
import { ToolRuns } from './loop/tool-runs.service.js';
import { ModelList } from './models/model-list.service.js';

/** Models that run the tools, over OpenAI's API. */
@Module({
  imports: [AuthModule, CallModule, CallLimitsModule, McpClientModule, ViewModule],
  controllers: [ChatController],
  providers: [ChatBodies, Completions, CompletionMaker, AssistantAnswers, ModelList, ToolOffers, ToolRuns, ToolLoop, KeptRounds],
})
export class ChatModule {}
