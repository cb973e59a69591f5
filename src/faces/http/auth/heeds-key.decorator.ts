import { Reflector } from '@nestjs/core';

/** Marks a controller whose routes are public, and show a caller with a key what this key may use: one that is wrong is refused. */
export const HeedsKey = Reflector.createDecorator<true>();
