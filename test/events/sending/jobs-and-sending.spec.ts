import { Injectable } from '@nestjs/common';
import {
  InProcessEvents,
  type Job,
  JobsService,
  JobType,
  OnJobRequested,
  OnReliableEvent,
  ReliableEvent,
  RequestJob,
} from '../../../lib/index.js';
import { RunningJobs } from '../../support/running-jobs.js';

@ReliableEvent('document.signed')
class DocumentSigned {
  constructor(readonly documentId: string) {}
}

const document = (id: string) => ({ type: 'Document', id });

@JobType('document.sign', { completeOn: [DocumentSigned, (event) => document(event.documentId)] })
class SignDocument {}

@Injectable()
class Receivers {
  static heard: string[] = [];

  @OnJobRequested(SignDocument, { id: 'remind' })
  remind(job: Job): void {
    Receivers.heard.push(`requested ${job.status}`);
  }

  @OnReliableEvent(DocumentSigned, { id: 'archive' })
  archive(): void {
    Receivers.heard.push('signed');
  }
}

describe('What is sent in process', () => {
  let running: RunningJobs;

  beforeAll(async () => {
    running = await RunningJobs.start({ providers: [SignDocument, Receivers] });
  });
  afterAll(() => running.close());

  const sender = (): InProcessEvents => running.application.context.get(InProcessEvents);

  it('does not reach what jobs wait for; what is emitted does', async () => {
    const jobs = running.application.context.get(JobsService);
    const { job } = await jobs.request(SignDocument, { target: document('1') });
    const answers = await sender().sendRobust(new DocumentSigned('1'));
    const afterSend = (await jobs.find(job.id))?.status;
    await running.application.events.emit(new DocumentSigned('1'));
    await running.application.drained();

    expect(answers).toEqual([{ receiver: 'archive', value: undefined }]);
    expect([afterSend, (await jobs.find(job.id))?.status]).toEqual(['pending', 'completed']);
  });

  it('carries out no command to jobs', async () => {
    await expect(sender().sendRobust(new RequestJob('document.sign', { target: document('2') }))).resolves.toEqual([]);
    expect(await running.of('2')).toEqual([]);
  });
});
