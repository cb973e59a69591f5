import { Module } from '@nestjs/common';
import { AuthModule } from '../../auth/auth.module.js';
import { CallModule } from '../../call/call.module.js';
import { DiscoveryModule } from '../../discovery/discovery.module.js';
import { CallLimitsModule } from '../../throttler/throttler.module.js';
import { ViewModule } from '../../view/view.module.js';
import { BOUNDS, MCP_BOUNDS } from './bounds.js';
import { Gate } from './http/gate.service.js';
import { LegacyPosts } from './http/legacy-post.service.js';
import { ListenerCount } from './http/listener-count.service.js';
import { ListenStreams } from './http/listen-stream.service.js';
import { McpController } from './http/mcp.controller.js';
import { McpLane } from './http/mcp-lane.service.js';
import { ModernPosts } from './http/modern-post.service.js';
import { ProtectedResourceController } from './http/protected-resource.controller.js';
import { Standing } from './http/standing.service.js';
import { ListReplies } from './lists/list-reply.js';
import { OfferedLists } from './lists/offered-lists.service.js';
import { Changes } from './methods/changes.service.js';
import { CompletionMethods } from './methods/completion.service.js';
import { Greeting } from './methods/greeting.service.js';
import { MergedNames } from './methods/merged-names.js';
import { Methods } from './methods/methods.service.js';
import { PromptMethods } from './methods/prompts.service.js';
import { ResourceMethods } from './methods/resources.service.js';
import { SessionMethods } from './methods/session-methods.service.js';
import { ToolMethods } from './methods/tools.service.js';
import { WatchedResourcesOfServers } from './methods/watched.service.js';
import { Runs } from './runs/runs.service.js';
import { McpSessions } from './session/mcp-sessions.service.js';
import { OpenLinks } from './session/open-links.service.js';
import { FirstLists } from './stdio/first-lists.service.js';
import { StdioFace } from './stdio/stdio-face.service.js';
import { Listening } from './talk/listening.service.js';
import { SessionTalk } from './talk/session-talk.service.js';
import { AskedServers } from './upstream/asked-servers.service.js';
import { VisibleServers } from './upstream/visible-servers.service.js';

/** The gateway as one MCP server, and each server behind it as itself: what is asked (methods/), over HTTP (http/), in sessions (session/) and without (runs/). */
@Module({
  imports: [AuthModule, CallModule, CallLimitsModule, DiscoveryModule, ViewModule],
  controllers: [McpController, ProtectedResourceController],
  providers: [
    { provide: MCP_BOUNDS, useFactory: () => ({ ...BOUNDS }) },
    McpLane,
    Gate,
    LegacyPosts,
    ModernPosts,
    ListenStreams,
    Listening,
    SessionTalk,
    StdioFace,
    FirstLists,
    ListenerCount,
    Standing,
    McpSessions,
    OpenLinks,
    Runs,
    Methods,
    Greeting,
    ToolMethods,
    PromptMethods,
    ResourceMethods,
    CompletionMethods,
    SessionMethods,
    MergedNames,
    Changes,
    WatchedResourcesOfServers,
    ListReplies,
    OfferedLists,
    AskedServers,
    VisibleServers,
  ],
  exports: [McpLane],
})
export class McpFaceModule {}
