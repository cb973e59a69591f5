import { ValidationPipe } from '@nestjs/common';
import * as classTransformer from 'class-transformer';
import * as classValidator from 'class-validator';
import type { ValidationError } from 'class-validator';
import { type Problem, problemsToOutcome } from '@app/mcp-openapi';
import { type FailedOutcome, outcomeToFields } from '../../../errors/failed-outcome.js';
import { GatewayException } from '../../../errors/gateway.exception.js';
import type { InboundType } from './inbound-data.js';
import { INBOUND_FRAMES } from './inbound-frames.dto.js';

const pipes = Object.fromEntries(Object.entries(INBOUND_FRAMES).map(([type, expectedType]) => [type, pipeFor(expectedType)]));

/** A frame as its class has it. Rejects with a 400 that names each member that is wrong. */
export function judgeFrame(type: InboundType, value: object): Promise<unknown> {
  return (pipes[type] as ValidationPipe).transform(value, { type: 'body' }) as Promise<unknown>;
}

function pipeFor(expectedType: new () => object): ValidationPipe {
  return new ValidationPipe({
    expectedType,
    validatorPackage: classValidator,
    transformerPackage: classTransformer,
    // A name that is misspelt is told, and not taken for nothing.
    whitelist: true,
    forbidNonWhitelisted: true,
    exceptionFactory: (errors: ValidationError[]) =>
      new GatewayException(400, outcomeToFields(problemsToOutcome(problemsOf(errors, '')) as FailedOutcome)),
  });
}

function problemsOf(errors: readonly ValidationError[], above: string): Problem[] {
  return errors.flatMap(({ property, constraints, children = [], value }) => {
    const field = `${above}${property}`;
    const own = constraints ? [{ field, issue: issueOf(constraints, value) }] : [];
    return [...own, ...problemsOf(children, `${field}.`)];
  });
}

function issueOf(constraints: Readonly<Record<string, string>>, value: unknown): string {
  if (constraints.whitelistValidation !== undefined) return 'unknown';
  if (value === undefined || value === null) return 'required';
  const kind = OF_KIND.find((name) => name in constraints);
  return kind === undefined ? (Object.values(constraints)[0] as string) : (constraints[kind] as string);
}

/** What is of another kind than it should be meets none of the other constraints either, which would mislead. */
const OF_KIND = ['isString', 'isInt', 'isArray', 'isObject'];
