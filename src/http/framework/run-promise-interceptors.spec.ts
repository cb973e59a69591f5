import 'reflect-metadata';
import {
  type CallHandler,
  Controller,
  type ExecutionContext,
  Get,
  Injectable,
  Module,
  type NestInterceptor,
  UseInterceptors,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { InterceptorsConsumer } from '@nestjs/core/interceptors/interceptors-consumer.js';
import type { AddressInfo } from 'node:net';
import { map, type Observable } from 'rxjs';
import { PromiseInterceptor } from './promise-interceptor.js';
import { runPromiseInterceptors } from './run-promise-interceptors.js';

const ways: string[] = [];

@Injectable()
class Outer extends PromiseInterceptor<string, string> {
  override async run(execution: ExecutionContext, next: () => Promise<string>): Promise<string> {
    ways.push(`${execution.getClass().name}.${execution.getHandler().name} ${execution.getType()}`);
    return `outer(${await next()})`;
  }

  override intercept(execution: ExecutionContext, next: CallHandler<string>): Observable<string> {
    ways.push('as Nest');
    return super.intercept(execution, next);
  }
}

@Injectable()
class Inner extends PromiseInterceptor<string, string> {
  override async run(_: ExecutionContext, next: () => Promise<string>): Promise<string> {
    return `inner(${await next()})`;
  }
}

@Injectable()
class Streamed implements NestInterceptor<string, string> {
  intercept(_: ExecutionContext, next: CallHandler<string>): Observable<string> {
    return next.handle().pipe(map((answer) => `streamed(${answer})`));
  }
}

@Controller()
class Routes {
  @Get('ours')
  @UseInterceptors(Outer, Inner)
  ours(): Promise<string> {
    return Promise.resolve('answer');
  }

  @Get('mixed')
  @UseInterceptors(Outer, Streamed)
  mixed(): string {
    return 'answer';
  }

  @Get('none')
  none(): string {
    return 'answer';
  }

  @Get('fails')
  @UseInterceptors(Outer)
  fails(): string {
    throw new Error('no');
  }
}

@Module({ controllers: [Routes], providers: [Outer, Inner, Streamed] })
class App {}

const nests = InterceptorsConsumer.prototype.intercept;

describe.each(['runPromiseInterceptors', "Nest's own way"])('%s', (way) => {
  const isOurs = way === 'runPromiseInterceptors';
  let url: string;
  let close: () => Promise<void>;

  beforeAll(async () => {
    InterceptorsConsumer.prototype.intercept = nests;
    if (isOurs) runPromiseInterceptors();
    const app = await NestFactory.create(App, { logger: false });
    await app.listen(0, '127.0.0.1');
    url = `http://127.0.0.1:${(app.getHttpServer() as { address(): AddressInfo }).address().port}`;
    close = () => app.close();
  });
  afterAll(async () => {
    await close();
    InterceptorsConsumer.prototype.intercept = nests;
  });

  it.each([
    ['ours', 'outer(inner(answer))', isOurs ? ['Routes.ours http'] : ['as Nest', 'Routes.ours http']],
    ['mixed', 'outer(streamed(answer))', ['as Nest', 'Routes.mixed http']],
    ['none', 'answer', []],
  ])('[C3] answers /%s the same', async (path, answer, expectedWays) => {
    ways.length = 0;
    const response = await fetch(`${url}/${path}`);
    expect([response.status, await response.text(), ways]).toEqual([200, answer, expectedWays]);
  });

  it("leaves a handler's failure to the filters", async () => {
    expect((await fetch(`${url}/fails`)).status).toBe(500);
  });
});
