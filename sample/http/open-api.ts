import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';

/** Serves what the routes are at `/api`, for people, and at `/api-json`, for programs. */
export function serveOpenApi(app: INestApplication): void {
  const description =
    'Payments, orders and analytics; accounts and their onboarding; a staff queue and personal lists.';
  const config = new DocumentBuilder()
    .setTitle('The sample of nestjs-jobs')
    .setDescription(description)
    .setVersion('1')
    .addBearerAuth()
    .build();
  SwaggerModule.setup('api', app, () => SwaggerModule.createDocument(app, config));
}
