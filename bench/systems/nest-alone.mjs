// An application without any queue: what Nest, TypeORM and `pg` take by themselves.
import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { TypeOrmModule } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';

export async function prepare() {}

export async function openProducer() {
  return { close: async () => undefined };
}

export async function openWorker(url) {
  class AloneModule {}
  Module({ imports: [TypeOrmModule.forRoot({ type: 'postgres', url })] })(AloneModule);
  const application = await NestFactory.createApplicationContext(AloneModule, { logger: ['error', 'warn'] });
  await application.get(DataSource).query('select 1');
  return { close: () => application.close() };
}
