import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Response } from 'express';
import { CallSlots } from '../../../throttler/call-slots.js';
import { LimitedCalls } from './limited-calls.decorator.js';

/** Gives a call its place among those in flight. It comes after the caller is known, so that strangers hold none. */
@Injectable()
export class CallSlotsGuard implements CanActivate {
  constructor(
    private readonly slots: CallSlots,
    private readonly reflector: Reflector,
  ) {}

  canActivate(execution: ExecutionContext): boolean {
    if (this.reflector.get(LimitedCalls, execution.getClass())) this.slots.take(execution.switchToHttp().getResponse<Response>());
    return true;
  }
}
