import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsDefined,
  IsIn,
  IsInt,
  IsNotEmpty,
  IsObject,
  IsOptional,
  IsString,
  Matches,
  Max,
  MaxLength,
  Min,
  ValidateNested,
} from 'class-validator';
import { IDEMPOTENCY_KEY, wrongKey } from '../../../call/idempotency/idempotency-key.js';
import { LEGAL_ID } from '../../../correlation/request-context.js';
import { ELICITATION_ACTIONS, type InboundType, TOPICS } from './inbound-data.js';

const OBJECT = { message: 'must be an object' };
const TEXT = { message: 'must be a string' };
const ID = { message: 'must be 1 to 128 letters, digits and . _ -' };
const WHOLE = { message: 'must be a whole number' };
/** Longer than MAX_CALL_DURATION can be set. */
const LONGEST_MS = 86_400_000;
const MAX_NAME = 1_000;

class Frame {
  @IsString(TEXT)
  type: unknown;

  @IsOptional()
  @Matches(LEGAL_ID, ID)
  correlation_id?: unknown;

  /** What is not legal is as if it were not there, as in a header. */
  @IsOptional()
  @IsString(TEXT)
  traceparent?: unknown;

  @IsOptional()
  @IsString(TEXT)
  tracestate?: unknown;
}

class Nothing {}

class ToolCall {
  @IsString(TEXT)
  @IsNotEmpty({ message: 'must not be empty' })
  @MaxLength(MAX_NAME, { message: `must not be longer than ${MAX_NAME} characters` })
  name: unknown;

  /** The tool's own schema judges what is in it. */
  @IsOptional()
  @IsObject(OBJECT)
  arguments?: unknown;

  @IsOptional()
  @Matches(IDEMPOTENCY_KEY, { message: wrongKey('call') })
  idempotency_key?: unknown;

  @IsOptional()
  @IsInt(WHOLE)
  @Min(1, { message: 'must be at least 1' })
  @Max(LONGEST_MS, { message: `must be at most ${LONGEST_MS}` })
  timeout_ms?: unknown;
}

class ElicitationResponse {
  @IsString(TEXT)
  @MaxLength(100, { message: 'must be the id of the elicitation_request' })
  id: unknown;

  @IsIn(ELICITATION_ACTIONS, { message: `must be one of ${ELICITATION_ACTIONS.join(', ')}` })
  action: unknown;

  /** The server's own schema judges what is in it. */
  @IsOptional()
  @IsObject(OBJECT)
  content?: unknown;
}

class ListTools {
  @IsOptional()
  @Matches(/^\d{1,9}$/, { message: 'must be the next_cursor of the page before' })
  cursor?: unknown;
}

class Subscribe {
  @IsArray({ message: 'must be an array' })
  @ArrayMaxSize(TOPICS.length, { message: 'must name each only once' })
  @IsIn(TOPICS, { each: true, message: `must hold nothing but ${TOPICS.join(', ')}` })
  topics: unknown;
}

class Resume {
  @IsString(TEXT)
  @MaxLength(100, { message: 'must be the resume_token of connection_established' })
  resume_token: unknown;

  @IsInt(WHOLE)
  @Min(0, { message: 'must be at least 0' })
  last_seq: unknown;
}

class ToolCallFrame extends Frame {
  @IsDefined({ message: 'required' })
  @IsObject(OBJECT)
  @ValidateNested()
  @Type(() => ToolCall)
  data: unknown;
}

/** Its id is that of the call: what is optional in {@link Frame} would be here, too. */
class FrameOfCall {
  @IsString(TEXT)
  type: unknown;

  @Matches(LEGAL_ID, ID)
  correlation_id: unknown;
}

class ElicitationResponseFrame extends FrameOfCall {
  @IsDefined({ message: 'required' })
  @IsObject(OBJECT)
  @ValidateNested()
  @Type(() => ElicitationResponse)
  data: unknown;
}

class CancelFrame extends FrameOfCall {
  @IsOptional()
  @IsObject(OBJECT)
  @ValidateNested()
  @Type(() => Nothing)
  data?: unknown;
}

class ListToolsFrame extends Frame {
  @IsOptional()
  @IsObject(OBJECT)
  @ValidateNested()
  @Type(() => ListTools)
  data?: unknown;
}

class SubscribeFrame extends Frame {
  @IsDefined({ message: 'required' })
  @IsObject(OBJECT)
  @ValidateNested()
  @Type(() => Subscribe)
  data: unknown;
}

class PingFrame extends Frame {
  @IsOptional()
  @IsObject(OBJECT)
  @ValidateNested()
  @Type(() => Nothing)
  data?: unknown;
}

class ResumeFrame extends Frame {
  @IsDefined({ message: 'required' })
  @IsObject(OBJECT)
  @ValidateNested()
  @Type(() => Resume)
  data: unknown;
}

/** The class of each frame that is taken. */
export const INBOUND_FRAMES: Readonly<Record<InboundType, new () => object>> = {
  tool_call: ToolCallFrame,
  cancel: CancelFrame,
  elicitation_response: ElicitationResponseFrame,
  list_tools: ListToolsFrame,
  subscribe: SubscribeFrame,
  ping: PingFrame,
  resume: ResumeFrame,
};
