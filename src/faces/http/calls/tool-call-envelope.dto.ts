import { IsNotEmpty, IsObject, IsString, validateSync, type ValidationError } from 'class-validator';

/** A tool call that names its tool: `{"name", "arguments"}` (requirements CALL). */
class ToolCallEnvelope {
  @IsString({ message: 'must be a string' })
  @IsNotEmpty({ message: 'must not be empty' })
  name: unknown;

  @IsObject({ message: 'must be an object' })
  arguments: unknown;
}

/** What is wrong with an envelope's two members; nothing when it is one. */
export function envelopeErrors(value: Readonly<Record<string, unknown>>): ValidationError[] {
  return validateSync(Object.assign(new ToolCallEnvelope(), { name: value.name, arguments: value.arguments }));
}
