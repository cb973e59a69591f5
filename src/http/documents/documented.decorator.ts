type Swagger = typeof import('@nestjs/swagger');
type SwaggerDecorator = MethodDecorator | ClassDecorator;

const waiting: ((swagger: Swagger) => void)[] = [];

/**
 * Describes a controller or an endpoint in the gateway's own document with the decorators of `@nestjs/swagger`. They are applied
 * when somebody first reads that document: loading Swagger costs a fifth of the start and 17 MB, and most gateways never show it.
 */
export function Documented(decorators: (swagger: Swagger) => readonly SwaggerDecorator[]): ClassDecorator & MethodDecorator {
  return (...target: unknown[]): void => {
    waiting.push((swagger) => {
      for (const decorate of decorators(swagger)) (decorate as (...target: unknown[]) => void)(...target);
    });
  };
}

/** Applies what waits to be applied; harmless when repeated. */
export function applyDocumentation(swagger: Swagger): void {
  for (const apply of waiting.splice(0)) apply(swagger);
}
