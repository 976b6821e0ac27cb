/** Token of the secret that access tokens are signed with. */
export const TOKEN_SECRET = Symbol('TOKEN_SECRET');
