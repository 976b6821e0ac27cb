import { Inject, Injectable, Module, type Type } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { namedProviders } from '../../lib/data-sources/named-providers.js';
import { namedToken } from '../../lib/data-sources/named-token.js';

@Injectable()
class Service {
  constructor(@Inject('name') readonly name: string) {}
}

@Injectable()
class OtherService {
  constructor(
    @Inject('name') readonly name: string,
    readonly service: Service,
  ) {}
}

@Injectable()
class Inner {
  constructor(
    readonly other: OtherService,
    readonly service: Service,
  ) {}
}

const FACTORY = Symbol('factory');
const exported: readonly Type[] = [Service, OtherService];
const providers = [
  Service,
  { provide: OtherService, useClass: OtherService },
  Inner,
  {
    provide: FACTORY,
    inject: [Service, { token: OtherService, optional: true }],
    useFactory: (service: Service, other: OtherService) => [service.name, other.name],
  },
];

function moduleOf(name: string) {
  @Module({
    providers: [{ provide: 'name', useValue: name }, ...namedProviders(providers, exported, name)],
    exports: exported.map((service) => namedToken(service, name)),
  })
  class Engine {}
  return Engine;
}

describe('The providers of a named data source', () => {
  const [one, other] = [moduleOf('default'), moduleOf('billing')];

  it.each([
    ['default', one],
    ['billing', other],
  ])('inject those of their own, beside others: %s', async (name, engine) => {
    const module = await Test.createTestingModule({ imports: [one, other] }).compile();
    const own = { strict: true };
    const { other: found, service } = module.select(engine).get(Inner, own);
    const made = module.select(engine).get<string[]>(FACTORY, own);
    expect([found.name, found.service.name, service.name, made]).toEqual([name, name, name, [name, name]]);
  });

  it('keep the names of their classes', async () => {
    const module = await Test.createTestingModule({ imports: [one, other] }).compile();
    expect(module.get<OtherService>(namedToken(OtherService, 'billing'), { strict: false }).constructor.name).toBe(
      'OtherService',
    );
  });
});
