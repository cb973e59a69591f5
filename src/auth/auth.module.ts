import { Module } from '@nestjs/common';
import { AuthService } from './auth.service.js';
import { Permissions } from './permissions.js';

@Module({ providers: [AuthService, Permissions], exports: [AuthService, Permissions] })
export class AuthModule {}
