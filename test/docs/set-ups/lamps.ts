import {
  Controller,
  type INestApplication,
  type INestApplicationContext,
  Injectable,
  Module,
  Param,
  Post,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { MessagePattern, type MicroserviceOptions, Payload, Transport } from '@nestjs/microservices';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { TypeOrmModule } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { JobsModule, OnReliableEvent, ReliableEvent, ReliableEvents } from '../../../lib/index.js';

@ReliableEvent('lamp.lit')
export class LampLit {
  constructor(readonly room: string) {}
}

@Injectable()
export class Lamps {
  readonly lit: string[] = [];

  @OnReliableEvent(LampLit, { id: 'lamps' })
  light({ room }: LampLit): void {
    this.lit.push(room);
  }
}

/** Stands for what an application does before it emits. */
@Injectable()
export class Work {
  readonly done = (): Promise<unknown> => this.pending;
  pending: Promise<unknown> = Promise.resolve();
}

// #region controller
@Controller('lamps')
export class LampsController {
  constructor(
    private readonly dataSource: DataSource,
    private readonly events: ReliableEvents,
    private readonly work: Work,
  ) {}

  @Post(':room') // of the HTTP server, Express or Fastify
  async request(@Param('room') room: string): Promise<void> {
    await this.light(room);
  }

  @MessagePattern('lamps.light') // of the microservice
  async message(@Payload() room: string): Promise<string> {
    await this.light(room);
    return room;
  }

  private async light(room: string): Promise<void> {
    await this.dataSource.transaction(async (manager) => {
      await this.work.done();
      await this.events.emit(new LampLit(room), { manager });
    });
  }
}
// #endregion

@Module({
  imports: [
    TypeOrmModule.forRoot({
      type: 'postgres',
      url: process.env['DATABASE_URL'],
      autoLoadEntities: true,
      synchronize: true,
    }),
    JobsModule.forRoot(),
  ],
  controllers: [LampsController],
  providers: [Lamps, Work],
})
export class AppModule {}

export async function startExpress(): Promise<INestApplication> {
  // #region express
  const app = await NestFactory.create(AppModule);
  app.enableShutdownHooks();
  await app.listen(process.env['PORT'] ?? 3000);
  // #endregion
  return app;
}

export async function startFastify(): Promise<INestApplication> {
  // #region fastify
  const app = await NestFactory.create<NestFastifyApplication>(AppModule, new FastifyAdapter());
  app.enableShutdownHooks();
  await app.listen(process.env['PORT'] ?? 3000);
  // #endregion
  return app;
}

export async function startHybrid(): Promise<INestApplication> {
  // #region hybrid
  const app = await NestFactory.create(AppModule);
  app.connectMicroservice<MicroserviceOptions>(
    { transport: Transport.TCP, options: { port: Number(process.env['TCP_PORT'] ?? 3001) } },
    { inheritAppConfig: true },
  );
  app.enableShutdownHooks();
  await app.startAllMicroservices();
  await app.listen(process.env['PORT'] ?? 3000);
  // #endregion
  return app;
}

export async function startContext(): Promise<INestApplicationContext> {
  // #region context
  const app = await NestFactory.createApplicationContext(AppModule);
  app.enableShutdownHooks();
  // #endregion
  return app;
}
