import { Controller } from '@nestjs/common';
import { type ResponseOf, viewApi } from '#libs/contracts';
import { Internal, InternalBody, type InternalRequest } from '#libs/http';
import { ViewService } from './view.service.js';

/** Answered once the entries are in the set: the caller counts on it. Served before readiness, since a view that is starting needs hints too. */
@Controller()
export class HintController {
  constructor(private readonly views: ViewService) {}

  @Internal(viewApi.hint)
  hint(@InternalBody() { entries }: InternalRequest<typeof viewApi.hint>): ResponseOf<typeof viewApi.hint> {
    this.views.receive(entries, 'hint');
    return {};
  }
}
