import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateOrders1700000000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('create table orders (id text primary key, status text not null)');
    await queryRunner.query('create table parcels (id serial primary key, order_id text not null)');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop table parcels');
    await queryRunner.query('drop table orders');
  }
}
