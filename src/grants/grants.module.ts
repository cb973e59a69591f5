import { Global, Module } from '@nestjs/common';
import { Callback } from './callback.service.js';
import { GrantLinks } from './grant-links.service.js';
import { GrantStore } from './grant-store.service.js';
import { Grants } from './grants.service.js';
import { LoopbackListeners } from './loopback-listeners.service.js';
import { PublicAddress } from './public-address.service.js';
import { ServersOfGrants } from './servers-of-grants.js';

const PARTS = [GrantStore, Grants, GrantLinks, PublicAddress, ServersOfGrants, Callback];

/** What people grant to the gateway at authorization servers. */
@Global()
@Module({ providers: [...PARTS, LoopbackListeners], exports: PARTS })
export class GrantsModule {}
