/** What a process knows of the receivers, which differs from deploy to deploy. */
export interface Deployment {
  readonly name: DeploymentName;
  /** The receiver `mail` is called `post`, with its former name as an alias. */
  readonly renames: boolean;
  /** The receiver `metrics` is not there. */
  readonly lacks: boolean;
  /** Version of the event that orders are told with. */
  readonly version: 1 | 2;
}

export type DeploymentName = keyof typeof deployments;

const known = {
  base: { renames: false, lacks: false, version: 1 },
  renamed: { renames: true, lacks: false, version: 1 },
  lacking: { renames: false, lacks: true, version: 1 },
  versioned: { renames: false, lacks: false, version: 2 },
  /** Understands everything the others wrote. */
  full: { renames: true, lacks: false, version: 2 },
} as const;

export const deployments: Readonly<Record<keyof typeof known, Omit<Deployment, 'name'>>> = known;

export function deploymentOf(name: DeploymentName): Deployment {
  return { name, ...deployments[name] };
}
