import { Module } from '@nestjs/common';
import { AuthService } from './auth.service.js';
import { OpenWebUiRequests } from './open-webui-requests.service.js';
import { Permissions } from './permissions.js';
import { SignIn } from './sign-in.service.js';

const PARTS = [AuthService, OpenWebUiRequests, Permissions, SignIn];

/** Who calls, and what they may use. */
@Module({ providers: PARTS, exports: PARTS })
export class AuthModule {}
