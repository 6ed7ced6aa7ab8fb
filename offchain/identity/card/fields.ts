/**
 * How A2A 1.0's protocol buffers have the fields of an agent card: which stand in its canonical form even when they hold
 * what they would hold anyway.
 */
export interface Field {
  /** `REQUIRED` or `optional` in the schema: what was given is kept. Any other field is left out when empty. */
  readonly kept: boolean;
  /** The message that it holds, or each member of its list. */
  readonly of?: Message;
  /** The message that each value of its map holds. */
  readonly mapOf?: Message;
}

export type Message = Readonly<Record<string, Field>>;

const KEPT: Field = { kept: true };
const PLAIN: Field = { kept: false };

function kept(of: Message): Field {
  return { kept: true, of };
}

function plain(of: Message): Field {
  return { kept: false, of };
}

const INTERFACE: Message = { url: KEPT, protocolBinding: KEPT, tenant: PLAIN, protocolVersion: KEPT };

const PROVIDER: Message = { url: KEPT, organization: KEPT };

const EXTENSION: Message = { uri: PLAIN, description: PLAIN, required: PLAIN, params: PLAIN };

const CAPABILITIES: Message = {
  streaming: KEPT,
  pushNotifications: KEPT,
  extensions: plain(EXTENSION),
  extendedAgentCard: KEPT,
};

const REQUIREMENT: Message = { schemes: { kept: false, mapOf: { list: PLAIN } } };

const SKILL: Message = {
  id: KEPT,
  name: KEPT,
  description: KEPT,
  tags: KEPT,
  examples: PLAIN,
  inputModes: PLAIN,
  outputModes: PLAIN,
  securityRequirements: plain(REQUIREMENT),
};

const FLOW: Message = { refreshUrl: PLAIN, authorizationUrl: KEPT, tokenUrl: KEPT, scopes: KEPT, pkceRequired: PLAIN };

const DEVICE_FLOW: Message = { deviceAuthorizationUrl: KEPT, tokenUrl: KEPT, refreshUrl: PLAIN, scopes: KEPT };

/** What one of several is, is said even where nothing more is. */
const FLOWS: Message = {
  authorizationCode: kept(FLOW),
  clientCredentials: kept(FLOW),
  deviceCode: kept(DEVICE_FLOW),
};

const SCHEME: Message = {
  apiKeySecurityScheme: kept({ description: PLAIN, location: KEPT, name: KEPT }),
  httpAuthSecurityScheme: kept({ description: PLAIN, scheme: KEPT, bearerFormat: PLAIN }),
  oauth2SecurityScheme: kept({ description: PLAIN, flows: kept(FLOWS), oauth2MetadataUrl: PLAIN }),
  openIdConnectSecurityScheme: kept({ description: PLAIN, openIdConnectUrl: KEPT }),
  mtlsSecurityScheme: kept({ description: PLAIN }),
};

export const CARD: Message = {
  name: KEPT,
  description: KEPT,
  supportedInterfaces: kept(INTERFACE),
  provider: plain(PROVIDER),
  version: KEPT,
  documentationUrl: KEPT,
  capabilities: kept(CAPABILITIES),
  securitySchemes: { kept: false, mapOf: SCHEME },
  securityRequirements: plain(REQUIREMENT),
  defaultInputModes: KEPT,
  defaultOutputModes: KEPT,
  skills: kept(SKILL),
  iconUrl: KEPT,
};
