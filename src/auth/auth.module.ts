import { Module } from '@nestjs/common';
import { AuthService } from './auth.service.js';
import { OpenWebUiRequests } from './open-webui-requests.service.js';
import { Permissions } from './permissions.js';

const PARTS = [AuthService, OpenWebUiRequests, Permissions];

@Module({ providers: PARTS, exports: PARTS })
export class AuthModule {}
