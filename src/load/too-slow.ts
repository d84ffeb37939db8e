/** The kind of error that a message is which was due, and which the generator came to too late: verdict and conditions know it by that. */
export const tooSlow = 'not sent: the generator was too slow'
