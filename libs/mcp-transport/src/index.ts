export { BriefMap } from './call/brief-map.js';
export { CallDeadline } from './call/call-deadline.js';
export { CallAbort, type CallSignal } from './call/call-signal.js';
export { collectAllGarbage, collectYoungGarbage } from './garbage/collect-garbage.js';
export { leaveLargeGarbage } from './garbage/large-garbage.js';
export { JoinedPieces } from './inbox/joined-pieces.js';
export { PacedTexts } from './inbox/paced-texts.js';
export { callEnd, pauseCall } from './call/call-pause.js';
export { declined, type QuestionAnswer, type QuestionMethod, type ServerQuestion, unanswered } from './questions/server-question.js';
export type { UpstreamAnswer, UpstreamCall, UpstreamRequest } from './call/upstream-answer.js';
export { type CallerCredentials, toCredentials, toOwnersCredentials } from './call/caller-credentials.js';
export { HttpConnector } from './http/http.connector.js';
export { MAX_CALL_CONNECTIONS } from './http/http-endpoint.js';
export { causeOf, isConnectionGone, isUnreachable } from './network-error.js';
export { readUpTo } from './read-up-to.js';
export { fetchThrough } from './proxy/fetch-through.js';
export { type ForwardProxy, proxyFor, type ProxySettings, shownProxy } from './proxy/proxies.js';
export { throughProxy } from './proxy/through-proxy.js';
export { paramHeaderFault } from './http/headers/param-header-fault.js';
export { asksForParamHeaders, paramHeaders } from './http/headers/param-headers.js';
export { SseReader } from './http/events/sse-reader.js';
export { Authorization } from './oauth/authorization.js';
export { clientAuthentication } from './oauth/client-authentication.js';
export type { GrantClient } from './oauth/grant-provider.js';
export type { Challenge, ClientRegistration, GrantKeeper, GrantRecord, PendingAuthorization } from './oauth/grant-record.js';
export { AuthorizationNeeded, TokenError } from './oauth/token-error.js';
export type {
  ClientCredentialsSettings,
  ConnectionSettings,
  HttpServerSettings,
  OAuthClientSettings,
  PersonGrantSettings,
  SigningKey,
  ServerTls,
  StdioServerSettings,
} from './server-settings.js';
export { endChild, startChild, startChildEarly } from './stdio/child-process.js';
export { ListTooLarge } from './tool-list.js';
export { LineSplitter } from './stdio/line-splitter.js';
export { longestStartMs, StdioConnector } from './stdio/stdio.connector.js';
export type {
  ConnectionEvents,
  NegotiatedServer,
  PoolUse,
  ServerNotice,
  TransportName,
  UpstreamConnection,
  UpstreamConnector,
} from './upstream-connection.js';
