import { Reflector } from '@nestjs/core';

/** Marks a controller whose requests are calls: each spends one of its caller's, and holds a place among those in flight. */
export const LimitedCalls = Reflector.createDecorator<true>();
