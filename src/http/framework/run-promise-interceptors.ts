import { ExecutionContextHost } from '@nestjs/core/helpers/execution-context-host.js';
import { InterceptorsConsumer } from '@nestjs/core/interceptors/interceptors-consumer.js';
import { PromiseInterceptor } from './promise-interceptor.js';

type Intercept = typeof InterceptorsConsumer.prototype.intercept;

/**
 * Lets Nest run interceptors that are all {@link PromiseInterceptor}s one after another. Its own way, an Observable and an
 * AsyncResource around each and the machinery for streamed answers around all, costs a call a quarter of its CPU time. Routes with
 * any other interceptor keep Nest's way, as all of them would if this were gone.
 */
export function runPromiseInterceptors(): void {
  const asNest: Intercept = InterceptorsConsumer.prototype.intercept;
  if (asNest.name === runsPromises.name) return;
  InterceptorsConsumer.prototype.intercept = runsPromises;

  function runsPromises(this: InterceptorsConsumer, ...given: Parameters<Intercept>): ReturnType<Intercept> {
    const [interceptors, args, instance, callback, handler, type] = given;
    if (interceptors.length === 0 || !interceptors.every((each) => each instanceof PromiseInterceptor)) return asNest.apply(this, given);
    const execution = new ExecutionContextHost(args, instance.constructor as never, callback as never);
    execution.setType(type ?? 'http');
    const runFrom = (index: number): Promise<unknown> => {
      const interceptor = interceptors[index] as PromiseInterceptor | undefined;
      return interceptor ? interceptor.run(execution, () => runFrom(index + 1)) : handler();
    };
    return runFrom(0);
  }
}
