/** The kind of error that a message or a user is who was due when there was no connection for it: the verdict knows it by that. */
export const noConnection = 'not sent: no connection'
