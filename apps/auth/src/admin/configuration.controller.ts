import { Controller } from '@nestjs/common';
import { AdminCaller, AdminInput, type AdminInputOf, AdminRoute, type CallingClient } from '#libs/admin-api';
import { ApplyText } from '../configuration-import/apply-text.js';
import { configurationRoutes } from './configuration-routes.js';

type Input<K extends keyof typeof configurationRoutes> = AdminInputOf<(typeof configurationRoutes)[K]>;

/** The import while the service runs. */
@Controller()
export class AdminConfigurationController {
  constructor(private readonly text: ApplyText) {}

  @AdminRoute(configurationRoutes.plan)
  plan(@AdminInput() { body }: Input<'plan'>) {
    return this.text.plan(body);
  }

  @AdminRoute(configurationRoutes.apply)
  apply(@AdminInput() { body: { plan, ...file } }: Input<'apply'>, @AdminCaller() caller: CallingClient) {
    return this.text.apply(file, plan, caller);
  }
}
