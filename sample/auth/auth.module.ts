import { type DynamicModule, Global, Module } from '@nestjs/common';

import { AccessGuard } from './access.guard.js';
import { AccessTokens } from './access-tokens.js';
import { TOKEN_SECRET } from './token-secret.token.js';

/** Who calls. */
@Global()
@Module({ providers: [AccessTokens, AccessGuard], exports: [AccessTokens, AccessGuard] })
export class AuthModule {
  /** @param tokenSecret what tokens are signed with, the same in every process. */
  static forRoot({ tokenSecret }: { readonly tokenSecret: string }): DynamicModule {
    return { module: AuthModule, providers: [{ provide: TOKEN_SECRET, useValue: tokenSecret }] };
  }
}
