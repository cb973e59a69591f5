import { Reflector } from '@nestjs/core';

/** Marks a controller whose routes are for callers with a key, where keys are set. All others are public: documents, health, metrics. */
export const NeedsKey = Reflector.createDecorator<true>();
