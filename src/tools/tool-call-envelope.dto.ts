import { ApiProperty } from '@nestjs/swagger';
import { IsNotEmpty, IsObject, IsString } from 'class-validator';

/** A tool call that names its tool: `{"name", "arguments"}` (requirements CALL). */
export class ToolCallEnvelope {
  @ApiProperty({ description: 'The tool, as /openapi.json names it.', example: 'create_task' })
  @IsString({ message: 'must be a string' })
  @IsNotEmpty({ message: 'must not be empty' })
  name: string;

  @ApiProperty({
    description: "The tool's arguments.",
    type: 'object',
    additionalProperties: true,
    example: { title: 'Review quarterly reports' },
  })
  @IsObject({ message: 'must be an object' })
  arguments: Record<string, unknown>;
}
