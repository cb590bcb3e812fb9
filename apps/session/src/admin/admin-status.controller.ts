import { Controller } from '@nestjs/common';
import { AdminRoute } from '#libs/admin-api';
import { AskProcesses } from './ask-processes.js';
import { readStatus } from './status-routes.js';

/** Figures of processes. */
@Controller()
export class AdminStatusController {
  constructor(private readonly processes: AskProcesses) {}

  @AdminRoute(readStatus)
  async read() {
    return { processes: await this.processes.all() };
  }
}
