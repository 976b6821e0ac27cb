/** Version of this package, as its processes tell it. */
export const PACKAGE_VERSION = '0.1.0';
