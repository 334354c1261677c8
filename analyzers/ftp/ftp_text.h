/* ftp_text.h - the texts of FTP's control connection: verbs and the replies that fit them, addresses in arguments and replies, paths.
 *
 * Pure functions on slices; nothing here knows of a connection's state.
 */
#ifndef OTO_FTP_TEXT_H
#define OTO_FTP_TEXT_H

#include "oto_plugin.h"

enum ftp_verb_flags {
	FTP_LOGGED = 1,  /* Zeek's ftp.log has a row for it */
	FTP_PATH = 2,    /* its argument is a path */
	FTP_GET = 4,     /* a file goes to the client */
	FTP_PUT = 8,     /* a file goes to the server */
	FTP_SECRET = 16, /* its argument is nobody's business */
	FTP_LIST = 32,   /* a list goes to the client */
};

struct ftp_verb {
	const char *name, *doc;
	uint32_t flags;       /* enum ftp_verb_flags */
	uint16_t replies[20]; /* those that fit it, zero at the end */
};

/* The verb of that name in any case; NULL: none that is known. */
const struct ftp_verb *ftp_verb_of(struct oto_slice name);
/* Does a reply with this code fit the verb? */
bool ftp_fits(const struct ftp_verb *verb, uint16_t code);
/* What stands for the client's connection when the server greets. */
const struct ftp_verb *ftp_greeting(void);

/* The code of a reply line, 0: there is none. */
uint16_t ftp_code(struct oto_slice line);

struct ftp_endpoint {
	struct oto_addr addr; /* of family NONE in an EPSV reply: the server's own */
	uint16_t port;
};
/* "10,0,0,1,4,5", anywhere in a reply (RFC 959 4.1.2). False when it is none. */
bool ftp_port(struct oto_slice text, struct ftp_endpoint *at);
/* "|1|10.0.0.1|1029|" or "|||1029|" (RFC 2428). */
bool ftp_extended_port(struct oto_slice text, struct ftp_endpoint *at);

/* The directory in a reply to PWD. */
struct oto_slice ftp_directory(struct oto_slice text);
/* `name` seen from `directory`, without "." and ".."; returns its length in `out`, at most `room`. */
uint32_t ftp_path(struct oto_slice directory, struct oto_slice name, uint8_t *out, uint32_t room);
/* The last number in a text; false when there is none. */
bool ftp_last_number(struct oto_slice text, uint64_t *n);

#endif
