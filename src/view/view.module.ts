import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/auth.module.js';
import { DiscoveryModule } from '../discovery/discovery.module.js';
import { CallerViews } from './caller-views.service.js';
import { ForwardedCredentials } from './forwarded-credentials.service.js';
import { PermittedCatalog } from './permitted-catalog.service.js';
import { ServerReports } from './server-reports.service.js';
import { UserGrants } from './user-grants.service.js';

const PROVIDERS = [UserGrants, PermittedCatalog, CallerViews, ForwardedCredentials, ServerReports];

/** What a caller sees: tools, servers, and what of their headers goes to servers. */
@Module({ imports: [AuthModule, DiscoveryModule], providers: PROVIDERS, exports: PROVIDERS })
export class ViewModule {}
