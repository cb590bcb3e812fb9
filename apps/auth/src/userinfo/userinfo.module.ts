import { Module } from '@nestjs/common';
import { ACCESS_TOKEN_READER } from './access-token-reader.js';
import { UserinfoController } from './userinfo.controller.js';
import { UserinfoEndpoint } from './userinfo.endpoint.js';

/** Injects people, clients and the view, all global in auth. */
@Module({ controllers: [UserinfoController], providers: [...ACCESS_TOKEN_READER, UserinfoEndpoint] })
export class UserinfoModule {}
